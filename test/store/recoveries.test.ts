import { randomUUID } from 'node:crypto';
import { TransactionConflictException } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { deliveryId, sortableId } from '../../functions/domain/id.ts';
import { attemptStore } from '../../functions/store/attempts.ts';
import { type RecoveryStore, type RunningRecovery, recoveryStore } from '../../functions/store/recoveries.ts';
import { failedAttempt } from '../support/attempt.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { intercept } from '../support/failing.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');

let deployment: Deployment;
let store: RecoveryStore;
let recovery: RunningRecovery;
let urls = 0;

beforeAll(async () => {
  deployment = await deploy();
  store = recoveryStore(deployment.table);
});
beforeEach(async () => {
  urls += 1;
  const webhook = await deployment.addWebhook({ payload_url: `https://receiver.example/${urls}` });
  recovery = running({ webhookId: webhook.id, namespaceId: webhook.namespaceId });
});
afterAll(() => deployment.stop());

function running({ webhookId, namespaceId }: Pick<RunningRecovery, 'webhookId' | 'namespaceId'>): RunningRecovery {
  return {
    id: sortableId(NOW, randomUUID()),
    status: 'running',
    filter: { since: '2026-11-23T11:00:00.000Z', until: '2026-11-23T12:00:00.000Z', status: 'dead' },
    deliveriesRead: 0,
    deliveriesRedelivered: 0,
    createdAt: '2026-11-23T12:00:00.000Z',
    updatedAt: '2026-11-23T12:00:00.000Z',
    dueAtMs: NOW,
    webhookId,
    namespaceId,
  };
}

const isDue = async (untilMs: number) => (await store.due(untilMs)).some(({ id }) => id === recovery.id);

it('keeps all of a recovery, and how far it is', async () => {
  expect(await store.add(recovery)).toBe('added');
  const { dueAtMs: _, ...kept } = recovery;
  expect(await store.find(recovery, NOW)).toEqual(kept);
  const further = { cursor: randomUUID(), deliveriesRead: 7, deliveriesRedelivered: 3 };
  const saved = await store.save(recovery, { ...recovery, ...further, dueAtMs: NOW + 5 });
  expect(saved).toEqual({ ...recovery, ...further, dueAtMs: NOW + 5 });
  expect(await store.find(recovery, NOW)).toEqual({ ...kept, ...further });
});

it('is due while it runs, for one of those who want to hold it', async () => {
  await store.add(recovery);
  expect([await isDue(NOW - 1), await isDue(NOW)]).toEqual([false, true]);
  const holds = await Promise.all([1, 2, 3].map(() => store.hold(recovery, NOW + 1000)));
  expect(holds.filter((held) => held !== undefined)).toHaveLength(1);
  expect([await isDue(NOW), await isDue(NOW + 1000)]).toEqual([false, true]);
  expect(await store.save(recovery, recovery), 'lost').toBeUndefined();
  const ending = { status: 'finished', finishedAt: '2026-11-23T12:00:09.000Z' } as const;
  expect(await store.end(recovery, recovery, ending), 'lost').toBe(false);
  expect(await store.end({ ...recovery, dueAtMs: NOW + 1000 }, recovery, ending)).toBe(true);
  expect(await isDue(NOW + 1000)).toBe(false);
  expect(await store.find(recovery, NOW)).toMatchObject(ending);
  expect(await store.cancel(recovery, ending.finishedAt), 'ended is ended').toBe(false);
});

it('is nobody else’s at the moment at which a user cancels it', async () => {
  await store.add(recovery);
  const undo = intercept(deployment.world.dynamodb, 'UpdateItem', async () => {
    throw new TransactionConflictException({ message: 'Transaction is ongoing for the item', $metadata: {} });
  });
  expect([await store.hold(recovery, NOW + 1000), await store.save(recovery, recovery)]).toEqual([
    undefined,
    undefined,
  ]);
  undo();
  expect(await store.hold(recovery, NOW + 1000)).toMatchObject({ id: recovery.id });
});

it('lets one run at a time, of an active webhook', async () => {
  await store.add(recovery);
  const next = running(recovery);
  expect(await store.add(next)).toBe('taken');
  expect(await store.cancel(recovery, recovery.updatedAt)).toBe(true);
  expect(await store.hold(recovery, NOW + 1000), 'cancelled').toBeUndefined();
  expect(await store.add(next)).toBe('added');
  expect(await store.add(running({ ...recovery, webhookId: 4711 }))).toBe('webhook_off');
  const webhook = await deployment.webhooks.get(recovery.namespaceId, recovery.webhookId);
  if (webhook === undefined) throw new Error('no webhook');
  await store.cancel(next, recovery.updatedAt);
  await deployment.webhooks.change(webhook, { active: false });
  expect(await store.add(running(recovery))).toBe('webhook_off');
});

it('stands beside the log without being in it, and does not make attempts due', async () => {
  await store.add(recovery);
  const attempts = attemptStore(deployment.table);
  const eventCreatedAt = '2026-11-23T11:30:00.000Z';
  const id = deliveryId({ id: randomUUID(), createdAt: eventCreatedAt }, recovery.webhookId);
  const attempt = failedAttempt({ deliveryId: id, webhookId: recovery.webhookId, eventCreatedAt });
  await attempts.record([{ attempt, dueAtMs: NOW }]);
  const { rows: deliveries } = await attempts.page(recovery.webhookId, { limit: 10, nowMs: NOW });
  expect(deliveries.map(([{ deliveryId: found }]) => found)).toEqual([id]);
  expect((await attempts.latest(recovery.webhookId, NOW)).made?.deliveryId).toBe(id);
  for await (const page of attempts.due(NOW)) expect(page.every((due) => due.eventType === 'cron')).toBe(true);
  expect(await isDue(NOW)).toBe(true);
});

it('reads a stretch up to its limit, and marks how far that was', async () => {
  const attempts = attemptStore(deployment.table);
  const ids = Array.from({ length: 9 }, (_, minute) =>
    deliveryId({ id: randomUUID(), createdAt: `2026-11-23T11:0${minute}:00.000Z` }, recovery.webhookId),
  );
  const { webhookId } = recovery;
  await attempts.record(ids.map((id) => ({ attempt: failedAttempt({ deliveryId: id, webhookId }) })));
  const times = {
    sinceMs: Date.parse('2026-11-23T11:01:00Z'),
    untilMs: Date.parse('2026-11-23T11:08:00Z'),
    nowMs: NOW,
  };
  const stretch = (after: string | undefined, limit: number) =>
    attempts.stretch(webhookId, { ...times, after, limit, lets: ({ last }) => last.deliveryId !== ids[2] });
  const first = await stretch(undefined, 2);
  expect(first).toMatchObject({ read: 3, last: ids[3], isEnd: false });
  expect(first.deliveries.map(({ last }) => last.deliveryId)).toEqual([ids[1], ids[3]]);
  const rest = await stretch(first.last, 100);
  expect(rest).toMatchObject({ read: 4, last: ids[7], isEnd: true });
  expect(await stretch(ids[7], 2)).toEqual({ deliveries: [], read: 0, last: undefined, isEnd: true });
});
