/** Scenario 14: a receiver says goodbye, and its webhook is another one by then. */
import { expect, it } from 'vitest';
import { changeWebhook } from '../../functions/actions/webhooks.ts';
import { deliverHandler } from '../../functions/deliver.ts';
import { deliverDeps } from '../../functions/runtime/deps.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { intercept } from '../support/failing.ts';
import { openScene, type Scene, turn } from '../support/scene.ts';
import { until } from '../support/until.ts';

const SECOND = 1_000;

/** A scene whose first webhook's receiver answers with a status, once what happens on arrival has; the others' are well, and one may be slow. */
async function openGoodbye() {
  const mood = { status: 410, onArrival: async (): Promise<unknown> => undefined, isNeighbourSlow: false };
  const slow: (() => void)[] = [];
  const scene: Scene = await openScene({
    webhooks: 2,
    answer: async (response, { path }) => {
      const status = path === '/1' ? mood.status : 204;
      if (path === '/1') await mood.onArrival();
      if (path === '/2' && mood.isNeighbourSlow) slow.push(() => response.writeHead(status).end());
      else response.writeHead(status).end();
    },
  });
  const id = scene.webhooks[0]?.id ?? 0;
  const api = apiDeps(scene.engines.settings, scene.world);
  return {
    ...scene,
    mood,
    slow,
    webhook: () => scene.deployment.webhooks.get(scene.namespace.id, id),
    moveElsewhere: () =>
      changeWebhook(api, { namespace: scene.namespace, id }, { payload_url: `${scene.receiver.url}/elsewhere` }),
    startOver: () => changeWebhook(api, { namespace: scene.namespace, id }, { active: true }),
    deactivate: () => changeWebhook(api, { namespace: scene.namespace, id }, { active: false }),
  };
}

type Goodbye = Awaited<ReturnType<typeof openGoodbye>>;

/** The next event, and one batch of its deliveries. */
async function oneBatch(scene: Goodbye, deliver = scene.handlers.deliver) {
  const [event] = await scene.emit();
  await turn(scene.deployment, 'events', scene.handlers.ingest);
  return { event, isDone: turn(scene.deployment, 'deliveries', deliver) };
}

/** A batch whose 410 has come, and is not in the log for as long as a slow neighbour's answer has not. */
async function goodbyeBesideSlow(scene: Goodbye) {
  Object.assign(scene.mood, { status: 410, isNeighbourSlow: true });
  const deps = deliverDeps(scene.engines.settings, scene.world);
  let goodbyes = 0;
  const post: typeof deps.post = async (request) => {
    const outcome = await deps.post(request);
    if (outcome.response?.status === 410) goodbyes += 1;
    return outcome;
  };
  // The second within which attempts are recorded together is over before either has its answer.
  const batch = await oneBatch(scene, deliverHandler({ ...deps, post, sleep: async () => undefined }));
  await until('the 410 has come, and the neighbour is asked', () => goodbyes === 1 && scene.slow.length === 1);
  // Long enough for whatever is done when a POST has ended.
  await new Promise((done) => setTimeout(done, 100));
  Object.assign(scene.mood, { status: 204, isNeighbourSlow: false });
  scene.clock.nowMs += SECOND;
  return batch;
}

it.each([
  ['is given another URL', (scene: Goodbye) => scene.moveElsewhere()],
  ['is started over', (scene: Goodbye) => scene.startOver()],
])('while its webhook %s, its delivery is tried again: the goodbye is not of what that is now', async (_, change) => {
  const scene = await openGoodbye();
  scene.mood.onArrival = async () => {
    scene.mood.onArrival = async () => undefined;
    scene.mood.status = 204;
    await change(scene);
  };
  const [event] = await scene.emit();
  await scene.settle();
  expect(await scene.delivery(event)).toMatchObject([
    { status: 'retrying', response: { status: 410 } },
    { status: 'succeeded' },
  ]);
  expect(await scene.webhook()).toMatchObject({ active: true });
  expect(scene.notices).toEqual([]);
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 2 });
});

it.each([
  ['a user gives its webhook another URL', (scene: Goodbye) => scene.moveElsewhere()],
  ['a user starts its webhook over', (scene: Goodbye) => scene.startOver()],
  ['another batch finds its webhook well', async (scene: Goodbye) => (await oneBatch(scene)).isDone],
])('while a slow neighbour keeps it out of the log, and %s, its delivery is tried again', async (_, change) => {
  const scene = await openGoodbye();
  scene.mood.status = 500;
  await (await oneBatch(scene)).isDone;
  // The retry is lost, and comes by the table.
  await turn(scene.deployment, 'deliveries', async () => ({ batchItemFailures: [] }));
  scene.clock.nowMs += SECOND;
  const { event, isDone } = await goodbyeBesideSlow(scene);
  await change(scene);
  for (const answer of scene.slow) answer();
  await isDone;
  await scene.settle();
  expect(await scene.delivery(event)).toMatchObject([
    { status: 'retrying', response: { status: 410 } },
    { status: 'succeeded' },
  ]);
  expect(await scene.webhook()).toMatchObject({ active: true });
  expect(scene.notices).toEqual([]);
  const { counts, matching } = await scene.conserve();
  expect(counts.succeeded).toBe(matching);
});

it('while its webhook is deactivated by a user, its delivery ends with the goodbye', async () => {
  const scene = await openGoodbye();
  scene.mood.onArrival = () => scene.deactivate();
  const [event] = await scene.emit();
  await scene.settle();
  expect(await scene.delivery(event)).toMatchObject([{ status: 'cancelled', response: { status: 410 } }]);
});

it('a goodbye of which it cannot be found out whether it counts is no attempt yet: its message comes again, and its neighbours do not', async () => {
  const scene = await openGoodbye();
  const undo = intercept(scene.world.dynamodb, 'GetItem', () => Promise.reject(new Error('away')));
  const { event, isDone } = await oneBatch(scene);
  expect(await isDone).toBe(1);
  undo();
  await scene.settle();
  expect(await scene.delivery(event)).toMatchObject([{ status: 'cancelled', response: { status: 410 } }]);
  expect(scene.receiver.received.filter(({ path }) => path === '/2')).toHaveLength(1);
  expect(await scene.webhook()).toMatchObject({ active: false, deactivation: { reason: 'gone' } });
});
