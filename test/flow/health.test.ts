import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Webhook } from '../../functions/domain/webhook.ts';
import { countCalls } from '../support/calls.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { asItIs, attemptsOf, batchesOf, type Emitted, emit, work } from '../support/emit.ts';
import { intercept } from '../support/failing.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let deployment: Deployment;
let receiver: Receiver;
let healthy: Receiver;
let sick: Webhook;
let well: Webhook;
let status: number;
let start: number;

beforeEach(async () => {
  status = 500;
  deployment = await deploy();
  start = deployment.clock.nowMs;
  receiver = await startReceiver((response) => response.writeHead(status).end());
  healthy = await startReceiver();
  sick = await deployment.addWebhook({ payload_url: `${receiver.url}/?token=s3cret` });
  well = await deployment.addWebhook({ payload_url: healthy.url });
});
afterEach(async () => {
  await Promise.all([receiver.stop(), healthy.stop()]);
  await deployment.stop();
});

/** Lets the hours pass until so many after the start, with an event every six. */
async function liveUntil(hours: number): Promise<readonly Emitted[]> {
  const events: Emitted[] = [];
  while (deployment.clock.nowMs < start + hours * HOUR) {
    const passed = Math.round((deployment.clock.nowMs - start) / HOUR);
    if (passed % 6 === 0) events.push(...(await emit(deployment)));
    await work(deployment);
    deployment.clock.nowMs = start + (passed + 1) * HOUR;
  }
  return events;
}

/** Five deliveries that will fail, each in a batch of its own, an hour after the first failure. */
async function fiveAtOnce() {
  await emit(deployment);
  await work(deployment);
  deployment.clock.nowMs += HOUR;
  await emit(deployment, 5);
  const batches = await batchesOf(deployment, sick);
  expect(batches.length).toBe(5);
  return batches;
}

function told(type: string, webhook = sick) {
  return deployment.notices
    .filter((notice) => notice.type === type && notice.detail['webhook_id'] === webhook.id)
    .map(({ detail }) => detail);
}

it('five days of nothing but failures deactivate a webhook; a healthy one beside it is not touched', async () => {
  const before = await liveUntil(119);
  expect(await asItIs(deployment, sick)).toMatchObject({ active: true, deactivation: undefined });
  const after = await liveUntil(132);
  const { active, deactivation, health } = await asItIs(deployment, sick);
  expect({ active, reason: deactivation?.reason }).toEqual({ active: false, reason: 'failing' });
  expect(health?.failing?.sinceMs).toBe(start);
  expect(Date.parse(deactivation?.at ?? '') - start).toBeGreaterThanOrEqual(120 * HOUR);
  expect(Date.parse(deactivation?.at ?? '') - start).toBeLessThan(121 * HOUR);
  expect(deactivation?.message).toMatch(/: all of its attempts have failed since 2026-11-23T12:00:00\.000Z$/);

  deployment.clock.nowMs = start + 240 * HOUR;
  await work(deployment);
  let dead = 0;
  for (const event of [...before, ...after]) {
    expect((await attemptsOf(deployment, well, event)).map((one) => one.status)).toEqual(['succeeded']);
    const last = (await attemptsOf(deployment, sick, event)).at(-1);
    if (last === undefined) continue;
    if (last.status === 'cancelled') expect(last.error?.message).toBe(deactivation?.message);
    else expect(last.status).toBe('dead');
    dead += last.status === 'dead' ? 1 : 0;
  }
  expect(dead).toBeGreaterThan(0);
  expect(await asItIs(deployment, well)).toEqual(well);
  expect(deployment.notices.filter(({ detail }) => detail['webhook_id'] !== sick.id)).toEqual([]);

  expect(told('webhook.failing')).toMatchObject([{ since: '2026-11-23T12:00:00.000Z', error: { class: 'status' } }]);
  expect(told('webhook.deactivated')).toMatchObject([{ reason: 'failing', since: '2026-11-23T12:00:00.000Z' }]);
  const deaths = told('delivery.dead').map(({ id }) => id);
  expect(deaths).toHaveLength(dead);
  expect(new Set(deaths).size).toBe(dead);
  expect(JSON.stringify(deployment.notices)).not.toContain('s3cret');
  expect((await deployment.inspect('events')).ready).toEqual([]);
});

it('a success resets, and is told of once', async () => {
  await liveUntil(100);
  status = 204;
  await liveUntil(101);
  status = 500;
  await liveUntil(150);
  expect(await asItIs(deployment, sick)).toMatchObject({ active: true });
  expect(told('webhook.recovered')).toMatchObject([{ since: '2026-11-23T12:00:00.000Z', reason: 'attempt_succeeded' }]);
  expect(told('webhook.failing')).toHaveLength(2);
});

it('a blip is told to nobody', async () => {
  await emit(deployment, 10);
  await work(deployment);
  deployment.clock.nowMs += MINUTE;
  status = 204;
  await emit(deployment);
  await work(deployment);
  expect((await asItIs(deployment, sick)).health?.failing).toBeUndefined();
  expect(deployment.notices).toEqual([]);
});

it('many failures of one moment are told of once at most, and none counts twice', async () => {
  const batches = await fiveAtOnce();
  const answers = await Promise.all(batches.map((batch) => deployment.handlers.deliver(batch)));
  expect(answers.flatMap(({ batchItemFailures }) => batchItemFailures)).toEqual([]);
  const { health } = await asItIs(deployment, sick);
  // What began at one moment cannot be told from what was counted already: fewer may count, never more.
  expect(health?.failing?.failures).toBeGreaterThanOrEqual(2);
  expect(health?.failing?.failures).toBeLessThanOrEqual(6);
  const said = told('webhook.failing').length;
  expect(said).toBe(health?.failing?.toldBy === undefined ? 0 : 1);
});

it('failures that were all judged before any was saved lose none of their count, and are told of once', async () => {
  const batches = await fiveAtOnce();
  const gates = batches.map(() => Promise.withResolvers<void>());
  let updates = 0;
  const undo = intercept(deployment.world.dynamodb, 'UpdateItem', async (_, send) => {
    const nth = updates++;
    await gates[nth]?.promise;
    return send();
  });
  const handled = [];
  for (const [nth, batch] of batches.entries()) {
    deployment.clock.nowMs += 1_000;
    handled.push(deployment.handlers.deliver(batch));
    await expect.poll(() => updates).toBe(nth + 1);
  }
  // Each but the first finds another's count in the place of the one that it has judged by.
  for (const [nth, gate] of gates.entries()) {
    gate.resolve();
    expect(await handled[nth]).toEqual({ batchItemFailures: [] });
  }
  undo();
  expect(updates).toBe(batches.length + batches.length - 1);
  expect((await asItIs(deployment, sick)).health?.failing).toMatchObject({ sinceMs: start, failures: 6 });
  expect(told('webhook.failing')).toHaveLength(1);
});

it('a success and a failure in two batches at once: whichever is saved first, the later success leaves it well', async () => {
  for (const order of [
    [500, 204],
    [204, 500],
  ] as const) {
    status = 500;
    deployment.clock.nowMs += MINUTE;
    await emit(deployment);
    await deployment.drain('deliveries', deployment.handlers.deliver);
    deployment.clock.nowMs += HOUR;
    await emit(deployment, 2);
    const [one, other] = await batchesOf(deployment, sick);
    if (one === undefined || other === undefined) throw new Error('There are no two messages');
    [status] = order;
    const isFirstSaved = Promise.withResolvers<void>();
    let updates = 0;
    const undo = intercept(deployment.world.dynamodb, 'UpdateItem', async (_, send) => {
      updates += 1;
      // The first to come is held until the second has been saved: it must find out.
      if (updates === 1) await isFirstSaved.promise;
      return send();
    });
    const held = deployment.handlers.deliver(one);
    await expect.poll(() => updates).toBe(1);
    status = order[1];
    await deployment.handlers.deliver(other);
    isFirstSaved.resolve();
    await held;
    undo();
    expect((await asItIs(deployment, sick)).health).toMatchObject({
      healthyMs: expect.any(Number),
      failing: undefined,
    });
  }
});

it('a user who activates it in the moment of its deactivation wins', async () => {
  await liveUntil(119);
  deployment.clock.nowMs = start + 121 * HOUR;
  const undo = intercept(deployment.world.dynamodb, 'UpdateItem', async (input, send) => {
    if (!JSON.stringify(input).includes('deactivation')) return send();
    undo();
    const startedOverMs = deployment.clock.nowMs + MINUTE;
    await deployment.webhooks.change(sick, { active: true, startedOverMs });
    return send();
  });
  await work(deployment);
  undo();
  expect(await asItIs(deployment, sick)).toMatchObject({ active: true, deactivation: undefined });
  expect(told('webhook.deactivated')).toEqual([]);
});

it('costs one call more for a batch that fails, and none while it is well', async () => {
  await liveUntil(31);
  await emit(deployment);
  await work(deployment);
  deployment.clock.nowMs += MINUTE;
  await emit(deployment, 3);
  const batches = await batchesOf(deployment, sick);
  const calls = countCalls(deployment.world);
  for (const batch of batches) {
    deployment.clock.nowMs += 1_000;
    await deployment.handlers.deliver(batch);
  }
  expect(calls.get('UpdateItem') ?? 0).toBe(batches.length);
});

it('a letter that is dead is told of once the bus takes it', async () => {
  const [event] = await emit(deployment);
  const [letter] = await batchesOf(deployment, sick);
  if (letter === undefined || event === undefined) throw new Error('There is no message');
  const undo = intercept(deployment.world.eventbridge, 'PutEvents', () => Promise.reject(new Error('away')));
  expect((await deployment.handlers.deadLetter(letter)).batchItemFailures).toHaveLength(1);
  undo();
  expect(await deployment.handlers.deadLetter(letter)).toEqual({ batchItemFailures: [] });
  expect(told('delivery.dead')).toMatchObject([{ reason: 'internal', delivery: { event_id: event.id, attempts: 1 } }]);
  expect(await attemptsOf(deployment, sick, event)).toMatchObject([{ status: 'dead' }]);
});

it('DynamoDB, for what is read, throttled for a while spends no attempt', async () => {
  status = 204;
  const signed = await deployment.addWebhook({ payload_url: `${receiver.url}/signed`, secret: 's3cret' });
  const [event] = await emit(deployment);
  const [batch] = await batchesOf(deployment, signed);
  if (batch === undefined || event === undefined) throw new Error('There is no message');
  const undo = intercept(deployment.world.dynamodb, 'BatchGetItem', () => {
    throw Object.assign(new Error('Slow down'), { name: 'ThrottlingException' });
  });
  for (let tried = 0; tried < 3; tried++) {
    deployment.clock.nowMs += 3 * MINUTE;
    await expect(deployment.handlers.deliver(batch)).rejects.toThrow('Slow down');
  }
  expect(receiver.received).toEqual([]);
  expect(await attemptsOf(deployment, signed, event)).toEqual([]);
  undo();
  expect(await deployment.handlers.deliver(batch)).toEqual({ batchItemFailures: [] });
  expect(await attemptsOf(deployment, signed, event)).toMatchObject([{ number: 1, status: 'succeeded' }]);
  expect(receiver.received).toHaveLength(1);
  expect((await asItIs(deployment, signed)).health).toBeUndefined();
});

it('a health that cannot be saved costs no second POST: it is saved with the message that comes again', async () => {
  await emit(deployment);
  const [batch] = await batchesOf(deployment, sick);
  if (batch === undefined) throw new Error('There is no message');
  const undo = intercept(deployment.world.dynamodb, 'UpdateItem', () => {
    throw Object.assign(new Error('Slow down'), { name: 'ThrottlingException' });
  });
  expect((await deployment.handlers.deliver(batch)).batchItemFailures).toHaveLength(1);
  undo();
  for (let copy = 0; copy < 3; copy++) expect((await deployment.handlers.deliver(batch)).batchItemFailures).toEqual([]);
  expect(receiver.received).toHaveLength(1);
  expect((await asItIs(deployment, sick)).health?.failing).toMatchObject({ sinceMs: start, failures: 1 });
});
