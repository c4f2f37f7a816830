import { expect, it } from 'vitest';
import { pauseWebhook, resumeWebhook } from '../../functions/actions/pause.ts';
import { startRecovery } from '../../functions/actions/recoveries.ts';
import { cancelRetries, redeliver } from '../../functions/actions/redeliver.ts';
import { firstAttempt } from '../../functions/domain/delivery.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { localWorld } from '../../infra/local/engines.ts';
import { failedAttempt } from '../support/attempt.ts';
import { Crash, crashAt } from '../support/failing.ts';
import { deliveryOf } from '../support/receiver.ts';
import { openScene, type Scene, turn } from '../support/scene.ts';

const DAY = 24 * 60 * 60 * 1000;

it.each(['before', 'after'] as const)(
  'fault 17: killed %s any call while a retry ends that was cancelled under way: whichever comes first, none follows it',
  async (when) => {
    const scene: Scene = await openScene({
      answer: async (response, request, nth) => {
        if (nth === 2) await cancelElsewhere(scene, deliveryOf(request));
        response.writeHead(500).end();
      },
    });
    const { ingest, deliver } = scene.handlers;
    for (let nth = 1, isThrough = false; !isThrough; nth++) {
      await scene.emit();
      await turn(scene.deployment, 'events', ingest);
      await turn(scene.deployment, 'deliveries', deliver);
      const taken = await scene.receive('deliveries');
      const crash = crashAt(scene.world, nth, when);
      await deliver({ Records: taken }).catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
      isThrough = crash.calls() < nth;
      crash.revive();
      // It comes again when its time in the queue is over.
      await scene.send(
        'deliveries',
        taken.map(({ body }) => body),
      );
      await scene.settle();
    }
    const posts = Map.groupBy(scene.receiver.received, deliveryOf);
    // The retry itself may be made twice, where it was killed before it was recorded.
    for (const requests of posts.values()) expect(requests.length).toBeLessThanOrEqual(3);
    const { counts, matching } = await scene.conserve();
    expect(counts.cancelled).toBe(matching);
  },
);

it('fault 17: what was held while its predecessor was being cancelled is cancelled when it is released', async () => {
  const scene = await openScene();
  const webhook = scene.webhooks[0];
  const [event] = await scene.emit();
  if (webhook === undefined || event === undefined) throw new Error('There is no such event or webhook');
  await turn(scene.deployment, 'events', scene.handlers.ingest);
  await scene.receive('deliveries');
  const first = firstAttempt({ ...event, type: 'build.finished', namespaceId: webhook.namespaceId }, webhook.id);
  const held = { ...failedAttempt({ ...first, number: 2, status: 'held' }), nextAttemptAt: undefined };
  await scene.attempts.record([
    { attempt: failedAttempt({ ...first, status: 'cancelled', nextAttemptAt: undefined }) },
    { attempt: held, dueAtMs: scene.clock.nowMs },
  ]);
  await scene.holds.note(held, scene.clock.nowMs);
  await scene.settle();
  expect((await scene.delivery(event)).map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
  await scene.conserve();
});

it('fault 17: what was held, cancelled, and then made by a redelivery, is not found cancelled once that has expired', async () => {
  const scene = await openScene();
  const { namespace, clock } = scene;
  const of = { namespace, id: scene.webhooks[0]?.id ?? 0 };
  const api = apiDeps(scene.engines.settings, scene.world);
  const startMs = clock.nowMs;
  await pauseWebhook(api, of, { until: new Date(startMs + DAY).toISOString() });
  const [event] = await scene.emit();
  await scene.work();
  const which = { namespace, webhookId: of.id, deliveryId: event === undefined ? '' : deliveryId(event, of.id) };
  await cancelRetries(api, which);
  await resumeWebhook(api, of);
  clock.nowMs += 60_000;
  await redeliver(api, which);
  await scene.settle();
  expect((await scene.delivery(event)).map(({ status }) => status)).toEqual(['cancelled', 'succeeded']);
  await scene.conserve();

  clock.nowMs = startMs + 31 * DAY;
  expect(await scene.attempts.delivery(of.id, which.deliveryId, clock.nowMs)).toBeUndefined();
  const missed = { since: new Date(startMs - 1_000).toISOString(), status: 'missed' };
  expect(await startRecovery(api, which, missed)).toMatchObject({ deliveriesRedelivered: 0 });
  await scene.settle();
  expect(scene.receiver.received).toHaveLength(1);
});

/** Cancels the retries of a delivery in another process, which is not killed. */
async function cancelElsewhere({ engines, clock, namespace, webhooks }: Scene, deliveryId: string): Promise<void> {
  const world = { ...localWorld(engines.endpoints), now: () => clock.nowMs };
  const of = { namespace, webhookId: webhooks[0]?.id ?? 0, deliveryId };
  await cancelRetries(apiDeps(engines.settings, world), of);
  for (const client of [world.dynamodb, world.sqs, world.kms, world.eventbridge]) client.destroy();
}
