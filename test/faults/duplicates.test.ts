import { DeleteCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import type { Webhook } from '../../functions/domain/webhook.ts';
import { busEvent } from '../support/deployment.ts';
import { deliveryOf } from '../support/receiver.ts';
import { type Emitted, openScene, type Scene, turn } from '../support/scene.ts';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;

it('fault 3: one message in two hands at once: one id, one row, and whatever was POSTed twice says so', async () => {
  const scene = await openScene();
  const [event] = await scene.emit();
  await turn(scene.deployment, 'events', scene.handlers.ingest);
  await turn(scene.deployment, 'deliveries', async (batch) => {
    const answers = await Promise.all([scene.handlers.deliver(batch), scene.handlers.deliver(batch)]);
    expect(answers).toEqual([{ batchItemFailures: [] }, { batchItemFailures: [] }]);
    return { batchItemFailures: [] };
  });
  await scene.settle();
  expect(scene.receiver.received.length).toBeLessThanOrEqual(2);
  expect(new Set(scene.receiver.received.map(deliveryOf)).size).toBe(1);
  expect(await scene.delivery(event)).toMatchObject([{ number: 1, status: 'succeeded' }]);
  await scene.conserve();
});

it('fault 3: one message in two hands at once, and the receiver fails: one retry follows', async () => {
  const scene = await openScene({ answer: (response) => response.writeHead(500).end() });
  const [event] = await scene.emit();
  await turn(scene.deployment, 'events', scene.handlers.ingest);
  await turn(scene.deployment, 'deliveries', async (batch) => {
    await Promise.all([scene.handlers.deliver(batch), scene.handlers.deliver(batch)]);
    return { batchItemFailures: [] };
  });
  expect((await scene.inspect('deliveries')).ready).toHaveLength(1);
  await scene.settle();
  expect((await scene.delivery(event)).map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect((await scene.conserve()).counts).toMatchObject({ dead: 1 });
});

it.each([[204], [500]])(
  'fault 4: a message that comes again after its attempt ended (%i) makes no POST',
  async (status) => {
    const scene = await openScene({ answer: (response, _, nth) => response.writeHead(nth === 1 ? status : 204).end() });
    await scene.emit();
    await turn(scene.deployment, 'events', scene.handlers.ingest);
    const replayed: Parameters<typeof scene.handlers.deliver>[0][] = [];
    await turn(scene.deployment, 'deliveries', (batch) => {
      replayed.push(batch);
      return scene.handlers.deliver(batch);
    });
    for (const batch of replayed) expect(await scene.handlers.deliver(batch)).toEqual({ batchItemFailures: [] });
    expect(scene.receiver.received).toHaveLength(1);
    await scene.settle();
    for (const batch of replayed) expect(await scene.handlers.deliver(batch)).toEqual({ batchItemFailures: [] });
    await scene.settle();
    expect(scene.receiver.received).toHaveLength(status === 204 ? 1 : 2);
    await scene.conserve();
  },
);

it('fault 20: an event that comes twice, at once and ten minutes apart, is one event with its first fan-out', async () => {
  const scene = await openScene({ webhooks: 3 });
  const [event] = await scene.emit();
  if (event === undefined) throw new Error('no event');
  const copy = busEvent({ namespaceId: scene.namespace.id, ...event });
  await scene.send('events', [copy]);
  const { ingest } = scene.handlers;
  await Promise.all([turn(scene.deployment, 'events', ingest), turn(scene.deployment, 'events', ingest)]);
  await scene.settle();
  expect(scene.receiver.received).toHaveLength(3);
  // Beyond the time that any token of an API would remember, and beyond that within which the opener may still come.
  for (const minutes of [10, 45]) {
    scene.clock.nowMs += minutes * 60_000;
    await scene.send('events', [copy]);
    await scene.settle();
  }
  expect(scene.receiver.received).toHaveLength(3);
  await scene.conserve();
});

it('fault 20: a copy that comes weeks later, when attempts have expired, is still no second delivery; after 34 days it is an event', async () => {
  const scene = await openScene();
  const [event] = await scene.emit();
  if (event === undefined) throw new Error('no event');
  await scene.settle();
  const openedMs = scene.clock.nowMs;
  for (const [days, arrived] of [
    [27, 1],
    [29, 1],
    [31, 1],
    [33, 1],
    [35, 2],
  ] as const) {
    scene.clock.nowMs = openedMs + days * DAY;
    await deleteExpired(scene);
    await scene.send('events', [busEvent({ namespaceId: scene.namespace.id, ...event })]);
    await scene.settle();
    expect(scene.receiver.received, `${days} days later`).toHaveLength(arrived);
  }
});

/** A scene on whose receiver every third POST fails, and its one webhook as it is. */
async function openThird() {
  let nth = 0;
  const mood = { isAway: false };
  const scene = await openScene({
    answer: (response) => response.writeHead(mood.isAway || nth++ % 3 === 0 ? 500 : 204).end(),
  });
  const [{ id }] = scene.webhooks as [Webhook];
  const webhook = () => scene.deployment.webhooks.get(scene.namespace.id, id);
  const copies = (events: readonly Emitted[]) =>
    scene.send(
      'events',
      events.map((event) => busEvent({ namespaceId: scene.namespace.id, ...event })),
    );
  /** Two deliveries in one batch, of which one fails at first; answers its event. */
  const blip = async (): Promise<Emitted[]> => {
    const emitted = await scene.emit(2);
    await scene.settle();
    const deliveries = await Promise.all(emitted.map(async (event) => ({ event, log: await scene.delivery(event) })));
    return deliveries.filter(({ log }) => log[0].status === 'retrying').map(({ event }) => event);
  };
  return { scene, mood, webhook, copies, blip };
}

it('fault 20: copies of events whose first attempts failed days ago, and whose second succeeded, make no webhook sick', async () => {
  const { scene, webhook, copies, blip } = await openThird();
  const startMs = scene.clock.nowMs;
  const failedFirst: Emitted[] = [];
  // A failure every eight hours, for six days: more than it takes to be deactivated, had none of them been made good.
  for (let time = 0; time < 18; time++) {
    scene.clock.nowMs = startMs + time * 8 * HOUR;
    failedFirst.push(...(await blip()));
  }
  expect(failedFirst).toHaveLength(18);
  scene.clock.nowMs += DAY;
  for (const event of failedFirst) {
    await copies([event]);
    await scene.work();
  }
  expect(scene.receiver.received).toHaveLength(18 * 3);
  expect(await webhook()).toMatchObject({ active: true, health: undefined });
  expect(scene.notices).toEqual([]);
  await scene.conserve();
});

it('fault 20: a copy of an event of last week, just before its receiver is away for a day, does not make a week of that', async () => {
  const { scene, mood, webhook, copies, blip } = await openThird();
  const failedFirst = await blip();
  scene.clock.nowMs += 6 * DAY;
  await copies(failedFirst);
  await scene.work();
  mood.isAway = true;
  const awayMs = scene.clock.nowMs;
  for (let hour = 1; hour <= 24; hour++) {
    await scene.emit();
    await scene.settle(awayMs + hour * HOUR);
    scene.clock.nowMs = awayMs + hour * HOUR;
  }
  const { active, deactivation, health } = (await webhook()) ?? {};
  expect({ active, deactivation }).toEqual({ active: true, deactivation: undefined });
  expect(health?.failing?.sinceMs).toBeGreaterThanOrEqual(awayMs);
  await scene.conserve();
});

/** What DynamoDB does some time after an item has expired. */
async function deleteExpired({ table, clock }: Scene): Promise<void> {
  const { Items = [] } = await table.db.send(new ScanCommand({ TableName: table.name }));
  for (const { pk, sk, expires_at: expiresAt } of Items) {
    if (Number(expiresAt) <= clock.nowMs / 1000)
      await table.db.send(new DeleteCommand({ TableName: table.name, Key: { pk, sk } }));
  }
}
