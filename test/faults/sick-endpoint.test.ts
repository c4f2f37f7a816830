import { expect, it } from 'vitest';
import { ping } from '../../functions/actions/ping.ts';
import { startRecovery } from '../../functions/actions/recoveries.ts';
import { redeliver } from '../../functions/actions/redeliver.ts';
import { changeWebhook } from '../../functions/actions/webhooks.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { type Emitted, openScene, type Scene } from '../support/scene.ts';

const MINUTE = 60_000;
/** What an attempt takes that is never answered. */
const DEADLINE = 15_000;

/** A scene whose first webhook's receiver is as `mood` says, and whose others are well. */
async function openWard(webhooks = 1) {
  const mood = { status: 500, takesMs: DEADLINE };
  const scene: Scene = await openScene({
    webhooks,
    answer: (response, { path }) => {
      if (path === '/1') scene.clock.nowMs += mood.takesMs;
      response.writeHead(path === '/1' ? mood.status : 204).end();
    },
  });
  const id = scene.webhooks[0]?.id ?? 0;
  return {
    ...scene,
    mood,
    of: { namespace: scene.namespace, id },
    api: apiDeps(scene.engines.settings, scene.world),
    breaker: async () => (await scene.deployment.webhooks.get(scene.namespace.id, id))?.health?.breaker,
    toSick: () => scene.receiver.received.filter(({ path }) => path === '/1').length,
    idOf: (event: Emitted | undefined) => (event === undefined ? '' : deliveryId(event, id)),
    /** The schedule's next run, and all that it sets in motion. */
    async minute(): Promise<void> {
      scene.clock.nowMs += MINUTE;
      await scene.handlers.retry({});
      await scene.work();
    },
  };
}

it('fault 23: a receiver that never answers is spared after ten attempts: what is still to come is held, and is no attempt', async () => {
  const ward = await openWard();
  const emitted = await ward.emit(40);
  await ward.work();
  // Those of one batch are made at once; the next batch finds the circuit open.
  expect(ward.toSick()).toBe(10);
  expect(await ward.breaker()).toMatchObject({ failedProbes: 0 });
  for (const event of emitted) {
    expect((await ward.delivery(event)).at(-1)).toMatchObject({ status: 'held', error: { class: 'circuit_open' } });
  }
  expect((await ward.conserve()).counts).toMatchObject({ held: 40 });
});

it('fault 23: one probe at a time, further and further apart; the first success releases all', async () => {
  const ward = await openWard();
  await ward.emit(25);
  await ward.work();
  const probes: number[] = [(await ward.breaker())?.openedMs ?? 0];
  for (let run = 0; run < 60; run++) {
    const before = ward.toSick();
    await ward.minute();
    expect(ward.toSick() - before).toBeLessThanOrEqual(1);
    if (ward.toSick() > before) probes.push(ward.clock.nowMs);
  }
  const gaps = probes.slice(1).map((atMs, nth) => Math.round((atMs - (probes[nth] ?? 0)) / MINUTE));
  expect(gaps.length).toBeGreaterThan(5);
  for (const [nth, leastMinutes] of [1, 2, 4, 8, 15, 15].entries()) {
    expect(gaps[nth]).toBeGreaterThanOrEqual(leastMinutes);
    expect(gaps[nth]).toBeLessThanOrEqual(leastMinutes + 3);
  }
  ward.mood.status = 204;
  ward.mood.takesMs = 0;
  for (let run = 0; run < 20 && (await ward.breaker()) !== undefined; run++) await ward.minute();
  expect(await ward.breaker()).toBeUndefined();
  const before = ward.toSick();
  await ward.minute();
  expect(ward.toSick() - before).toBeGreaterThan(5);
  await ward.settle();
  expect((await ward.conserve()).counts).toMatchObject({ succeeded: 25 });
});

it('fault 23: a probe counts as an attempt of its delivery, and comes no earlier than the schedule says', async () => {
  const ward = await openWard();
  const emitted = await ward.emit(12);
  await ward.work();
  for (let run = 0; run < 200; run++) await ward.minute();
  for (const event of emitted) {
    const made = (await ward.delivery(event)).filter(({ status }) => status !== 'held');
    expect(made.map(({ number }) => number)).toEqual(made.map((_, index) => index + 1));
    for (const [index, { startedAt }] of made.slice(1).entries()) {
      expect(startedAt >= (made[index]?.nextAttemptAt ?? '~')).toBe(true);
    }
  }
  await ward.conserve();
});

it('fault 23: the other webhooks of the same events are delivered to in full, at once', async () => {
  const ward = await openWard(6);
  await ward.emit(30);
  await ward.work();
  expect(ward.receiver.received.length - ward.toSick()).toBe(30 * 5);
  expect((await ward.conserve()).counts).toMatchObject({ succeeded: 150, held: 30 });
});

it.each([
  ['fails a third of the time', 3, false],
  ['answers one of ten', 10, true],
])('fault 23: whether a receiver that %s is spared', async (_, every, isSpared) => {
  let nth = 0;
  const scene: Scene = await openScene({
    answer: (response) => {
      scene.clock.nowMs += 2_000;
      const isThatOne = ++nth % every === 0;
      response.writeHead(isThatOne === isSpared ? 204 : 500).end();
    },
  });
  let wasSpared = false;
  for (let time = 0; time < 12; time++) {
    await scene.emit(10);
    await scene.work();
    const webhook = await scene.deployment.webhooks.get(scene.namespace.id, scene.webhooks[0]?.id ?? 0);
    wasSpared ||= webhook?.health?.breaker !== undefined;
  }
  expect(wasSpared).toBe(isSpared);
  await scene.conserve();
});

it('fault 23: a receiver that is away for a moment is not spared', async () => {
  const ward = await openWard();
  ward.mood.takesMs = 0;
  await ward.emit(10);
  await ward.work();
  expect(await ward.breaker()).toBeUndefined();
});

it('fault 23: a redelivery that a user asks for is a probe: its success closes the circuit', async () => {
  const ward = await openWard();
  const [event] = await ward.emit(20);
  await ward.work();
  const before = ward.toSick();
  ward.mood.status = 204;
  await redeliver(ward.api, { namespace: ward.namespace, webhookId: ward.of.id, deliveryId: ward.idOf(event) });
  await ward.work();
  expect(ward.toSick()).toBe(before + 1);
  expect(await ward.breaker()).toBeUndefined();
  // What was held is the attempt that is made: there is no other one beside it.
  expect((await ward.delivery(event)).map(({ status }) => status)).toEqual(['retrying', 'succeeded']);
  await ward.settle();
  expect((await ward.conserve()).counts).toMatchObject({ succeeded: 20 });
});

it('fault 23: so is a ping', async () => {
  const ward = await openWard();
  await ward.emit(20);
  await ward.work();
  const before = ward.toSick();
  ward.mood.status = 204;
  await ping(ward.api, { namespace: ward.namespace, webhookId: ward.of.id }, 'cron');
  await ward.work();
  expect(ward.toSick()).toBe(before + 1);
  expect(await ward.breaker()).toBeUndefined();
});

it('fault 23: a recovery while the circuit is open is held, too', async () => {
  const ward = await openWard();
  await ward.emit(20);
  await ward.work();
  const before = ward.toSick();
  const of = { namespace: ward.namespace, webhookId: ward.of.id };
  await startRecovery(ward.api, of, { since: '2026-11-23T00:00:00Z', status: 'held' });
  await ward.work();
  expect(ward.toSick()).toBe(before);
  expect((await ward.conserve()).counts).toMatchObject({ held: 20 });
});

it('fault 23: a user who activates the webhook anew closes its circuit; the next run releases what was held', async () => {
  const ward = await openWard();
  await ward.emit(20);
  await ward.work();
  ward.mood.status = 204;
  await changeWebhook(ward.api, ward.of, { active: true });
  expect(await ward.breaker()).toBeUndefined();
  await ward.minute();
  await ward.settle();
  expect((await ward.conserve()).counts).toMatchObject({ succeeded: 20 });
});

it('fault 23: a hold that is lost is found missing by the check, and comes back with the next delivery', async () => {
  const ward = await openWard();
  await ward.emit(20);
  await ward.work();
  for (const hold of await ward.holds.due(Number.MAX_SAFE_INTEGER)) {
    const taken = await ward.holds.move(hold, ward.clock.nowMs);
    if (taken) await ward.holds.end(taken);
  }
  await expect(ward.conserve()).rejects.toThrow('what is held has a webhook that knows of it');
  await ward.emit(1);
  await ward.work();
  await ward.conserve();
  ward.mood.status = 204;
  await ward.settle();
  expect((await ward.conserve()).counts).toMatchObject({ succeeded: 21 });
});
