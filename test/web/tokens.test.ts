import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createToken, listTokens, revokeToken } from '../../functions/actions/accounts.ts';
import { SCOPES, type Scope } from '../../functions/domain/token.ts';
import { intercept } from '../support/failing.ts';
import { type Api, headersOf, openApi, WEBHOOKS } from './api.ts';

const api: Api = await openApi();
const START = api.clock.nowMs;
const DAY_MS = 86_400_000;

beforeEach(() => {
  api.clock.nowMs = START;
});
afterAll(async () => {
  await api.stop();
  expect(api.bugs).toEqual([]);
});

async function make(of: { readonly expiresAt?: string; readonly scopes?: readonly Scope[] } = {}) {
  return createToken(api.accounts, { username: 'admin', name: 'test', scopes: SCOPES, ...of });
}

async function status(token: string): Promise<number> {
  return (await api.call(WEBHOOKS, { token })).status;
}

async function lastUsedOn(id: string): Promise<string | undefined> {
  return (await listTokens(api.accounts, 'admin')).find((token) => token.id === id)?.lastUsedOn;
}

/** Runs something; answers how many updates of single items it asked DynamoDB for. */
async function countUpdates(run: () => Promise<unknown>): Promise<number> {
  let updates = 0;
  const undo = intercept(api.world.dynamodb, 'UpdateItem', (_, send) => {
    updates += 1;
    return send();
  });
  await run().finally(undo);
  return updates;
}

/** A token that is no longer good is answered like one that never was: nothing tells the two apart. */
async function expectUnknown(token: string): Promise<void> {
  for (const path of [WEBHOOKS, '/user', '/n/admin/demo', '/no/such/path']) {
    const response = await api.call(path, { token });
    const unknown = await api.call(path, { token: `djinn_${'A'.repeat(43)}0c2b5986` });
    expect([response.status, await response.text()]).toEqual([404, '{"message":"Not found"}']);
    expect(headersOf(response)).toEqual(headersOf(unknown));
  }
}

describe('a token that expires', () => {
  it('is good until its instant, by our clock, and unknown from then on', async () => {
    const { token } = await make({ expiresAt: new Date(START + 60_000).toISOString() });
    api.clock.nowMs = START + 59_999;
    expect(await status(token)).toBe(200);
    api.clock.nowMs = START + 60_000;
    await expectUnknown(token);
    api.clock.nowMs = START + 365 * DAY_MS;
    await expectUnknown(token);
  });

  it('leaves tokens without an expiry alone', async () => {
    const { token } = await make();
    api.clock.nowMs = START + 3650 * DAY_MS;
    expect(await status(token)).toBe(200);
  });
});

describe('a revoked token', () => {
  it('is unknown from the next request on, while others stay', async () => {
    const [revoked, other] = [await make(), await make()];
    expect(await status(revoked.token)).toBe(200);
    await revokeToken(api.accounts, revoked.record);
    await expectUnknown(revoked.token);
    expect(await status(other.token)).toBe(200);
  });

  it('stays revoked where a request was under way', async () => {
    const { token, record } = await make();
    const undo = intercept(api.world.dynamodb, 'UpdateItem', async (_, send) => {
      await revokeToken(api.accounts, record);
      return send();
    });
    await api.call(WEBHOOKS, { token }).finally(undo);
    await expectUnknown(token);
  });
});

describe('the latest use', () => {
  it('is noted once a day', async () => {
    const { token, record } = await make();
    expect(await lastUsedOn(record.id)).toBeUndefined();
    expect(await countUpdates(() => status(token))).toBe(1);
    expect(await lastUsedOn(record.id)).toBe('2026-11-23');
    api.clock.nowMs = Date.parse('2026-11-23T23:59:59.999Z');
    expect(await countUpdates(async () => [await status(token), await status(token)])).toBe(0);
    api.clock.nowMs += 1;
    expect(await countUpdates(async () => [await status(token), await status(token)])).toBe(1);
    expect(await lastUsedOn(record.id)).toBe('2026-11-24');
  });

  it('is no use that was refused', async () => {
    const { token, record } = await make({ scopes: ['namespace:read'], expiresAt: new Date(START + 1).toISOString() });
    expect(await status(token)).toBe(404);
    api.clock.nowMs = START + 1;
    expect(await status(token)).toBe(404);
    expect(await lastUsedOn(record.id)).toBeUndefined();
  });

  it('goes unnoted, not unanswered, where DynamoDB takes no writes for now; the next use notes it', async () => {
    const { token, record } = await make();
    const undo = intercept(api.world.dynamodb, 'UpdateItem', async () => {
      throw Object.assign(new Error('Slow down'), { name: 'ThrottlingException' });
    });
    expect(await status(token).finally(undo)).toBe(200);
    expect(await lastUsedOn(record.id)).toBeUndefined();
    expect(await status(token)).toBe(200);
    expect(await lastUsedOn(record.id)).toBe('2026-11-23');
  });
});
