import { afterAll, beforeAll, expect, it } from 'vitest';
import { recentAttempts } from '../../functions/actions/recent.ts';
import type { Attempt } from '../../functions/domain/delivery.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import { statisticsOf } from '../../functions/domain/statistics.ts';
import { failedAttempt } from '../support/attempt.ts';
import { countCalls } from '../support/calls.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { intercept } from '../support/failing.ts';

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy();
});
afterAll(() => deployment.stop());

const NOON_MS = Date.parse('2026-11-23T12:00:00Z');
const HOUR_MS = 60 * 60 * 1000;
const EVENT_ID = '5b0c9c5e-3d5f-4c3f-8f43-7d3c1f3b7c11';

const deps = () => ({ attempts: deployment.attempts, now: () => deployment.clock.nowMs });

function idOf(webhookId: number, agoMs: number): string {
  return deliveryId({ id: EVENT_ID, createdAt: new Date(NOON_MS - agoMs).toISOString() }, webhookId);
}

/** Records an attempt of an event that happened so long before noon, and was sent at once. */
async function record(webhookId: number, agoMs: number, differences: Partial<Attempt> = {}): Promise<void> {
  const at = new Date(NOON_MS - agoMs).toISOString();
  const attempt = failedAttempt({
    webhookId,
    deliveryId: idOf(webhookId, agoMs),
    startedAt: at,
    eventCreatedAt: at,
    ...differences,
  });
  expect(await deployment.attempts.record([{ attempt }])).toEqual(['inserted']);
}

it('reads the attempts of the last 24 hours, newest first, with what statistics need', async () => {
  const response = { status: 503, headers: [['x', 'y']] as const, body: Buffer.from('no'), truncated: false };
  const error = { class: 'status', message: 'The receiver answered 503' } as const;
  await record(11, 24 * HOUR_MS + 1);
  await record(11, 24 * HOUR_MS, { status: 'succeeded' });
  await record(11, HOUR_MS, { response, error, durationMs: 40 });
  await record(11, HOUR_MS, {
    number: 2,
    startedAt: '2026-11-23T11:30:00.000Z',
    error: { class: 'dns', message: 'No' },
  });
  await record(12, HOUR_MS);
  const recent = await recentAttempts(deps(), [{ id: 11 }, { id: 13 }], { limit: 100 });
  expect(recent.get(11)).toEqual({
    attempts: [
      {
        deliveryId: idOf(11, HOUR_MS),
        status: 'retrying',
        startedAt: '2026-11-23T11:30:00.000Z',
        durationMs: 12,
        errorClass: 'dns',
        nextAttemptAt: failedAttempt().nextAttemptAt,
      },
      {
        deliveryId: idOf(11, HOUR_MS),
        nextAttemptAt: failedAttempt().nextAttemptAt,
        status: 'retrying',
        startedAt: '2026-11-23T11:00:00.000Z',
        durationMs: 40,
        responseStatus: 503,
        errorClass: 'status',
      },
      {
        deliveryId: idOf(11, 24 * HOUR_MS),
        status: 'succeeded',
        startedAt: '2026-11-22T12:00:00.000Z',
        durationMs: 12,
        nextAttemptAt: failedAttempt().nextAttemptAt,
      },
    ],
    isCut: false,
    fromMs: NOON_MS - 24 * HOUR_MS,
    untilMs: NOON_MS,
  });
  expect(recent.get(13)).toMatchObject({ attempts: [], isCut: false, fromMs: NOON_MS - 24 * HOUR_MS });
});

it('says where it was cut, and spans the time that it has read', async () => {
  for (const hours of [1, 2, 3]) await record(21, hours * HOUR_MS);
  const read = async (limit: number) => (await recentAttempts(deps(), [{ id: 21 }], { limit })).get(21);
  expect(await read(3)).toMatchObject({ isCut: false, fromMs: NOON_MS - 24 * HOUR_MS });
  const cut = await read(2);
  expect(cut).toMatchObject({ isCut: true, fromMs: NOON_MS - 2 * HOUR_MS, untilMs: NOON_MS });
  expect(cut?.attempts).toHaveLength(2);
  if (cut) expect(statisticsOf(cut.attempts, cut)).toMatchObject({ total: 2, failed: 2 });
});

it('takes a page of the table that ends early for what it is', async () => {
  await record(22, HOUR_MS);
  const undo = intercept(deployment.world.dynamodb, 'Query', async (_, send) => ({
    ...((await send()) as object),
    output: { Items: [], LastEvaluatedKey: { pk: { S: 'x' } }, $metadata: {} },
  }));
  const recent = await recentAttempts(deps(), [{ id: 22 }], { limit: 10 });
  undo();
  expect(recent.get(22)).toEqual({ attempts: [], isCut: true, fromMs: NOON_MS - 24 * HOUR_MS, untilMs: NOON_MS });
});

it('costs one call a webhook, however much there is', async () => {
  for (let ago = 0; ago < 30; ago++) await record(31, HOUR_MS + ago, { response: undefined });
  const calls = countCalls(deployment.world);
  const webhooks = Array.from({ length: 45 }, (_, index) => ({ id: 31 + index }));
  const recent = await recentAttempts(deps(), webhooks, { limit: 5 });
  expect(Object.fromEntries(calls)).toEqual({ Query: 45 });
  expect(recent.size).toBe(45);
  expect(recent.get(31)?.attempts).toHaveLength(5);
});
