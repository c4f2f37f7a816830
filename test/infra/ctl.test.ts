import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Operator, startOperator, type TokenFacts } from '../support/operator.ts';
import { CTL_WITHIN_MS } from '../support/started.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

let operator: Operator;
beforeAll(async () => {
  operator = await startOperator();
});
afterAll(() => operator.stop());

describe('token', () => {
  it('create prints the token alone on standard output, and all of it as JSON', async () => {
    const { stdout, stderr } = await operator.ctl('token', 'create', 'admin');
    expect(stdout).toMatch(/^djinn_\S+\n$/);
    expect(stderr).toMatch(/^A token of admin: webhook:read.* It is shown this once:\n$/);
    const created = await operator.facts<TokenFacts>(
      'token',
      'create',
      'admin',
      '--name',
      'laptop',
      '--scopes',
      'webhook:read',
    );
    expect(created).toEqual({
      id: expect.stringMatching(UUID),
      name: 'laptop',
      username: 'admin',
      scopes: ['webhook:read'],
      created_at: expect.stringMatching(/Z$/),
      last_used_on: null,
      expires_at: null,
      token: expect.stringMatching(/^djinn_/),
    });
    expect(await operator.status(created.token)).toBe(200);
  });

  it('create takes an expiry', async () => {
    const { expires_at } = await operator.facts<TokenFacts>('token', 'create', 'admin', '--expires', '30d');
    const days = (Date.parse(expires_at ?? '') - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(29.9);
    expect(days).toBeLessThanOrEqual(30);
    const at = '2999-01-31T12:00:00+01:00';
    expect((await operator.ctl('token', 'create', 'admin', '--expires', at)).stderr).toContain(
      'until 2999-01-31T11:00:00.000Z',
    );
    expect(await operator.failure('token', 'create', 'admin', '--expires', 'soon')).toMatch(
      /^"soon" is no time: write 30d, .*\n$/,
    );
    expect(await operator.failure('token', 'create', 'admin', '--expires', '0d')).toMatch(
      / has passed: write a time to come\n$/,
    );
  });

  it('list shows what there is, with the latest use, and nothing that lets anyone in', async () => {
    const { token, ...created } = await operator.facts<TokenFacts>('token', 'create', 'lister', '--name', 'laptop');
    const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
    const before = Date.now();
    expect(await operator.status(token, '/user')).toBe(200);
    // Midnight may be between.
    const days = [dayOf(before), dayOf(Date.now())];
    const [listed] = await operator.facts<[{ last_used_on: string }]>('token', 'list', 'lister');
    expect(listed).toEqual({ ...created, last_used_on: expect.toBeOneOf(days) });
    const today = listed.last_used_on;
    const { stdout } = await operator.ctl('token', 'list', 'lister');
    expect(stdout).toMatch(/^ID +NAME +SCOPES +CREATED +LAST USED +EXPIRES\n/);
    expect(stdout).toMatch(new RegExp(`\n${created.id}  laptop  webhook:read,.*  ${today}  never\n$`));
    expect(await operator.failure('token', 'list', 'nobody')).toBe('There is no user nobody\n');
  });

  it('revoke works at once, and once', async () => {
    const { id, token } = await operator.facts<TokenFacts>('token', 'create', 'admin');
    expect(await operator.status(token)).toBe(200);
    expect((await operator.ctl('token', 'revoke', 'admin', id)).stdout).toBe(`Revoked the token ${id} of admin\n`);
    expect(await operator.status(token)).toBe(404);
    expect(await operator.failure('token', 'revoke', 'admin', id)).toBe(`admin has no token with the id "${id}"\n`);
    const other = await operator.facts<TokenFacts>('token', 'create', 'admin');
    expect(await operator.facts('token', 'revoke', 'admin', other.id)).toEqual({
      id: other.id,
      username: 'admin',
      revoked: true,
    });
  });
});

describe('webhook', () => {
  type WebhookFacts = {
    readonly id: number;
    readonly last_attempt: { readonly status: string; readonly remote_address: string } | null;
  };
  const lastAttempt = async (id: number) =>
    (await operator.facts<readonly WebhookFacts[]>('webhook', 'list', 'admin/shop')).find((one) => one.id === id)
      ?.last_attempt;

  /** A webhook of its own namespace that always fails, with one delivery that waits for its second attempt. */
  async function failing(): Promise<number> {
    const { token } = await operator.facts<TokenFacts>('token', 'create', 'admin');
    await operator.ctl('namespace', 'add', 'admin/shop');
    const created = await fetch(`${operator.url}/n/admin/shop/-/webhooks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ payload_url: `${operator.url}/inbox?status=500`, events: ['cron'] }),
    });
    const { id } = (await created.json()) as WebhookFacts;
    expect((await operator.ctl('webhook', 'list', 'admin/shop')).stdout).toMatch(/yes +cron +none yet\n$/);
    await operator.ctl('event', 'emit', 'cron', '--namespace', 'admin/shop');
    await until('it was attempted', async () => (await lastAttempt(id))?.status === 'retrying');
    return id;
  }

  it('list shows what became of the last attempt, and recover makes deliveries again', async () => {
    const id = await failing();
    const { stdout } = await operator.ctl('webhook', 'list', 'admin/shop');
    expect(stdout).toMatch(/^ID +URL +ACTIVE +EVENTS +LAST ATTEMPT\n/);
    expect(stdout).toMatch(/ {2}retrying: The receiver answered 500\n$/);
    expect((await lastAttempt(id))?.remote_address).toMatch(/^(127\.0\.0\.1|::1)$/);
    const words = ['webhook', 'recover', 'admin/shop', id.toString(), '--since', '1h'];
    const nothing = await operator.ctl(...words);
    expect(nothing.stderr).toBe('100 %: 1 read, 0 made again\n');
    expect(nothing.stdout).toMatch(/: 0 of 1 deliveries are made again. The recovery \S+ is finished\n$/);
    expect(await operator.facts(...words, '--status', 'retrying')).toMatchObject({
      webhook_id: id,
      status: 'finished',
      filter: { status: 'retrying' },
      deliveries_read: 1,
      deliveries_redelivered: 1,
      progress: 1,
    });
  });

  it('list shows from when on one that was inactive may have missed events, and recover makes all of that', async () => {
    const [{ id = 0 } = {}] = await operator.facts<{ id: number }[]>('webhook', 'list', 'admin/shop');
    const { token } = await operator.facts<TokenFacts>('token', 'create', 'admin');
    for (const active of [false, true]) {
      await fetch(`${operator.url}/n/admin/shop/-/webhooks/${id}`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ active }),
      });
    }
    const [shown] = await operator.facts<{ missed_since: string }[]>('webhook', 'list', 'admin/shop');
    const since = shown?.missed_since ?? '';
    expect((await operator.ctl('webhook', 'list', 'admin/shop')).stdout).toContain(
      `may have missed events since ${since}`,
    );
    const words = ['webhook', 'recover', 'admin/shop', id.toString(), '--since', since, '--status', 'missed'];
    expect(await operator.facts(...words)).toMatchObject({ status: 'finished', filter: { since, status: 'missed' } });
    expect(await operator.facts('webhook', 'list', 'admin/shop')).toMatchObject([{ missed_since: null }]);
  });

  it('recover says what is wrong', async () => {
    const words = ['webhook', 'recover', 'admin/demo'];
    expect(await operator.failure(...words, '4711', '--since', '1h')).toMatch(/^admin\/demo has no webhook 4711: see/);
    expect(await operator.failure(...words, 'x', '--since', '1h')).toMatch(/^A webhook's id is a whole number/);
    expect(await operator.failure(...words, '1', '--since', 'soon')).toMatch(/^Since must be a time such as/);
    expect(await operator.failure(...words, '1', '--since', '1h', '--status', 'lost')).toMatch(
      /^Status must be one of/,
    );
  });
});

it('event emit answers as JSON', async () => {
  expect(await operator.facts('event', 'emit', 'cron')).toEqual({
    id: expect.stringMatching(UUID),
    type: 'cron',
    namespace: 'admin/demo',
  });
});

it('token create gives the scope that can forge any event only by name', async () => {
  const scopesOf = async (...words: string[]) =>
    (await operator.facts<{ readonly scopes: readonly string[] }>('token', 'create', 'ci', ...words)).scopes;
  expect(await scopesOf()).not.toContain('event:write_all');
  expect(await scopesOf('--scopes', 'event:write,write_all')).toEqual(['event:write', 'event:write_all']);
  expect((await operator.ctl('token', 'create', '--help')).stdout).toMatch(/event:write_all is\s+given only by name/);
});

describe('what cannot be printed', () => {
  const exitCode = async (command: string) => {
    const script = `"${process.execPath}" infra/ctl.ts ${command}; echo "ended with $?" >&2`;
    return (await run('/bin/bash', ['-c', script], { env: operator.env, timeout: CTL_WITHIN_MS })).stderr;
  };

  it('is no success: a token that is lost is made once more', async () => {
    expect(await exitCode('token create admin --json >/dev/full')).toMatch(
      /^Standard output took not all of the answer \(ENOSPC\): .*\nended with 1\n$/,
    );
    expect(await exitCode('namespace list 2>/dev/full')).toBe('ended with 0\n');
    expect(await exitCode('token create admin 2>/dev/full')).toBe('ended with 1\n');
  });

  it('was not wanted where its reader has gone', async () => {
    expect(await exitCode('namespace list > >(true)')).toBe('ended with 0\n');
    expect(await exitCode('collaborator list admin/none 2> >(true)')).toBe('ended with 1\n');
  });
});
