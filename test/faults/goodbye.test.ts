/** Scenario 14: a receiver says goodbye. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startRecovery } from '../../functions/actions/recoveries.ts';
import { changeWebhook } from '../../functions/actions/webhooks.ts';
import { deliverHandler } from '../../functions/deliver.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import { offerOf } from '../../functions/domain/missed.ts';
import type { Webhook } from '../../functions/domain/webhook.ts';
import { deliverDeps } from '../../functions/runtime/deps.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { expectConservation } from '../support/conservation.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { asItIs, attemptsOf, batchesOf, type Emitted, emit, work } from '../support/emit.ts';
import { crashAt, intercept } from '../support/failing.ts';
import { deliveryOf, type Receiver, startReceiver } from '../support/receiver.ts';

const HOUR = 3_600_000;

let deployment: Deployment;
let receiver: Receiver;
let healthy: Receiver;
let leaving: Webhook;
let staying: Webhook;
let status: number;

beforeEach(async () => {
  status = 410;
  deployment = await deploy();
  receiver = await startReceiver((response) => response.writeHead(status).end());
  healthy = await startReceiver();
  leaving = await deployment.addWebhook({ payload_url: receiver.url });
  staying = await deployment.addWebhook({ payload_url: healthy.url });
});
afterEach(async () => {
  await Promise.all([receiver.stop(), healthy.stop()]);
  await deployment.stop();
});

/** Accepted events × matching webhooks = what has ended, and every success is in its receiver's ledger. */
async function expectConserved(events: readonly Emitted[]): Promise<void> {
  for (const event of events) {
    expect((await attemptsOf(deployment, staying, event)).map((one) => one.status)).toEqual(['succeeded']);
    expect((await attemptsOf(deployment, leaving, event)).at(-1)?.status).toBe('cancelled');
  }
  expect(healthy.received).toHaveLength(events.length);
  for await (const page of deployment.attempts.due(Number.MAX_SAFE_INTEGER)) expect(page).toEqual([]);
}

it('its webhook is deactivated, what is pending is cancelled with the reason, and others are untouched', async () => {
  status = 500;
  const waiting = await emit(deployment, 2);
  await work(deployment);
  status = 410;
  deployment.clock.nowMs += 1_000;
  const last = await emit(deployment, 1);
  await work(deployment);
  expect(receiver.received).toHaveLength(3);

  const message = expect.stringMatching(
    /^The webhook was deactivated at 2026-11-23T12:00:01\.\d{3}Z: its receiver answered 410 Gone$/,
  );
  expect(await asItIs(deployment, leaving)).toMatchObject({ active: false, deactivation: { reason: 'gone', message } });
  const [goodbye, ...more] = await attemptsOf(deployment, leaving, last[0] ?? { id: '', createdAt: '' });
  expect(more).toEqual([]);
  expect(goodbye).toMatchObject({ status: 'cancelled', response: { status: 410 }, error: { class: 'status' } });
  expect(goodbye?.nextAttemptAt).toBeUndefined();

  deployment.clock.nowMs += HOUR;
  await work(deployment);
  for (const event of waiting) {
    expect(await attemptsOf(deployment, leaving, event)).toMatchObject([
      { status: 'retrying' },
      { status: 'cancelled', error: { class: 'webhook_inactive', message } },
    ]);
  }
  expect(receiver.received).toHaveLength(3);
  expect(await asItIs(deployment, staying)).toEqual(staying);
  await expectConserved([...waiting, ...last]);
  expect(deployment.notices.map(({ type }) => type)).toEqual(['webhook.deactivated']);
  expect(deployment.notices[0]?.detail).toMatchObject({ webhook_id: leaving.id, reason: 'gone' });
});

it('of three events, the 410 to the first is the last that it gets', async () => {
  const events = await emit(deployment, 3);
  const [first, ...others] = await batchesOf(deployment, leaving);
  if (first === undefined) throw new Error('There is no message');
  for (const batch of [first, ...others]) await deployment.handlers.deliver(batch);
  expect(receiver.received).toHaveLength(1);
  // The messages of the other webhook are in the test's hands.
  const [one] = events;
  if (one !== undefined) expect((await attemptsOf(deployment, leaving, one)).length).toBe(1);
});

it('where five batches have their 410 at the same moment, it is told once', async () => {
  await emit(deployment, 5);
  const batches = await batchesOf(deployment, leaving);
  expect(batches).toHaveLength(5);
  await Promise.all(batches.map((batch) => deployment.handlers.deliver(batch)));
  expect(deployment.notices.map(({ type }) => type)).toEqual(['webhook.deactivated']);
});

it('activated again, it is called again, and a copy of the old 410 changes nothing', async () => {
  await emit(deployment, 1);
  const [batch] = await batchesOf(deployment, leaving);
  if (batch === undefined) throw new Error('There is no message');
  await deployment.handlers.deliver(batch);
  deployment.clock.nowMs += HOUR;
  const startedOverMs = deployment.clock.nowMs;
  await deployment.webhooks.change(await asItIs(deployment, leaving), { active: true, startedOverMs });
  expect(await deployment.handlers.deliver(batch)).toEqual({ batchItemFailures: [] });
  expect(await asItIs(deployment, leaving)).toMatchObject({ active: true, deactivation: undefined });
  status = 204;
  const [event] = await emit(deployment, 1);
  await work(deployment);
  expect(await attemptsOf(deployment, leaving, event ?? { id: '', createdAt: '' })).toMatchObject([
    { status: 'succeeded' },
  ]);
});

it('activated again, it offers to recover what it missed, and one recovery brings everything, conservation included', async () => {
  status = 500;
  const before = await emit(deployment, 2);
  await work(deployment);
  status = 410;
  deployment.clock.nowMs += 1_000;
  const last = await emit(deployment, 1);
  await work(deployment);
  deployment.clock.nowMs += 30 * HOUR;
  const meanwhile = await emit(deployment, 3);
  await work(deployment);
  expect(receiver.received).toHaveLength(3);

  status = 204;
  deployment.clock.nowMs += HOUR;
  const api = apiDeps(deployment.engines.settings, deployment.world);
  const { namespace } = deployment;
  const { webhook, atMs } = await changeWebhook(api, { namespace, id: leaving.id }, { active: true });
  const offered = offerOf(webhook, atMs);
  if (offered === undefined) throw new Error('Nothing is offered');
  const body = { since: new Date(offered.sinceMs).toISOString(), status: 'missed' };
  const recovery = await startRecovery(api, { namespace, webhookId: leaving.id }, body);
  expect(recovery).toMatchObject({ status: 'finished', deliveriesRedelivered: 6 });
  const after = await emit(deployment, 1);
  await work(deployment);
  const taken = receiver.received.slice(3).map(deliveryOf);
  const all = [...before, ...last, ...meanwhile, ...after];
  expect(taken.toSorted()).toEqual(all.map((event) => deliveryId(event, leaving.id)).toSorted());
  expect(offerOf(await asItIs(deployment, leaving), deployment.clock.nowMs)).toBeUndefined();
  const receivers = [receiver, healthy];
  expect(await expectConservation(deployment, { namespaceId: namespace.id, receivers })).toMatchObject({
    events: 7,
    matching: 14,
    counts: { succeeded: 14 },
  });
});

it('a user who moves the webhook to another receiver at the same moment wins', async () => {
  const elsewhere = `${healthy.url}/elsewhere`;
  await emit(deployment, 1);
  const undo = intercept(deployment.world.dynamodb, 'UpdateItem', async (_, send) => {
    undo();
    // By the clock of another machine: the attempt began later, and still to the URL of before.
    await deployment.webhooks.change(leaving, { payloadUrl: elsewhere, startedOverMs: deployment.clock.nowMs - 1_000 });
    return send();
  });
  await deployment.drain('deliveries', deployment.handlers.deliver);
  expect(await asItIs(deployment, leaving)).toMatchObject({ active: true, payloadUrl: elsewhere });
  expect(deployment.notices).toEqual([]);
});

it('a bus that is away costs no second POST, and the notice comes with the message', async () => {
  await emit(deployment, 1);
  const [batch] = await batchesOf(deployment, leaving);
  if (batch === undefined) throw new Error('There is no message');
  const undo = intercept(deployment.world.eventbridge, 'PutEvents', () => Promise.reject(new Error('away')));
  expect((await deployment.handlers.deliver(batch)).batchItemFailures).toHaveLength(1);
  expect((await asItIs(deployment, leaving)).active).toBe(false);
  undo();
  expect(await deployment.handlers.deliver(batch)).toEqual({ batchItemFailures: [] });
  expect(receiver.received).toHaveLength(1);
  expect(deployment.notices.map(({ type }) => type)).toEqual(['webhook.deactivated']);
});

it('killed at any call, it is deactivated in the end and told of, and the log has the 410', async () => {
  for (const when of ['before', 'after'] as const) {
    for (let nth = 1; ; nth++) {
      const url = `${receiver.url}/${when}/${nth}`;
      const webhook = await deployment.addWebhook({ payload_url: url });
      const [event] = await emit(deployment, 1);
      const [batch] = await batchesOf(deployment, webhook);
      if (batch === undefined || event === undefined) throw new Error('There is no message');
      const crash = crashAt(deployment.world, nth, when);
      const answered = await deployment.handlers.deliver(batch).catch(() => undefined);
      const wasKilled = crash.calls() >= nth;
      crash.revive();
      if (answered?.batchItemFailures.length !== 0) await deployment.handlers.deliver(batch);
      expect(await asItIs(deployment, webhook)).toMatchObject({ active: false, deactivation: { reason: 'gone' } });
      const log = await attemptsOf(deployment, webhook, event);
      expect(log).toMatchObject([{ status: 'cancelled', response: { status: 410 } }]);
      const told = deployment.notices.filter(({ detail }) => detail['webhook_id'] === webhook.id);
      expect(new Set(told.map(({ detail }) => detail['id'])).size).toBe(1);
      if (!wasKilled) break;
    }
  }
});

it('the notice leads to the webhook in the API, where that has a public URL', async () => {
  const settings = { ...deployment.engines.settings, PUBLIC_URL: 'https://ci.example/hooks/' };
  await emit(deployment, 1);
  await deployment.drain('deliveries', deliverHandler(deliverDeps(settings, deployment.world)));
  expect(deployment.notices[0]?.detail).toMatchObject({
    webhook_url: `https://ci.example/hooks/n/admin/demo/-/webhooks/${leaving.id}`,
  });
});

it("the service's own events never come back to it", async () => {
  await emit(deployment, 1);
  await work(deployment);
  expect(deployment.notices).toHaveLength(1);
  expect((await deployment.inspect('events')).ready).toEqual([]);
});
