import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { pauseWebhook } from '../../functions/actions/pause.ts';
import { redeliver } from '../../functions/actions/redeliver.ts';
import { readMessage, writeMessage } from '../../functions/domain/delivery-message.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { deadLetters } from '../../functions/transport/dead-letters.ts';
import { deliveryOf } from '../support/receiver.ts';
import { openScene, turn } from '../support/scene.ts';

it.each([
  ['that is no JSON', 'no JSON at all'],
  ['of a version that nobody knows', '{"v":99}'],
  ['that lacks what it needs', '{"v":1,"delivery":"x"}'],
])(
  'fault 8: a message %s: its nine siblings are delivered, and only it comes again, until it is a dead letter',
  async (_, poison) => {
    const scene = await openScene();
    await scene.emit(9);
    await turn(scene.deployment, 'events', scene.handlers.ingest);
    await scene.send('deliveries', [poison]);
    let batchItemFailures: readonly object[] = [];
    await turn(scene.deployment, 'deliveries', async (batch) => {
      expect(batch.Records).toHaveLength(10);
      const answered = await scene.handlers.deliver(batch);
      batchItemFailures = answered.batchItemFailures;
      return answered;
    });
    expect(batchItemFailures).toHaveLength(1);
    expect(scene.receiver.received).toHaveLength(9);
    await scene.settle();
    expect(await scene.inspect('deliveries')).toEqual({ ready: [], inFlight: [], delayed: [] });
    expect((await scene.inspect('deliveries-dead-letter')).ready).toEqual([poison]);
    expect((await scene.conserve()).counts).toMatchObject({ succeeded: 9 });
  },
);

it('fault 8: a message of which there is no event, or no webhook, ends its delivery in the log', async () => {
  const scene = await openScene();
  const events = await scene.emit(2);
  await turn(scene.deployment, 'events', scene.handlers.ingest);
  const [body = ''] = (await scene.inspect('deliveries')).ready;
  const key = readMessage(body);
  if (key === undefined) throw new Error('no message');
  const orphans = [
    { ...key, eventId: randomUUID(), deliveryId: randomUUID() },
    { ...key, webhookId: 4711, deliveryId: randomUUID() },
  ];
  await scene.send('deliveries', orphans.map(writeMessage));
  await scene.settle();
  const [payloadGone, webhookGone] = await Promise.all(
    orphans.map(({ webhookId, deliveryId }) => scene.attempts.delivery(webhookId, deliveryId, scene.clock.nowMs)),
  );
  expect(payloadGone).toMatchObject([{ status: 'dead', error: { class: 'payload_gone' } }]);
  expect(webhookGone).toMatchObject([{ status: 'cancelled', error: { class: 'webhook_gone' } }]);
  for (const event of events) expect(await scene.delivery(event)).toMatchObject([{ status: 'succeeded' }]);
  await scene.conserve();
});

it('fault 8: an event that cannot be handled becomes a dead letter beside its siblings, and its redrive delivers it', async () => {
  const scene = await openScene();
  await scene.emit(10);
  const sick = (await scene.inspect('events')).ready[3] ?? '';
  const { ingest } = scene.handlers;
  /** Ingest with a bug that one event meets. */
  const buggy: typeof ingest = async (batch) => {
    const [met, others] = [
      batch.Records.filter(({ body }) => body === sick),
      batch.Records.filter(({ body }) => body !== sick),
    ];
    const { batchItemFailures } = await ingest({ Records: others });
    return {
      batchItemFailures: [...batchItemFailures, ...met.map(({ messageId }) => ({ itemIdentifier: messageId }))],
    };
  };
  while ((await turn(scene.deployment, 'events', buggy)) !== undefined);
  await scene.settle();
  expect(scene.receiver.received).toHaveLength(9);
  expect((await scene.inspect('events-dead-letter')).ready).toEqual([sick]);
  const [deadLetterUrl, sourceUrl] = [scene.engines.queueUrl('events-dead-letter'), scene.engines.queueUrl('events')];
  await deadLetters({ sqs: scene.world.sqs, deadLetterUrl, sourceUrl }).redrive({
    onProgress: () => undefined,
  });
  await scene.settle();
  expect(scene.receiver.received).toHaveLength(10);
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 10 });
});

it('fault 8: a delivery that we fail to make, again and again, ends dead by our fault, and can be made again', async () => {
  const scene = await openScene();
  const [event] = await scene.emit();
  await turn(scene.deployment, 'events', scene.handlers.ingest);
  while ((await turn(scene.deployment, 'deliveries', () => Promise.reject(new Error('a bug')))) !== undefined);
  expect((await scene.conserve()).counts).toMatchObject({ queued: 1 });
  await scene.settle();
  const [dead] = await scene.delivery(event);
  expect(dead).toMatchObject({ status: 'dead', error: { class: 'internal' } });
  expect(scene.receiver.received).toHaveLength(0);
  expect((await scene.conserve()).counts).toMatchObject({ dead: 1 });
  const { webhookId, deliveryId } = dead;
  await redeliver(apiDeps(scene.engines.settings, scene.world), { namespace: scene.namespace, webhookId, deliveryId });
  await scene.settle();
  expect(await scene.delivery(event)).toMatchObject([dead, { number: 2, status: 'succeeded' }]);
  expect(scene.receiver.received.map(deliveryOf)).toEqual([deliveryId]);
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 1 });
});

it('fault 8: a message that we fail to handle, a twin of which is held, ends nothing: that is sent when the pause is over', async () => {
  const scene = await openScene();
  const of = { namespace: scene.namespace, id: scene.webhooks[0]?.id ?? 0 };
  const until = new Date(scene.clock.nowMs + 3_600_000).toISOString();
  await pauseWebhook(apiDeps(scene.engines.settings, scene.world), of, { until });
  const [event] = await scene.emit();
  await scene.work();
  await scene.send('deliveries', (await scene.delivery(event)).map(writeMessage));
  while ((await turn(scene.deployment, 'deliveries', () => Promise.reject(new Error('a bug')))) !== undefined);
  await scene.work();
  expect((await scene.conserve()).counts).toMatchObject({ held: 1 });
  await scene.settle();
  expect(await scene.delivery(event)).toMatchObject([{ status: 'succeeded' }]);
  await scene.conserve();
});
