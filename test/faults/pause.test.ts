import { expect, it } from 'vitest';
import { pauseWebhook, resumeWebhook } from '../../functions/actions/pause.ts';
import { cancelRetries, redeliver } from '../../functions/actions/redeliver.ts';
import { releaseHeld } from '../../functions/actions/release.ts';
import { changeWebhook, deleteWebhook } from '../../functions/actions/webhooks.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import { retryDeps } from '../../functions/runtime/deps.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { busEvent } from '../support/deployment.ts';
import { deliveryOf } from '../support/receiver.ts';
import { messagesOf, openScene, type Scene, turn } from '../support/scene.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const api = ({ engines, world }: Scene) => apiDeps(engines.settings, world);
const of = (scene: Scene) => ({ namespace: scene.namespace, id: scene.webhooks[0]?.id ?? 0 });
const pause = (scene: Scene, forMs: number) =>
  pauseWebhook(api(scene), of(scene), { until: new Date(scene.clock.nowMs + forMs).toISOString() });

/** The schedule's next run, and all that it sets in motion. */
async function minute(scene: Scene): Promise<void> {
  scene.clock.nowMs += MINUTE;
  await scene.handlers.retry({});
  await scene.work();
}

it('fault 17: what happens while a webhook is paused is held, and sent in order when the time is over', async () => {
  const scene = await openScene();
  await pause(scene, HOUR);
  const emitted = [];
  for (let nth = 0; nth < 5; nth++) {
    emitted.push(...(await scene.emit()));
    await scene.work();
    scene.clock.nowMs += MINUTE;
  }
  expect(scene.receiver.received).toEqual([]);
  expect((await scene.conserve()).counts).toMatchObject({ held: 5 });
  expect(await scene.delivery(emitted[0])).toMatchObject([{ status: 'held', error: { class: 'paused' } }]);
  await minute(scene);
  expect((await scene.conserve()).counts).toMatchObject({ held: 5 });
  await scene.settle();
  const ids = emitted.map((event) => deliveryId(event, of(scene).id));
  expect(scene.receiver.received.map(deliveryOf)).toEqual(ids);
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 5 });
  expect(await scene.delivery(emitted[0])).toMatchObject([{ number: 1, status: 'succeeded' }]);
  expect(await scene.holds.due(Number.MAX_SAFE_INTEGER)).toEqual([]);
});

it('fault 17: a retry that comes due in the pause is held, and goes on with its own number afterwards', async () => {
  let status = 500;
  const scene = await openScene({ answer: (response) => response.writeHead(status).end() });
  const [event] = await scene.emit();
  await scene.work();
  await pause(scene, 10 * HOUR);
  await scene.settle(scene.clock.nowMs + 9 * HOUR);
  expect(scene.receiver.received).toHaveLength(2);
  expect((await scene.delivery(event)).map(({ status: one }) => one)).toEqual(['retrying', 'retrying', 'held']);
  await scene.conserve();
  status = 204;
  await scene.settle();
  expect((await scene.delivery(event)).map(({ status: one }) => one)).toEqual(['retrying', 'retrying', 'succeeded']);
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 1 });
});

it('fault 17: resumed early, it is sent with the next run; paused for longer, it waits for longer', async () => {
  const scene = await openScene();
  await pause(scene, HOUR);
  await scene.emit(3);
  await scene.work();
  await pause(scene, 5 * HOUR);
  scene.clock.nowMs += 2 * HOUR;
  await minute(scene);
  expect(scene.receiver.received).toEqual([]);
  await resumeWebhook(api(scene), of(scene));
  await minute(scene);
  expect(scene.receiver.received).toHaveLength(3);
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 3 });
});

it('fault 17: paused again while what was held is on its way, it is held again', async () => {
  const scene = await openScene();
  await pause(scene, HOUR);
  await scene.emit(3);
  await scene.work();
  scene.clock.nowMs += HOUR;
  await scene.handlers.retry({});
  expect(await messagesOf(scene)).toHaveLength(3);
  await pause(scene, HOUR);
  await scene.work();
  expect(scene.receiver.received).toEqual([]);
  expect((await scene.conserve()).counts).toMatchObject({ held: 3 });
  await scene.settle();
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 3 });
});

it('fault 17: a bounded number is released in one run, the oldest first, spread over 40 s of the minute', async () => {
  const scene = await openScene();
  await pause(scene, HOUR);
  const emitted = [];
  for (let nth = 0; nth < 7; nth++) {
    emitted.push(...(await scene.emit()));
    await scene.work();
    scene.clock.nowMs += 1_000;
  }
  scene.clock.nowMs += HOUR;
  const deps = { ...retryDeps(scene.engines.settings, scene.world), releasesPerRun: 3 };
  const delays: (number | undefined)[] = [];
  const send: typeof deps.deliveries.send = (messages) => {
    delays.push(...messages.map(({ delaySeconds }) => delaySeconds));
    return deps.deliveries.send(messages);
  };
  const released: number[] = [];
  for (let run = 0; run < 4; run++) {
    released.push(await releaseHeld({ ...deps, deliveries: { send } }));
    await scene.work();
    scene.clock.nowMs += MINUTE;
  }
  expect(released).toEqual([3, 3, 1, 0]);
  expect(delays).toEqual([0, 13, 26, 0, 13, 26, 0]);
  expect(scene.receiver.received.map(deliveryOf)).toEqual(emitted.map((event) => deliveryId(event, of(scene).id)));
  await scene.conserve();
});

it('fault 17: a webhook that is deactivated or deleted while it holds deliveries: they end cancelled, with the reason', async () => {
  for (const kind of ['webhook_inactive', 'webhook_gone']) {
    const scene = await openScene();
    const [event] = await scene.emit(2);
    await pause(scene, 24 * HOUR);
    await scene.work();
    // From here on nobody looks at the hold before the pause is over.
    await scene.handlers.retry({});
    if (kind === 'webhook_gone') await deleteWebhook(api(scene), of(scene));
    else await changeWebhook(api(scene), of(scene), { active: false });
    scene.clock.nowMs += MINUTE;
    await scene.handlers.retry({});
    await scene.work();
    expect(scene.receiver.received).toEqual([]);
    expect(await scene.delivery(event)).toMatchObject([{ number: 1, status: 'cancelled', error: { class: kind } }]);
    expect((await scene.conserve()).counts).toMatchObject({ cancelled: 2 });
  }
});

it('fault 17: a held delivery that a user cancels is never sent, whether it was on its way or not', async () => {
  const scene = await openScene();
  await pause(scene, HOUR);
  const [one, other] = await scene.emit(2);
  if (one === undefined || other === undefined) throw new Error('There are no events');
  await scene.work();
  const cancel = (event: typeof one) =>
    cancelRetries(api(scene), {
      namespace: scene.namespace,
      webhookId: of(scene).id,
      deliveryId: deliveryId(event, of(scene).id),
    });
  await cancel(one);
  scene.clock.nowMs += HOUR;
  await scene.handlers.retry({});
  expect(await messagesOf(scene)).toHaveLength(1);
  await cancel(other);
  await scene.settle();
  expect(scene.receiver.received).toEqual([]);
  expect((await scene.conserve()).counts).toMatchObject({ cancelled: 2 });
});

it('fault 17: a held delivery that a user cancels while its POST is under way: the log says what became of it', async () => {
  for (const [status, standing] of [
    [204, 'succeeded'],
    [500, 'cancelled'],
  ] as const) {
    let scene: Scene | undefined;
    const opened = await openScene({
      answer: async (response, request) => {
        const which = { namespace: opened.namespace, webhookId: of(opened).id, deliveryId: deliveryOf(request) };
        if (scene !== undefined) await cancelRetries(api(scene), which);
        response.writeHead(status).end();
      },
    });
    await pause(opened, HOUR);
    const [event] = await opened.emit();
    await opened.work();
    scene = opened;
    await opened.settle();
    expect(opened.receiver.received).toHaveLength(1);
    expect(await opened.delivery(event)).toMatchObject([{ number: 1, status: standing, response: { status } }]);
    expect((await opened.conserve()).counts).toMatchObject({ [standing]: 1 });
  }
});

it('a redelivery of a paused webhook is refused with what to do', async () => {
  const scene = await openScene();
  const [event] = await scene.emit();
  if (event === undefined) throw new Error('There is no event');
  await scene.work();
  await pause(scene, HOUR);
  const id = deliveryId(event, of(scene).id);
  const asked = redeliver(api(scene), { namespace: scene.namespace, webhookId: of(scene).id, deliveryId: id });
  await expect(asked).rejects.toThrow('The webhook is paused. Resume it first');
});

it('fault 20: another copy of the event, while its delivery is held or just being released, is no second POST', async () => {
  const scene = await openScene();
  await pause(scene, HOUR);
  const [event] = await scene.emit();
  if (event === undefined) throw new Error('There is no event');
  await scene.work();
  const copy = () =>
    scene.send('events', [busEvent({ namespaceId: scene.namespace.id, payload: '{"id":1}', ...event })]);
  scene.clock.nowMs += HOUR / 2;
  await copy();
  await scene.work();
  expect((await scene.conserve()).counts).toMatchObject({ held: 1 });
  scene.clock.nowMs += HOUR / 2;
  await scene.handlers.retry({});
  await copy();
  await turn(scene.deployment, 'events', scene.handlers.ingest);
  expect(await messagesOf(scene)).toHaveLength(2);
  // Each in an invocation of its own: neither knows of the other.
  const bodies = (await scene.inspect('deliveries')).ready;
  await Promise.all(bodies.map((body, nth) => scene.handlers.deliver({ Records: [{ messageId: `${nth}`, body }] })));
  expect(scene.receiver.received).toHaveLength(1);
  await scene.settle();
  expect(scene.receiver.received).toHaveLength(1);
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 1 });
});
