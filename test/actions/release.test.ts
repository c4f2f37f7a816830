import { expect, it } from 'vitest';
import { pauseWebhook, resumeWebhook } from '../../functions/actions/pause.ts';
import { type ReleaseDeps, releaseHeld } from '../../functions/actions/release.ts';
import { retryHandler } from '../../functions/retry.ts';
import { retryDeps } from '../../functions/runtime/deps.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { healthStore } from '../../functions/store/health.ts';
import { messagesOf, openScene, type Scene } from '../support/scene.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A scene whose webhook has been paused, holds deliveries, and is paused no longer. */
async function afterPause(events: number) {
  const scene = await openScene();
  const of = { namespace: scene.namespace, id: scene.webhooks[0]?.id ?? 0 };
  const api = apiDeps(scene.engines.settings, scene.world);
  const until = new Date(scene.clock.nowMs + 24 * HOUR).toISOString();
  await pauseWebhook(api, of, { until });
  await scene.emit(events);
  await scene.work();
  const failures: unknown[] = [];
  const deps: ReleaseDeps = {
    ...retryDeps(scene.engines.settings, scene.world),
    onReleaseFailure: (error) => failures.push(error),
  };
  return { ...scene, of, api, deps, failures };
}

const nextLook = async ({ holds }: Scene) => (await holds.due(Number.MAX_SAFE_INTEGER)).map(({ dueAtMs }) => dueAtMs);

it('two runs at once release each delivery once, and no more than one run may', async () => {
  const scene = await afterPause(12);
  await resumeWebhook(scene.api, scene.of);
  const due = await scene.holds.due(scene.clock.nowMs);
  // Both have seen the same before either acts.
  const deps = { ...scene.deps, releasesPerRun: 5, holds: { ...scene.holds, due: async () => due } };
  expect([await releaseHeld(deps), await releaseHeld(deps)]).toEqual([5, 0]);
  expect(new Set(await messagesOf(scene)).size).toBe(5);
  expect(scene.failures).toEqual([]);
});

it('what is held is not looked at before the pause is over, however much comes meanwhile', async () => {
  const scene = await afterPause(1);
  await releaseHeld(scene.deps);
  const untilMs = scene.clock.nowMs + 24 * HOUR;
  expect(await nextLook(scene)).toEqual([untilMs]);
  scene.clock.nowMs += MINUTE;
  await scene.emit(3);
  await scene.work();
  expect(await nextLook(scene)).toEqual([untilMs]);
});

it('what was released and lost on its way is released again', async () => {
  const scene = await afterPause(3);
  await resumeWebhook(scene.api, scene.of);
  expect(await releaseHeld({ ...scene.deps, deliveries: { send: async (all) => all.map(() => true) } })).toBe(3);
  for (let run = 0; run < 4; run++) {
    scene.clock.nowMs += MINUTE;
    expect(await releaseHeld(scene.deps)).toBe(0);
  }
  await scene.settle();
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 3 });
});

it('an index that does not know yet of what was held just now ends no hold', async () => {
  const scene = await afterPause(2);
  await resumeWebhook(scene.api, scene.of);
  const late = { ...scene.deps, attempts: { ...scene.deps.attempts, held: async () => [] } };
  expect(await releaseHeld(late)).toBe(0);
  expect(await nextLook(scene)).toHaveLength(1);
  scene.clock.nowMs += MINUTE;
  expect(await releaseHeld(scene.deps)).toBe(2);
});

it('a probe has its time: until it is over, no other one is sent', async () => {
  const scene = await afterPause(5);
  await resumeWebhook(scene.api, scene.of);
  const webhook = await scene.deployment.webhooks.get(scene.namespace.id, scene.of.id);
  if (webhook === undefined) throw new Error('There is no webhook');
  const breaker = { openedMs: scene.clock.nowMs, failedProbes: 0, probeAtMs: scene.clock.nowMs };
  await healthStore(scene.table).save(webhook, { health: { breaker } });
  const sent: number[] = [];
  for (let run = 0; run < 4; run++) {
    sent.push(await releaseHeld(scene.deps));
    scene.clock.nowMs += MINUTE;
  }
  expect(sent).toEqual([1, 0, 1, 0]);
});

it('a run that takes long takes up no more webhooks, and the next one goes on with the others', async () => {
  const scene = await afterPause(1);
  const { namespace } = scene;
  const others = [1, 2].map((nth) => ({ webhookId: scene.of.id + nth, namespaceId: namespace.id }));
  for (const other of others) await scene.holds.note(other, scene.clock.nowMs);
  await resumeWebhook(scene.api, scene.of);
  const takenUp: number[] = [];
  const held: ReleaseDeps['attempts']['held'] = async (webhookId, ...rest) => {
    takenUp.push(webhookId);
    scene.clock.nowMs += 15_000;
    return scene.deps.attempts.held(webhookId, ...rest);
  };
  const slow = { ...scene.deps, attempts: { ...scene.deps.attempts, held } };
  await releaseHeld(slow);
  expect(takenUp).toHaveLength(2);
  await releaseHeld(slow);
  const all = [scene.of.id, ...others.map(({ webhookId }) => webhookId)];
  expect(takenUp.slice(0, 3).toSorted()).toEqual(all);
});

it('one webhook whose release fails is told of, fails the run, and keeps no other waiting', async () => {
  const scene = await afterPause(1);
  const [other] = [await scene.addWebhook({ payload_url: `${scene.receiver.url}/other` })];
  await scene.holds.note({ webhookId: other.id, namespaceId: scene.namespace.id }, scene.clock.nowMs - HOUR);
  await resumeWebhook(scene.api, scene.of);
  const held: ReleaseDeps['attempts']['held'] = (webhookId, ...rest) =>
    webhookId === other.id ? Promise.reject(new Error('Slow down')) : scene.deps.attempts.held(webhookId, ...rest);
  const failing = releaseHeld({ ...scene.deps, attempts: { ...scene.deps.attempts, held } });
  await expect(failing).rejects.toThrow('Slow down');
  expect(await messagesOf(scene)).toHaveLength(1);
  expect(scene.failures).toMatchObject([{ message: 'Slow down' }]);
});

it('what fails of the schedule fails its run, and keeps the other half from nothing', async () => {
  const scene = await afterPause(2);
  await resumeWebhook(scene.api, scene.of);
  const deps = { ...retryDeps(scene.engines.settings, scene.world) };
  const away = () => Promise.reject(new Error('Slow down'));
  const due: typeof deps.attempts.due = () => {
    throw new Error('Slow down');
  };
  const retries = retryHandler({ ...deps, attempts: { ...deps.attempts, due } });
  await expect(retries({})).rejects.toThrow('Slow down');
  expect(await messagesOf(scene)).toHaveLength(2);
  const noHolds = retryHandler({ ...deps, holds: { ...deps.holds, due: away } });
  await expect(noHolds({})).rejects.toThrow('Slow down');
});
