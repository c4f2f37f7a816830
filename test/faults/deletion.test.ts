import { expect, it } from 'vitest';
import { deleteWebhook, type WebhookDeps } from '../../functions/actions/webhooks.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { openScene, type Scene } from '../support/scene.ts';

function remove(scene: Scene): Promise<void> {
  const deps: WebhookDeps = apiDeps(scene.engines.settings, scene.world);
  return deleteWebhook(deps, { namespace: scene.namespace, id: scene.webhooks[0]?.id ?? 0 });
}

it('fault 17: a webhook that is deleted while retries wait is POSTed to no more; its deliveries end cancelled, others go on', async () => {
  const scene = await openScene({
    webhooks: 2,
    answer: (response, { path }, nth) => response.writeHead(path === '/1' || nth === 1 ? 500 : 204).end(),
  });
  const [event] = await scene.emit(3);
  await scene.work();
  await remove(scene);
  const before = scene.receiver.received.length;
  await scene.emit();
  await scene.settle();
  expect(scene.receiver.received.slice(before).map(({ path }) => path)).not.toContain('/1');
  expect((await scene.delivery(event)).at(-1)).toMatchObject({ status: 'cancelled', error: { class: 'webhook_gone' } });
  // Three events for both webhooks, and one for the one that was left.
  expect((await scene.conserve(3 * 2 + 1)).counts).toMatchObject({ cancelled: 3, succeeded: 4 });
});

it('fault 17: a webhook that is deleted before its first attempt was made is never POSTed to', async () => {
  const scene = await openScene();
  await scene.emit(12);
  await scene.drain('events', scene.handlers.ingest);
  await remove(scene);
  await scene.settle();
  expect(scene.receiver.received).toEqual([]);
  expect((await scene.conserve()).counts).toMatchObject({ cancelled: 12 });
});

it.each([
  [204, 'succeeded'],
  [500, 'cancelled'],
] as const)(
  'fault 17: a webhook that is deleted during a slow POST gets no other; one that ends with %i is %s',
  async (status, standing) => {
    let removal: Promise<void> | undefined;
    const scene: Scene = await openScene({
      answer: async (response) => {
        removal ??= remove(scene);
        await removal;
        response.writeHead(status).end();
      },
    });
    const [event] = await scene.emit();
    await scene.settle();
    expect(scene.receiver.received).toHaveLength(1);
    expect((await scene.delivery(event)).at(-1)).toMatchObject({ status: standing });
    await scene.conserve();
  },
);
