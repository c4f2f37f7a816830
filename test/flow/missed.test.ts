import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EventView, showEvent } from '../../functions/actions/events.ts';
import { cancelRecovery, type RecoveryDeps, startRecovery } from '../../functions/actions/recoveries.ts';
import type { EventType } from '../../functions/domain/catalogue.ts';
import { type DeliveryStatus, firstAttempt } from '../../functions/domain/delivery.ts';
import { readMessage } from '../../functions/domain/delivery-message.ts';
import type { Recovery } from '../../functions/domain/recovery.ts';
import type { Webhook } from '../../functions/domain/webhook.ts';
import { recoverHandler } from '../../functions/recover.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import type { WebDeps } from '../../functions/web/app.ts';
import { failedAttempt } from '../support/attempt.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { asItIs } from '../support/emit.ts';
import { Crash, crashAt } from '../support/failing.ts';
import { deliveryOf, type Receiver, startReceiver } from '../support/receiver.ts';

const START = Date.parse('2026-11-23T12:00:00Z');
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let deployment: Deployment;
let receiver: Receiver;
let webhook: Webhook;
let deps: WebDeps & RecoveryDeps;
let webhooks = 0;
let failures: unknown[];

beforeAll(async () => {
  deployment = await deploy();
  receiver = await startReceiver();
});
beforeEach(async () => {
  failures = [];
  deps = {
    ...apiDeps(deployment.engines.settings, deployment.world),
    onRecoveryFailure: (error) => failures.push(error),
  };
  await begin();
});
afterAll(async () => {
  await receiver.stop();
  await deployment.stop();
});

async function begin(body: object = {}): Promise<void> {
  deployment.clock.nowMs = START;
  webhooks += 1;
  webhook = await deployment.addWebhook({ payload_url: `${receiver.url}/${webhooks}`, ...body });
}

const of = () => ({ namespace: deployment.namespace, webhookId: webhook.id });
const MISSED = { since: '2026-11-23T11:00:00Z', status: 'missed' };
const createdAt = (secondsBeforeNoon: number) => new Date(START - secondsBeforeNoon * 1000).toISOString();

type Event = {
  readonly at: number;
  readonly verdict?: 'inactive' | 'sent' | 'not_subscribed';
  /** Where its delivery stands; the log has none where that is not said. */
  readonly status?: DeliveryStatus;
  readonly type?: EventType;
  readonly receivedAt?: string;
};

/** Puts events into the table that came so many seconds before noon, and their deliveries; answers these one's ids. */
async function given(events: readonly Event[]): Promise<string[]> {
  const records = events.map(({ at, verdict = 'inactive', type = 'cron', receivedAt = createdAt(at) }) => ({
    event: { id: randomUUID(), type, namespaceId: deployment.namespace.id, createdAt: createdAt(at), payload: '{}' },
    verdicts: { [verdict]: [webhook.id] },
    receivedAt,
    openedBy: 'test',
  }));
  await deployment.events.open(records);
  const firsts = records.map(({ event }) => firstAttempt(event, webhook.id));
  const times = { startedAt: createdAt(60), nextAttemptAt: undefined };
  const recordings = firsts.flatMap((first, index) => {
    const status = events[index]?.status;
    return status === undefined ? [] : [{ attempt: failedAttempt({ ...first, ...times, status }) }];
  });
  if (recordings.length > 0) await deployment.attempts.record(recordings);
  return firsts.map(({ deliveryId }) => deliveryId);
}

const missed = (count: number): Event[] =>
  Array.from({ length: count }, (_, index) => ({
    at: 3_000 - index,
    ...(index % 3 === 0 ? { verdict: 'sent', status: index % 2 === 0 ? 'dead' : 'cancelled' } : {}),
  }));

/** What has arrived at this test's webhook, as ids of deliveries, in order. */
const arrived = () => receiver.received.filter(({ path }) => path === `/${webhooks}`).map(deliveryOf);
const deliver = () => deployment.drain('deliveries', deployment.handlers.deliver);
/** A run of the schedule, a minute after what came before. */
const runOf = async (which: RecoveryDeps) => {
  deployment.clock.nowMs += MINUTE;
  return recoverHandler(which)({});
};

async function now({ id }: Pick<Recovery, 'id'>): Promise<Recovery> {
  const found = await deps.recoveries.find({ webhookId: webhook.id, id }, deployment.clock.nowMs);
  if (found === undefined) throw new Error('There is no such recovery');
  return found;
}

const attemptsOf = async (id = '') =>
  (await deployment.attempts.delivery(webhook.id, id, deployment.clock.nowMs)) ?? [];

describe('a recovery of what was missed', () => {
  it('makes what stands dead or cancelled, and what came while the webhook was inactive, oldest first', async () => {
    const messages: string[] = [];
    const send: RecoveryDeps['deliveries']['send'] = (batch) => {
      messages.push(...batch.map(({ body }) => readMessage(body)?.deliveryId ?? ''));
      return deps.deliveries.send(batch);
    };
    const ids = await given(missed(250));
    const watched = { ...deps, deliveries: { send } };
    const started = await startRecovery(watched, of(), MISSED);
    expect(started).toMatchObject({ status: 'running', deliveriesRead: 100, deliveriesRedelivered: 100 });
    await deliver();
    expect(await runOf(watched)).toEqual({ redelivered: 150 });
    expect(messages).toEqual(ids);
    await deliver();
    expect(arrived().toSorted()).toEqual(ids);
    expect(await now(started)).toMatchObject({ status: 'finished', deliveriesRedelivered: 250 });
    expect(await attemptsOf(ids[0])).toMatchObject([{ status: 'dead' }, { status: 'succeeded', firstOfRun: 2 }]);
    expect(await attemptsOf(ids[1])).toMatchObject([{ status: 'succeeded', number: 1, firstOfRun: 1 }]);
    expect(await startRecovery(deps, of(), MISSED), 'once is enough').toMatchObject({ deliveriesRedelivered: 0 });
  });

  it('leaves alone what stands otherwise, is of another time or type, or was not meant for the webhook', async () => {
    await begin({ events: ['cron'] });
    const [dead = '', inactive = ''] = await given([
      { at: 500, verdict: 'sent', status: 'dead' },
      { at: 500 },
      { at: 501 },
      { at: 100 },
      { at: 300, type: 'build.finished' },
      { at: 300, verdict: 'not_subscribed' },
      { at: 300, verdict: 'sent' },
      ...(['succeeded', 'retrying', 'held'] as const).map((status) => ({ at: 300, status })),
    ]);
    const body = { since: createdAt(500), until: createdAt(100), status: 'missed' };
    expect(await startRecovery(deps, of(), body)).toMatchObject({ status: 'finished', deliveriesRedelivered: 2 });
    await deliver();
    expect(arrived().toSorted()).toEqual([dead, inactive].toSorted());
  });

  it('finds many that came at the same moment, and what is far behind all that was not missed', async () => {
    const others = Array.from({ length: 130 }, (): Event => ({ at: 200, verdict: 'not_subscribed' }));
    await given(others);
    const ids = await given([...Array.from({ length: 40 }, () => ({ at: 100 })), { at: 50 }]);
    const small = { ...deps, deliveriesPerPage: 7 };
    const started = await startRecovery(small, of(), MISSED);
    await runOf(small);
    await deliver();
    expect(arrived().toSorted()).toEqual(ids.toSorted());
    expect(await now(started)).toMatchObject({ status: 'finished', deliveriesRedelivered: 41 });
  });

  it('is one with its twin: asked for again while the first one was cut, it makes each once', async () => {
    const ids = await given(missed(9));
    const small = { ...deps, deliveriesPerPage: 4 };
    const { id } = await startRecovery(small, of(), MISSED);
    await cancelRecovery(small, { ...of(), recoveryId: id });
    await startRecovery(deps, of(), MISSED);
    await deliver();
    expect(arrived().toSorted()).toEqual(ids);
    expect(await now({ id })).toMatchObject({ status: 'cancelled', deliveriesRedelivered: 4 });
  });

  it('keeps the pace, down to one at a time', async () => {
    const ids = await given(missed(7));
    const slow = { ...deps, deliveriesPerPage: 2, deliveriesPerRun: 3 };
    await startRecovery(slow, of(), MISSED);
    expect(await runOf(slow)).toEqual({ redelivered: 3 });
    expect(await runOf(slow)).toEqual({ redelivered: 2 });
    await deliver();
    expect(arrived().toSorted()).toEqual(ids);
  });

  it('makes no delivery twice whose first attempt the log may have forgotten', async () => {
    const [old, young] = [new Date(START - 30 * DAY).toISOString(), new Date(START - 30 * DAY + 1000).toISOString()];
    const [, id] = await given([
      { at: 40 * 86_400, receivedAt: old },
      { at: 39 * 86_400, receivedAt: young },
    ]);
    await startRecovery(deps, of(), { since: createdAt(41 * 86_400), status: 'missed' });
    await deliver();
    expect(arrived()).toEqual([id]);
  });

  it('stops where the webhook is deactivated, and another one goes on', async () => {
    const ids = await given(missed(6));
    const small = { ...deps, deliveriesPerPage: 2 };
    const { id } = await startRecovery(small, of(), MISSED);
    await deployment.webhooks.change(webhook, { active: false });
    await runOf(small);
    await deliver();
    expect(await now({ id })).toMatchObject({ status: 'cancelled', reason: 'The webhook was deactivated' });
    expect(arrived()).toEqual([]);
    deployment.clock.nowMs += MINUTE;
    await deployment.webhooks.change(await asItIs(deployment, webhook), { active: true });
    await startRecovery(deps, of(), MISSED);
    await deliver();
    expect(arrived().toSorted()).toEqual(ids);
  });
});

describe('a crash', () => {
  /** Kills a recovery of ten deliveries at a call of its; answers whether it was made so soon that it lived to its end. */
  async function killAt(nth: number, when: 'before' | 'after', small: RecoveryDeps): Promise<boolean> {
    const crash = crashAt(deployment.world, nth, when);
    const life = async () => {
      await startRecovery(small, of(), { ...MISSED, until: createdAt(0) });
      await runOf(small);
    };
    await life().catch((error) => expect(error).toBeInstanceOf(Crash));
    crash.revive();
    return crash.calls() < nth;
  }

  it.each(['before', 'after'] as const)('%s any of its calls: everything is made, exactly once', async (when) => {
    for (let nth = 1, isAlive = false; !isAlive; nth++) {
      await begin();
      const ids = await given(missed(10));
      const small = { ...deps, deliveriesPerPage: 4 };
      isAlive = await killAt(nth, when, small);
      // Some of what was sent before the crash has been attempted by the time that the work goes on.
      for (let batch = 0; batch < nth % 3; batch++) await deployment.step('deliveries', deployment.handlers.deliver);
      deployment.clock.nowMs += 5 * MINUTE;
      const all = async () =>
        (await deps.recoveries.page(webhook.id, { limit: 5, nowMs: deployment.clock.nowMs })).rows;
      // The user asks again where the first request came to nothing.
      if ((await all()).length === 0) await startRecovery(small, of(), MISSED);
      for (let more = 0; more < 3; more++) await runOf(small);
      await deliver();
      expect(arrived().toSorted(), `killed ${when} call ${nth}`).toEqual(ids);
      expect((await all()).map(({ status }) => status)).toEqual(['finished']);
      expect(nth).toBeLessThan(90);
    }
  });
});

it('an event that was missed shows where its delivery stands once the log has one', async () => {
  await given([{ at: 1 }]);
  const { rows } = await deps.events.page(deployment.namespace.id, { limit: 1, nowMs: START });
  const [event] = rows;
  if (event === undefined) throw new Error('There is no event');
  const verdictOf = ({ verdicts }: EventView) => verdicts.find(({ webhookId }) => webhookId === webhook.id);
  const show = async () => verdictOf(await showEvent(deps, deployment.namespace, event));
  expect(await show()).toEqual({ webhookId: webhook.id, verdict: 'inactive' });
  await startRecovery(deps, of(), MISSED);
  expect(await show(), 'it is on its way').toMatchObject({ verdict: 'inactive' });
  await deliver();
  const { deliveryId } = firstAttempt(event, webhook.id);
  expect(await show()).toEqual({ webhookId: webhook.id, verdict: 'succeeded', deliveryId });
});
