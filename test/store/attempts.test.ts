import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Attempt } from '../../functions/domain/delivery.ts';
import { firstIdAt } from '../../functions/domain/id.ts';
import type { DueAttempt } from '../../functions/store/attempt-due.ts';
import { failedAttempt } from '../support/attempt.ts';
import { countCalls } from '../support/calls.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { intercept } from '../support/failing.ts';

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy();
});
afterAll(() => deployment.stop());

const NOW = Date.parse('2026-11-23T12:00:00Z');

async function due(untilMs: number): Promise<DueAttempt[]> {
  const pages: DueAttempt[] = [];
  for await (const page of deployment.attempts.due(untilMs)) pages.push(...page);
  return pages;
}

it('keeps all of an attempt', async () => {
  const whole = failedAttempt({
    request: { url: 'https://example.com/hook?a=1', headers: [['Content-Type', 'application/json; charset=utf-8']] },
    response: {
      status: 500,
      headers: [
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ],
      body: Buffer.from([0, 255, 128, 10]),
      truncated: true,
    },
    error: { class: 'status', message: 'The receiver answered 500' },
    connection: {
      dnsMs: 1,
      connectMs: 2,
      tlsMs: 3,
      firstByteMs: 4,
      httpVersion: '1.1',
      certificateExpiresAt: '2026-12-01T00:00:00.000Z',
      remoteAddress: '2606:4700:4700::1111',
    },
    number: 3,
    firstOfRun: 2,
  });
  await deployment.attempts.record([{ attempt: whole, dueAtMs: NOW + 1e9 }]);
  const [read] = (await deployment.attempts.delivery(1, whole.deliveryId, NOW)) ?? [];
  expect({ ...read, response: { ...read?.response, body: [...(read?.response?.body ?? [])] } }).toEqual({
    ...whole,
    response: { ...whole.response, body: [0, 255, 128, 10] },
  });
});

it('reads a delivery as it is at this moment, for a redelivery counts from its last attempt', async () => {
  const asked: unknown[] = [];
  const undo = intercept(deployment.world.dynamodb, 'Query', (input, send) => {
    asked.push((input as { readonly ConsistentRead?: boolean }).ConsistentRead);
    return send();
  });
  await deployment.attempts.delivery(1, failedAttempt().deliveryId, NOW);
  undo();
  expect(asked).toEqual([true]);
});

it('keeps what was recorded first', async () => {
  const first = failedAttempt({ status: 'succeeded', nextAttemptAt: undefined });
  expect(await deployment.attempts.record([{ attempt: first }])).toEqual(['inserted']);
  expect(await deployment.attempts.record([{ attempt: { ...first, status: 'dead' } }])).toEqual(['exists']);
  expect(await deployment.attempts.delivery(1, first.deliveryId, NOW)).toMatchObject([{ status: 'succeeded' }]);
});

it('finds what is due, of every shard, and nothing that is not', async () => {
  const soon = Array.from({ length: 40 }, () => failedAttempt());
  const later = failedAttempt();
  await deployment.attempts.record(soon.map((one, index) => ({ attempt: one, dueAtMs: NOW + index })));
  await deployment.attempts.record([{ attempt: later, dueAtMs: NOW + 100 }]);
  const found = await due(NOW + 99);
  expect(found.map((one) => one.deliveryId).sort()).toEqual(soon.map((one) => one.deliveryId).sort());
  expect(found[0]).toMatchObject({
    number: 1,
    webhookId: 1,
    namespaceId: 1,
    eventType: 'cron',
    nextAttemptAt: soon[0]?.nextAttemptAt,
  });
  for (const one of found) await deployment.attempts.settle(one);
  expect(await due(NOW + 99)).toEqual([]);
});

it('lets one of several claim a due attempt, until its time is up', async () => {
  const one = failedAttempt();
  await deployment.attempts.record([{ attempt: one, dueAtMs: NOW - 5 }]);
  const [found] = await due(NOW);
  if (found === undefined) throw new Error('nothing is due');
  const claims = await Promise.all([1, 2, 3].map(() => deployment.attempts.claim(found, NOW + 1000)));
  expect(claims.filter(Boolean)).toHaveLength(1);
  expect(await due(NOW)).toEqual([]);
  const again = (await due(NOW + 1000)).find(({ deliveryId: id }) => id === one.deliveryId);
  expect(again).toMatchObject({ deliveryId: one.deliveryId, dueAtMs: NOW + 1000 });
  await deployment.attempts.settle(found);
  expect(await deployment.attempts.claim(found, NOW + 2000), 'settled is settled').toBe(false);
});

it.each([
  ['the first run', 1, 2],
  ['a redelivery', 2, 1],
])(
  'cancels what is to follow an attempt of %s, and leaves alone one of another under its number',
  async (_, firstOfRun, other) => {
    const attempt = failedAttempt({ number: 2, firstOfRun });
    await deployment.attempts.record([{ attempt, dueAtMs: NOW + 1e9 }]);
    expect(await deployment.attempts.cancel({ ...attempt, firstOfRun: other }, NOW)).toBe(false);
    expect(await deployment.attempts.delivery(1, attempt.deliveryId, NOW)).toMatchObject([{ status: 'retrying' }]);
    expect(await deployment.attempts.cancel(attempt, NOW)).toBe(true);
    expect(await deployment.attempts.delivery(1, attempt.deliveryId, NOW)).toMatchObject([{ status: 'cancelled' }]);
  },
);

it('what was held and is cancelled stays in the log for 30 days more, as what is made of its delivery then does; that takes a call more', async () => {
  const DAY = 24 * 3_600_000;
  const startedAt = new Date(NOW - 10 * DAY).toISOString();
  const held = failedAttempt({ status: 'held', startedAt, nextAttemptAt: undefined });
  const retrying = failedAttempt({ startedAt: new Date(NOW - DAY).toISOString() });
  await deployment.attempts.record([held, retrying].map((attempt) => ({ attempt, dueAtMs: NOW })));
  const calls = countCalls(deployment.world);
  expect(await deployment.attempts.cancel(retrying, NOW)).toBe(true);
  const callsOfOne = calls.get('UpdateItem');
  expect(await deployment.attempts.cancel(held, NOW)).toBe(true);
  const lasting = async ({ deliveryId }: Attempt, days: number) =>
    (await deployment.attempts.delivery(1, deliveryId, NOW + days * DAY - 1_000))?.map(({ status }) => status);
  expect([await lasting(held, 30), await lasting(held, 31)]).toEqual([['cancelled'], undefined]);
  expect([await lasting(retrying, 29), await lasting(retrying, 30)]).toEqual([['cancelled'], undefined]);
  expect([callsOfOne, calls.get('UpdateItem')]).toEqual([1, 1 + 2]);
});

it('says nothing of an attempt that is older than 30 days', async () => {
  const old = failedAttempt({ webhookId: 2, startedAt: '2026-10-24T11:59:59.000Z' });
  const young = failedAttempt({ webhookId: 2, startedAt: '2026-10-24T12:00:01.000Z' });
  await deployment.attempts.record([{ attempt: old }, { attempt: young }]);
  expect(await deployment.attempts.delivery(2, old.deliveryId, NOW)).toBeUndefined();
  const { rows: deliveries } = await deployment.attempts.page(2, { limit: 10, nowMs: NOW });
  expect(deliveries.map(([{ deliveryId: id }]) => id)).toEqual([young.deliveryId]);
});

it('finds the latest attempt behind what is held and what has expired, which may be of newer events', async () => {
  const of = (nth: number) => ({ webhookId: 3, deliveryId: firstIdAt(NOW - nth), nextAttemptAt: undefined });
  const made = failedAttempt({ ...of(3), status: 'succeeded' });
  await deployment.attempts.record([
    { attempt: failedAttempt({ ...of(1), status: 'dead', startedAt: '2026-10-24T11:59:59.000Z' }) },
    { attempt: failedAttempt({ ...of(2), status: 'held' }), dueAtMs: NOW },
    { attempt: made },
  ]);
  expect(await deployment.attempts.latest(3, NOW)).toMatchObject({ made: { deliveryId: made.deliveryId } });
  expect(await deployment.attempts.latest(4, NOW)).toEqual({ made: undefined, held: undefined });
});

it('finds the latest attempt behind thousands that are held, as far as one call reads, and the newest of these', async () => {
  const of = (nth: number) => ({ webhookId: 5, deliveryId: firstIdAt(NOW - nth), nextAttemptAt: undefined });
  const held = Array.from({ length: 1_500 }, (_, nth) => failedAttempt({ ...of(nth), status: 'held' }));
  for (let from = 0; from < held.length; from += 100) {
    await deployment.attempts.record(held.slice(from, from + 100).map((attempt) => ({ attempt, dueAtMs: NOW })));
  }
  const newest = { deliveryId: held[0]?.deliveryId, status: 'held' };
  expect(await deployment.attempts.latest(5, NOW)).toMatchObject({ made: undefined, held: newest });
  const made = failedAttempt({ ...of(1_500), status: 'succeeded' });
  await deployment.attempts.record([{ attempt: made }]);
  expect(await deployment.attempts.latest(5, NOW)).toMatchObject({
    made: { deliveryId: made.deliveryId },
    held: newest,
  });
  // As where there are more than a call reads: it answers none of them, and where it stopped.
  let reads = 0;
  const undo = intercept(deployment.world.dynamodb, 'Query', async (_, send) => {
    const answered = await send();
    if (++reads < 3) return answered;
    return {
      ...answered,
      output: { ...answered.output, Items: [], LastEvaluatedKey: { pk: { S: 'a' }, sk: { S: 'b' } } },
    };
  });
  expect(await deployment.attempts.latest(5, NOW)).toMatchObject({ made: undefined, held: newest });
  expect(reads).toBe(3);
  undo();
});

it('reads one attempt of many, while it is kept', async () => {
  const attempt = failedAttempt({ webhookId: 6 });
  await deployment.attempts.record([{ attempt }]);
  expect(await deployment.attempts.attempt(attempt, NOW)).toEqual(attempt);
  expect(await deployment.attempts.attempt({ ...attempt, number: 2 }, NOW)).toBeUndefined();
  expect(await deployment.attempts.attempt(attempt, NOW + 31 * 24 * 3_600_000)).toBeUndefined();
});
