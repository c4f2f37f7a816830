import { DeleteCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { busEvent } from '../support/deployment.ts';
import { deliveryOf } from '../support/receiver.ts';
import { openScene, type Scene, turn } from '../support/scene.ts';

const DAY = 24 * 60 * 60 * 1000;

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

/** What DynamoDB does some time after an item has expired. */
async function deleteExpired({ table, clock }: Scene): Promise<void> {
  const { Items = [] } = await table.db.send(new ScanCommand({ TableName: table.name }));
  for (const { pk, sk, expires_at: expiresAt } of Items) {
    if (Number(expiresAt) <= clock.nowMs / 1000)
      await table.db.send(new DeleteCommand({ TableName: table.name, Key: { pk, sk } }));
  }
}
