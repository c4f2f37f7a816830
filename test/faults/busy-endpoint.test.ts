import { expect, it } from 'vitest';
import { releaseHeld } from '../../functions/actions/release.ts';
import { deliverHandler } from '../../functions/deliver.ts';
import { deliverDeps, retryDeps } from '../../functions/runtime/deps.ts';
import { slowPostStore } from '../../functions/store/slow-posts.ts';
import { openScene, type Scene, turn } from '../support/scene.ts';

const MINUTE = 60_000;
/** What an attempt takes that is never answered. */
const DEADLINE = 15_000;

/** Has ten requests to the first webhook's receiver under way that take long, from now on. */
async function keepBusy({ webhooks: [webhook], table, clock }: Scene): Promise<void> {
  if (webhook === undefined) throw new Error('There is no webhook');
  const deadlines = Array.from({ length: 10 }, (_, nth) => clock.nowMs + DEADLINE + nth / 1000);
  await slowPostStore(table).note(webhook, deadlines);
}

it('fault 23: ten requests to one webhook that take long are the most: then others wait, and nobody else does', async () => {
  const waiting: (() => void)[] = [];
  const scene = await openScene({
    webhooks: 2,
    answer: (response, { path }) => {
      if (path === '/1') waiting.push(() => response.writeHead(204).end());
      else response.writeHead(204).end();
    },
  });
  const deps = deliverDeps(scene.engines.settings, scene.world);
  let batches = 0;
  // Of the ten of each batch five go there; two seconds have passed when they have come.
  const deliver = deliverHandler({ ...deps, sleep: () => expect.poll(() => waiting.length).toBe(5 * batches) });
  const slow = async () =>
    (await scene.deployment.webhooks.get(scene.namespace.id, scene.webhooks[0]?.id ?? 0))?.slowPosts;
  await scene.emit(20);
  await turn(scene.deployment, 'events', scene.handlers.ingest);
  await turn(scene.deployment, 'events', scene.handlers.ingest);
  const turns: Promise<unknown>[] = [];
  while (waiting.length < 10) {
    batches += 1;
    scene.clock.nowMs += 1;
    turns.push(turn(scene.deployment, 'deliveries', deliver));
    await expect.poll(async () => (await slow())?.length).toBe(5 * batches);
  }
  const underWay = waiting.length;
  await scene.work();
  expect(waiting.length).toBe(underWay);
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 20, held: 20 - underWay });
  for (const answer of waiting) answer();
  await Promise.all(turns);
  expect(await slow()).toBeUndefined();
  scene.clock.nowMs += MINUTE;
  await scene.handlers.retry({});
  const rest = scene.work();
  await expect.poll(() => waiting.length).toBe(20);
  for (const answer of waiting.slice(underWay)) answer();
  await rest;
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 40 });
});

it('fault 23: what a crash left of requests that took long counts until their deadline only', async () => {
  const scene = await openScene();
  await keepBusy(scene);
  await scene.emit(1);
  await scene.work();
  expect((await scene.conserve()).counts).toMatchObject({ held: 1 });
  scene.clock.nowMs += DEADLINE + 1;
  await scene.emit(1);
  await scene.settle();
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 2 });
});

it('fault 23: while a receiver is busy whenever the schedule runs, one of what is held tries its luck each minute, however many there are', async () => {
  const scene = await openScene();
  await keepBusy(scene);
  await scene.emit(40);
  await scene.work();
  const released: number[] = [];
  for (let run = 0; run < 10; run++) {
    scene.clock.nowMs += MINUTE;
    await keepBusy(scene);
    released.push((await scene.handlers.retry({})).released);
    await scene.work();
  }
  expect(released).toEqual(Array.from({ length: 10 }, () => 1));
  expect(scene.receiver.received).toEqual([]);
  expect((await scene.conserve()).counts).toMatchObject({ held: 40 });
  scene.clock.nowMs += MINUTE;
  expect((await scene.handlers.retry({})).released).toBe(40);
  await scene.settle();
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 40 });
});

it('fault 23: what tries its luck does so once the requests of before have had their time, and gets through beside fewer', async () => {
  const scene = await openScene();
  await keepBusy(scene);
  await scene.emit(3);
  await scene.work();
  scene.clock.nowMs += MINUTE;
  await keepBusy(scene);
  const deps = retryDeps(scene.engines.settings, scene.world);
  const delays: (number | undefined)[] = [];
  const send: typeof deps.deliveries.send = (messages) => {
    delays.push(...messages.map(({ delaySeconds }) => delaySeconds));
    return deps.deliveries.send(messages);
  };
  await releaseHeld({ ...deps, deliveries: { send } });
  expect(delays).toEqual([DEADLINE / 1000]);
  scene.clock.nowMs += DEADLINE + 1;
  await scene.work();
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 1, held: 2 });
});
