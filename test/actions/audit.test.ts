import { randomUUID } from 'node:crypto';
import { DeleteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureNamespace } from '../../functions/actions/accounts.ts';
import { audit } from '../../functions/actions/audit.ts';
import { ping } from '../../functions/actions/ping.ts';
import type { Attempt } from '../../functions/domain/delivery.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import type { Namespace } from '../../functions/domain/namespace.ts';
import type { Verdict } from '../../functions/domain/webhook.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { attemptKey } from '../../functions/store/attempt-item.ts';
import { failedAttempt } from '../support/attempt.ts';
import { countCalls } from '../support/calls.ts';
import { expectConservation } from '../support/conservation.ts';
import { type Deployment, deploy } from '../support/deployment.ts';

const NOON = Date.parse('2026-11-23T12:00:00Z');
const HOUR = 3_600_000;

let deployment: Deployment;
let namespace: Namespace;
/** Each test has its own webhook, which is in the log alone: an audit asks no one whether it still exists. */
let webhookId = 100;

beforeAll(async () => {
  deployment = await deploy();
});
beforeEach(async () => {
  deployment.clock.nowMs = NOON;
  webhookId += 1;
  namespace = await ensureNamespace(deployment.accounts, { username: 'admin', path: `audit-${webhookId}` });
});
afterAll(() => deployment.stop());

type Given = readonly Partial<Attempt>[];

/** An event of 11:59 for the webhook, with the attempts of its delivery; answers what names these. */
async function event(attempts: Given, createdAt = '2026-11-23T11:59:00.000Z', verdict: Verdict = 'sent') {
  const id = randomUUID();
  const key = { eventId: id, eventCreatedAt: createdAt, namespaceId: namespace.id, webhookId };
  const of = { ...key, deliveryId: deliveryId({ id, createdAt }, webhookId) };
  await deployment.events.open([
    {
      event: { id, type: 'cron', createdAt, payload: '{}', namespaceId: namespace.id },
      verdicts: { [verdict]: [webhookId] },
      receivedAt: createdAt,
      openedBy: 'test',
    },
  ]);
  const recordings = attempts.map((given) => {
    const attempt = failedAttempt({ nextAttemptAt: undefined, ...of, ...given });
    const dueAt = attempt.status === 'held' ? createdAt : attempt.nextAttemptAt;
    return { attempt, dueAtMs: dueAt === undefined ? undefined : Date.parse(dueAt) };
  });
  if (recordings.length > 0) await deployment.attempts.record(recordings);
  return of;
}

const run = (range: { readonly sinceMs?: number; readonly untilMs?: number } = {}) =>
  audit(
    { events: deployment.events, attempts: deployment.attempts, now: deployment.world.now },
    { namespaceId: namespace.id, sinceMs: 0, ...range },
  );

const RETRYING = { status: 'retrying', nextAttemptAt: '2026-11-23T12:05:00.000Z' } as const;

it('counts every delivery where it stands, by its last attempt', async () => {
  await event([
    { number: 1, ...RETRYING },
    { number: 2, status: 'succeeded' },
  ]);
  await event([{ status: 'dead' }]);
  await event([{ status: 'dead' }, { number: 2, firstOfRun: 2, status: 'succeeded' }]);
  await event([{ status: 'cancelled' }]);
  await event([RETRYING]);
  await event([{ ...RETRYING, nextAttemptAt: '2026-11-23T12:04:00.000Z' }]);
  await event([{ status: 'held' }]);
  await event([]);
  expect(await run()).toEqual({
    events: 8,
    matching: 8,
    counts: { succeeded: 2, dead: 1, cancelled: 1, retrying: 2, held: 1, queued: 1, missing: 0, stuck: 0 },
    expired: 0,
    oldestQueuedAt: '2026-11-23T11:59:00.000Z',
    oldestDueAt: '2026-11-23T12:04:00.000Z',
    violationCount: 0,
    violations: [],
  });
});

it('counts what came while a webhook was inactive once it has been recovered, and holds it to the law', async () => {
  await event([], undefined, 'inactive');
  await event([], undefined, 'not_subscribed');
  expect(await run()).toMatchObject({ events: 2, matching: 0 });
  await event([{ status: 'succeeded' }], undefined, 'inactive');
  const stuck = await event([{ status: 'retrying' }], undefined, 'inactive');
  const report = await run();
  expect(report).toMatchObject({ events: 4, matching: 2, counts: { succeeded: 1, stuck: 1, queued: 0 } });
  expect(report.violations).toMatchObject([{ kind: 'stuck', deliveryId: stuck.deliveryId }]);
});

it('looks at the events of its stretch of time alone, however many pages they take', async () => {
  const at = (minute: number) => new Date(NOON - minute * 60_000).toISOString();
  for (let minute = 1; minute <= 215; minute++) await event([{ status: 'succeeded' }], at(minute));
  expect(await run()).toMatchObject({ events: 215, counts: { succeeded: 215 } });
  // From the 210th minute before noon on, until before the 5th.
  const some = await run({ sinceMs: Date.parse(at(210)), untilMs: Date.parse(at(5)) });
  expect(some).toMatchObject({ events: 205, matching: 205, counts: { succeeded: 205 } });
});

it('reads only', async () => {
  await event([RETRYING]);
  const calls = countCalls(deployment.world);
  await run();
  expect([...calls]).toEqual([['Query', 2]]);
});

describe('finds', () => {
  const found = async () => (await run()).violations.map(({ kind, deliveryId: id }) => [kind, id]);

  it('a delivery of which there is no trace six hours after its event came, and not before', async () => {
    const { deliveryId: id } = await event([{ status: 'succeeded' }]);
    await deployment.table.db.send(
      new DeleteCommand({
        TableName: deployment.table.name,
        Key: attemptKey({ webhookId, deliveryId: id, number: 1 }),
      }),
    );
    deployment.clock.nowMs = Date.parse('2026-11-23T11:59:00Z') + 6 * HOUR - 1;
    expect(await run()).toMatchObject({ counts: { queued: 1 }, violations: [] });
    deployment.clock.nowMs += 1;
    expect(await found()).toEqual([['missing', id]]);
    expect(await run()).toMatchObject({ matching: 1, counts: { missing: 1, queued: 0 } });
  });

  it('none of a test that was cut before it was sent, of which nobody was told that it is under way', async () => {
    const { id } = await deployment.addWebhook({ payload_url: 'http://127.0.0.1:9999/' }, namespace);
    const which = { namespace, webhookId: id };
    const deps = apiDeps(deployment.engines.settings, deployment.world);
    const deliveries = { send: async () => [false] };
    await expect(ping({ ...deps, deliveries }, which, 'build.finished')).rejects.toThrow(
      'did not take a test delivery',
    );
    expect(await run()).toMatchObject({ events: 1, matching: 1, counts: { queued: 1 } });
    deployment.clock.nowMs += 6 * HOUR;
    expect(await run()).toMatchObject({ events: 1, matching: 0, violations: [] });
  });

  it.each(['due_at', 'due_shard', 'next_attempt_at'])(
    'a retry that nobody will make, for it has no %s',
    async (name) => {
      const { deliveryId: id } = await event([RETRYING]);
      await deployment.table.db.send(
        new UpdateCommand({
          TableName: deployment.table.name,
          Key: attemptKey({ webhookId, deliveryId: id, number: 1 }),
          UpdateExpression: `REMOVE ${name}`,
        }),
      );
      expect(await found()).toEqual([['stuck', id]]);
      expect(await run()).toMatchObject({ counts: { stuck: 1, retrying: 0 } });
    },
  );

  it('two successes in one run, but not in two', async () => {
    const { deliveryId: id } = await event([{ status: 'succeeded' }, { number: 2, status: 'succeeded' }]);
    await event([{ status: 'succeeded' }, { number: 2, firstOfRun: 2, status: 'succeeded' }]);
    expect(await found()).toEqual([['succeeded_twice', id]]);
  });

  it('numbers that are missing between attempts, and before them', async () => {
    const between = await event([RETRYING, { number: 3, status: 'dead' }]);
    const before = await event([{ number: 2, status: 'dead' }], '2026-11-23T11:58:00.000Z');
    expect(await found()).toEqual([
      ['gap', between.deliveryId],
      ['gap', before.deliveryId],
    ]);
  });

  it('an attempt after the one that was under way when its run was cancelled, but not that one or a redelivery', async () => {
    const on = await event([{ status: 'cancelled' }, { number: 2, ...RETRYING }, { number: 3, status: 'dead' }]);
    await event([{ status: 'cancelled' }, { number: 2, status: 'succeeded' }]);
    await event([
      { status: 'cancelled' },
      { number: 2, firstOfRun: 2, ...RETRYING },
      { number: 3, firstOfRun: 2, ...RETRYING },
    ]);
    expect(await found()).toEqual([['after_cancelled', on.deliveryId]]);
  });

  it('no fault in what has expired: neither without attempts nor without the first ones', async () => {
    await event([{ status: 'dead' }]);
    await event([
      { status: 'dead' },
      { number: 2, firstOfRun: 2, startedAt: '2026-12-20T12:00:00.000Z', status: 'dead' },
    ]);
    deployment.clock.nowMs += 31 * 24 * HOUR;
    expect(await run()).toMatchObject({ events: 2, matching: 1, expired: 1, counts: { dead: 1 }, violations: [] });
  });

  it('more than it tells of one by one, and counts them', async () => {
    const times = Array.from({ length: 105 }, (_, index) => new Date(NOON - index * 1000).toISOString());
    for (const time of times) await event([{ status: 'retrying' }], time);
    const report = await run();
    expect(report.violationCount).toBe(105);
    expect(report.violations).toHaveLength(100);
  });
});

describe('the check that ends every test of a fault', () => {
  const of = () => ({ namespaceId: namespace.id, receivers: [] });

  it('fails where the law is broken', async () => {
    await event([{ status: 'retrying' }]);
    await expect(expectConservation(deployment, of())).rejects.toThrow(/nothing violates the law/);
  });

  it('fails where nothing was attempted and no message is left', async () => {
    await event([]);
    await expect(expectConservation(deployment, of())).rejects.toThrow(/has a message/);
  });

  it('fails where a receiver has not heard of what succeeded', async () => {
    await event([{ status: 'succeeded' }]);
    await expect(expectConservation(deployment, of())).rejects.toThrow(/in the ledger/);
  });
});
