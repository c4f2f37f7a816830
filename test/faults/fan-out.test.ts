import { expect, it } from 'vitest';
import { deliveryId } from '../../functions/domain/id.ts';
import { WEBHOOKS_PER_NAMESPACE_MAX } from '../../functions/domain/limits.ts';
import { Crash, crashAt } from '../support/failing.ts';
import { deliveryOf } from '../support/receiver.ts';
import { openScene, turn } from '../support/scene.ts';

const EVENTS = 10;

it('fault 22: a thousand deliveries, ten events to as many webhooks as there may be: killed at ten points, each arrives once', async () => {
  const scene = await openScene({ webhooks: WEBHOOKS_PER_NAMESPACE_MAX });
  const events = await scene.emit(EVENTS);
  await turn(scene.deployment, 'events', async (batch) => {
    for (let killed = 1; killed <= 10; killed++) {
      // A fan-out of all ten makes some hundred calls: one to read, one to write, and one for each ten messages.
      const nth = killed * 9;
      const crash = crashAt(scene.world, nth, killed % 2 === 0 ? 'before' : 'after');
      await scene.handlers.ingest(batch).catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
      expect(crash.calls(), 'the fan-out was killed on its way').toBeGreaterThanOrEqual(nth);
      crash.revive();
    }
    throw new Error('killed');
  });
  await scene.settle();
  const promised = events.flatMap((event) => scene.webhooks.map(({ id }) => deliveryId(event, id)));
  expect(scene.receiver.received.map(deliveryOf).sort()).toEqual(promised.sort());
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: EVENTS * WEBHOOKS_PER_NAMESPACE_MAX });
});
