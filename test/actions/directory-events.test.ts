import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createToken } from '../../functions/actions/accounts.ts';
import { applyToDirectory, type DirectoryEventDeps } from '../../functions/actions/directory-events.ts';
import type { CiEvent } from '../../functions/domain/event.ts';
import { ingestDeps } from '../../functions/runtime/deps.ts';
import { countCalls } from '../support/calls.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { namespacePayload } from '../support/directory.ts';
import { intercept } from '../support/failing.ts';

let deployment: Deployment;
let deps: DirectoryEventDeps;
let told: unknown[] = [];

beforeAll(async () => {
  deployment = await deploy();
  deps = {
    ...ingestDeps(deployment.engines.settings, deployment.world).directory,
    onUnusable: ({ id }, reason) => told.push([id, reason]),
    onFailure: ({ id }, error) => told.push([id, (error as Error).message]),
  };
});
beforeEach(() => {
  told = [];
});
afterAll(() => deployment.stop());

function event(payload: unknown, type: CiEvent['type'] = 'namespaces'): CiEvent {
  const createdAt = '2026-11-23T12:00:00.000Z';
  return { id: randomUUID(), type, namespaceId: 1, createdAt, payload: JSON.stringify(payload) };
}

const created = (id: number, user = 'ann') =>
  event({ action: 'created', namespace: namespacePayload({ id, path: `n${id}`, user }) });

it('says what could not be used, and that is no failure', async () => {
  const [useless, good] = [event({ action: 'created' }), created(50)];
  expect(await applyToDirectory(deps, [useless, good])).toEqual(new Set());
  expect(told).toEqual([[useless.id, 'The payload has no namespace']]);
  expect(await deployment.accounts.namespaces.byPath('ann', 'n50')).toMatchObject({ id: 50 });
});

it('goes by what comes later of a namespace that is said to have changed in a hundred years', async () => {
  const { id, path } = { id: 55, path: 'n55' };
  const payload = (action: string) => ({ action, namespace: namespacePayload({ id, path, user: 'ann' }) });
  const ahead = { ...event(payload('updated')), createdAt: '2126-01-01T00:00:00.000Z' };
  const deleted = event(payload('deleted'));
  const { nowMs } = deployment.clock;
  await applyToDirectory(deps, [created(id), ahead]);
  deployment.clock.nowMs = nowMs + 10 * 60_000;
  await applyToDirectory(deps, [{ ...deleted, createdAt: new Date(deployment.clock.nowMs).toISOString() }]);
  deployment.clock.nowMs = nowMs;
  expect(await deployment.accounts.namespaces.byPath('ann', path)).toBeUndefined();
});

it('answers what could not be applied for now, and says why; the others are applied', async () => {
  const [first, second] = [created(60), created(61)];
  const undo = intercept(deployment.world.dynamodb, 'TransactWriteItems', async (input, send) => {
    if (JSON.stringify(input).includes('"NAMESPACE#60"')) throw new Error('away');
    return send();
  });
  expect(await applyToDirectory(deps, [first, second])).toEqual(new Set([first]));
  undo();
  expect(told).toEqual([[first.id, 'away']]);
  expect(await deployment.accounts.namespaces.byPath('ann', 'n61')).toMatchObject({ id: 61 });
  expect(await applyToDirectory(deps, [first])).toEqual(new Set());
});

it('makes no call for other types of events', async () => {
  const calls = countCalls(deployment.world);
  await applyToDirectory(deps, [event({ action: 'created' }, 'cron'), event({}, 'invite.sent')]);
  expect(Object.fromEntries(calls)).toEqual({});
});

it('knows a user as the latest event says, with the CI’s id, whatever comes after', async () => {
  await deployment.accounts.users.add({ id: 1, username: 'carl', email: 'made@up', createdAt: 'made up' });
  const known = (email: string, createdAt: string) => {
    const namespace = { ...namespacePayload({ id: 70, path: 'n70', user: 'carl' }), user_id: 77 };
    return {
      ...event({ action: 'updated', namespace: { ...namespace, user: { username: 'carl', email } } }),
      createdAt,
    };
  };
  await applyToDirectory(deps, [
    known('new@ci', '2026-11-23T12:00:02.000Z'),
    known('old@ci', '2026-11-23T12:00:01.000Z'),
  ]);
  expect(await deployment.accounts.users.get('carl')).toMatchObject({ id: 77, email: 'new@ci' });
});

describe('a user’s id', () => {
  /** One event says it, the other, which may come before and happen after it, names the user alone. */
  const newsOf = (username: string) => {
    const namespace = { ...namespacePayload({ id: nextId++, path: username, user: username }), user_id: 77 };
    return {
      stated: { ...event({ action: 'created', namespace }), createdAt: '2026-11-23T12:00:01.000Z' },
      named: event({ invitee: { username }, namespace: { id: 1 } }, 'invite.accepted'),
      namedLater: {
        ...event({ invitee: { username }, namespace: { id: 1 } }, 'invite.accepted'),
        createdAt: '2026-11-23T12:00:02.000Z',
      },
    };
  };
  const idOf = async (username: string) => (await deployment.accounts.users.get(username))?.id;
  let nextId = 100;

  it('is the CI’s, in whatever order and however late the event comes that says it', async () => {
    const orders = [
      ['named', 'stated', 'namedLater'],
      ['stated', 'named', 'namedLater'],
      ['namedLater', 'stated', 'named'],
      ['namedLater', 'named', 'stated'],
    ] as const;
    for (const [index, order] of orders.entries()) {
      const news = newsOf(`ordered-${index}`);
      for (const which of order) await applyToDirectory(deps, [news[which]]);
      expect(await idOf(`ordered-${index}`)).toBe(77);
    }
  });

  it('is the CI’s where events come at once', async () => {
    for (let nth = 0; nth < 10; nth++) {
      const { named, stated, namedLater } = newsOf(`at-once-${nth}`);
      await Promise.all([named, stated, namedLater].map((one) => applyToDirectory(deps, [one])));
      expect(await idOf(`at-once-${nth}`)).toBe(77);
    }
  });

  it('changes nothing else of what is known as of later news', async () => {
    const { stated, namedLater } = newsOf('later');
    const payload = JSON.stringify({ invitee: { username: 'later', email: 'new@ci' }, namespace: { id: 1 } });
    await applyToDirectory(deps, [{ ...namedLater, payload }, stated]);
    expect(await deployment.accounts.users.get('later')).toMatchObject({ id: 77, email: 'new@ci' });
  });

  it('is made up where no event has said it, and then nobody else’s: by events and by hand alike', async () => {
    await applyToDirectory(deps, [newsOf('invited').named]);
    await createToken(deployment.accounts, { username: 'by-hand', name: 'laptop', scopes: [] });
    const ids = await Promise.all(['invited', 'by-hand', 'admin'].map(idOf));
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(Number.isSafeInteger(id) && (id ?? 0) > 2 ** 40).toBe(true);
  });
});
