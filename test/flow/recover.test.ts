import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cancelRecovery, type RecoveryDeps, startRecovery } from '../../functions/actions/recoveries.ts';
import { deleteWebhook } from '../../functions/actions/webhooks.ts';
import type { DeliveryStatus } from '../../functions/domain/delivery.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import type { Recovery } from '../../functions/domain/recovery.ts';
import type { Webhook } from '../../functions/domain/webhook.ts';
import { recoverHandler } from '../../functions/recover.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { failedAttempt } from '../support/attempt.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { Crash, crashAt, intercept } from '../support/failing.ts';
import { deliveryOf, type Receiver, startReceiver } from '../support/receiver.ts';

const START = Date.parse('2026-11-23T12:00:00Z');
const MINUTE = 60_000;

let deployment: Deployment;
let receiver: Receiver;
let webhook: Webhook;
let deps: RecoveryDeps;
let webhooks = 0;
let eventId: string;
/** What made recoveries stop for now. */
let failures: unknown[];

beforeAll(async () => {
  deployment = await deploy();
  receiver = await startReceiver();
});
beforeEach(async () => {
  deployment.clock.nowMs = START;
  failures = [];
  webhooks += 1;
  webhook = await deployment.addWebhook({ payload_url: `${receiver.url}/${webhooks}` });
  deps = {
    ...apiDeps(deployment.engines.settings, deployment.world),
    onRecoveryFailure: (error) => failures.push(error),
  };
  eventId = randomUUID();
});
afterAll(async () => {
  await receiver.stop();
  await deployment.stop();
});

const of = () => ({ namespace: deployment.namespace, webhookId: webhook.id });
const HOUR_AGO = { since: '2026-11-23T11:00:00Z' };

/** The id of the delivery of an event so many seconds before noon. */
const createdAt = (secondsBeforeNoon: number) => new Date(START - secondsBeforeNoon * 1000).toISOString();
const idAt = (secondsBeforeNoon: number) =>
  deliveryId({ id: eventId, createdAt: createdAt(secondsBeforeNoon) }, webhook.id);

/** Puts deliveries into the log that ended a minute before noon, with their events; answers their ids, oldest first. */
async function logged(seconds: readonly number[], status: DeliveryStatus = 'dead'): Promise<string[]> {
  const namespaceId = deployment.namespace.id;
  const oldestFirst = seconds.toSorted((a, b) => b - a);
  await deployment.events.open(
    oldestFirst.map((second) => ({
      event: { id: eventId, type: 'cron', namespaceId, createdAt: createdAt(second), payload: '{}' },
      verdicts: {},
      receivedAt: createdAt(second),
      openedBy: 'test',
    })),
  );
  await deployment.attempts.record(
    oldestFirst.map((second) => ({
      attempt: failedAttempt({
        deliveryId: idAt(second),
        eventCreatedAt: createdAt(second),
        startedAt: createdAt(60),
        nextAttemptAt: undefined,
        namespaceId,
        eventId,
        webhookId: webhook.id,
        status,
      }),
    })),
  );
  return oldestFirst.map(idAt);
}

const seconds = (count: number) => Array.from({ length: count }, (_, index) => index + 61);

/** What has arrived at this test's webhook, as ids of deliveries, in order. */
const arrived = () => receiver.received.filter(({ path }) => path === `/${webhooks}`).map(deliveryOf);

const deliver = () => deployment.drain('deliveries', deployment.handlers.deliver);
/** A run of the schedule, a minute after what came before. */
const runOf = async (which: RecoveryDeps) => {
  deployment.clock.nowMs += MINUTE;
  return recoverHandler(which)({});
};
const run = () => runOf(deps);

async function now({ id }: Pick<Recovery, 'id'>): Promise<Recovery> {
  const found = await deps.recoveries.find({ webhookId: webhook.id, id }, deployment.clock.nowMs);
  if (found === undefined) throw new Error('There is no such recovery');
  return found;
}

async function all(): Promise<readonly Recovery[]> {
  const page = { limit: 5, nowMs: deployment.clock.nowMs };
  return (await deps.recoveries.page(webhook.id, page)).rows;
}

describe('a recovery', () => {
  it('makes 250 dead deliveries again, oldest first, each once: a page in the answer, the rest by the schedule', async () => {
    const ids = await logged(seconds(250));
    const messages: string[] = [];
    const send: RecoveryDeps['deliveries']['send'] = (batch) => {
      messages.push(...batch.map(({ body }) => (JSON.parse(body) as { delivery: string }).delivery));
      return deps.deliveries.send(batch);
    };
    const watched = { ...deps, deliveries: { send } };
    const started = await startRecovery(watched, of(), HOUR_AGO);
    expect(started).toMatchObject({ status: 'running', deliveriesRead: 100, deliveriesRedelivered: 100 });
    expect(await runOf(watched)).toEqual({ redelivered: 150 });
    expect(await now(started)).toMatchObject({
      status: 'finished',
      deliveriesRead: 250,
      deliveriesRedelivered: 250,
      finishedAt: '2026-11-23T12:01:00.000Z',
    });
    expect(messages).toEqual(ids);
    await deliver();
    expect(arrived().toSorted()).toEqual(ids);
    const log = await deployment.attempts.delivery(webhook.id, ids[7] ?? '', START);
    expect(log).toMatchObject([{ status: 'dead' }, { status: 'succeeded', number: 2, firstOfRun: 2 }]);
    expect(await runOf(watched), 'finished is finished').toEqual({ redelivered: 0 });
  });

  it('takes the status and the stretch of time that were asked for, and no other webhook', async () => {
    await logged([100, 300, 500]);
    const [inRange] = await logged([301], 'cancelled');
    await logged([99, 501], 'cancelled');
    const body = { since: createdAt(500), until: createdAt(100), status: 'cancelled' };
    expect(await startRecovery(deps, of(), body)).toMatchObject({
      status: 'finished',
      deliveriesRead: 3,
      deliveriesRedelivered: 1,
    });
    await deliver();
    expect(arrived()).toEqual([inRange]);
    await startRecovery(deps, of(), { since: createdAt(500), until: createdAt(100) });
    await deliver();
    expect(arrived(), 'since is in, until is not').toEqual([inRange, idAt(500), idAt(300)]);
  });

  it('judges a delivery by its last attempt, however many it had', async () => {
    const [id = ''] = await logged([100], 'retrying');
    const [first] = (await deployment.attempts.delivery(webhook.id, id, START)) ?? [];
    if (first === undefined) throw new Error('no attempt');
    const rest = Array.from({ length: 9 }, (_, index) => ({ attempt: { ...first, number: index + 2 } }));
    await deployment.attempts.record([...rest, { attempt: { ...first, number: 11, status: 'dead' } }]);
    const [recovered = ''] = await logged([90]);
    await deployment.attempts.record([
      { attempt: { ...first, deliveryId: recovered, number: 2, status: 'dead' } },
      { attempt: { ...first, deliveryId: recovered, number: 3, firstOfRun: 3, status: 'succeeded' } },
    ]);
    const small = { ...deps, deliveriesPerPage: 1 };
    const started = await startRecovery(small, of(), HOUR_AGO);
    await runOf(small);
    await deliver();
    expect(arrived()).toEqual([id]);
    expect(await now(started)).toMatchObject({ status: 'finished', deliveriesRead: 2, deliveriesRedelivered: 1 });
    const attempts = await deployment.attempts.delivery(webhook.id, id, START);
    expect(attempts?.at(-1)).toMatchObject({ number: 12, firstOfRun: 12, status: 'succeeded' });
  });

  it('keeps a pace that a receiver can keep, even where a run comes twice', async () => {
    await logged(seconds(9));
    const slow = { ...deps, deliveriesPerPage: 2, deliveriesPerRun: 3 };
    await startRecovery(slow, of(), HOUR_AGO);
    expect(await runOf(slow)).toEqual({ redelivered: 3 });
    expect(await recoverHandler(slow)({}), 'the same minute').toEqual({ redelivered: 0 });
    expect(await runOf(slow)).toEqual({ redelivered: 3 });
    expect(await runOf(slow)).toEqual({ redelivered: 1 });
    await deliver();
    expect(arrived()).toHaveLength(9);
  });

  it('stops in time, and goes on in the next run', async () => {
    await logged(seconds(6));
    const slow = { ...deps, deliveriesPerPage: 2 };
    await startRecovery(slow, of(), HOUR_AGO);
    const send: RecoveryDeps['deliveries']['send'] = (batch) => {
      deployment.clock.nowMs += 20_000;
      return deps.deliveries.send(batch);
    };
    expect(await runOf({ ...slow, deliveries: { send } })).toEqual({ redelivered: 2 });
    expect(await runOf(slow)).toEqual({ redelivered: 2 });
  });

  it('is worked on by one of two runs at once', async () => {
    const ids = await logged(seconds(7));
    const small = { ...deps, deliveriesPerPage: 2 };
    await startRecovery(small, of(), HOUR_AGO);
    deployment.clock.nowMs += MINUTE;
    const runs = await Promise.all([1, 2, 3].map(() => recoverHandler(small)({})));
    expect(runs.map(({ redelivered }) => redelivered).toSorted()).toEqual([0, 0, 5]);
    await deliver();
    expect(arrived().toSorted()).toEqual(ids);
  });
});

describe('a crash', () => {
  /** Of what has succeeded: such a delivery stands after it was made again as it stood before. */
  const body = { ...HOUR_AGO, until: createdAt(0), status: 'succeeded' };

  /** Kills a recovery of ten deliveries at a call of its; answers whether it was made so soon that it lived to its end. */
  async function killAt(nth: number, when: 'before' | 'after', small: RecoveryDeps): Promise<boolean> {
    const crash = crashAt(deployment.world, nth, when);
    const life = async () => {
      await startRecovery(small, of(), body);
      await runOf(small);
    };
    await life().catch((error) => expect(error).toBeInstanceOf(Crash));
    crash.revive();
    return crash.calls() < nth;
  }

  it.each(['before', 'after'] as const)(
    '%s any of its calls: every delivery is made again, exactly once',
    async (when) => {
      for (let nth = 1, isAlive = false; !isAlive; nth++) {
        webhooks += 1;
        webhook = await deployment.addWebhook({ payload_url: `${receiver.url}/${webhooks}` });
        deployment.clock.nowMs = START;
        const ids = await logged(seconds(10), 'succeeded');
        const small = { ...deps, deliveriesPerPage: 4 };
        isAlive = await killAt(nth, when, small);
        // Some of what was sent before the crash has been attempted by the time that the work goes on.
        for (let batch = 0; batch < nth % 3; batch++) await deployment.step('deliveries', deployment.handlers.deliver);
        deployment.clock.nowMs += 5 * MINUTE;
        // The user asks again where the first request came to nothing.
        if ((await all()).length === 0) await startRecovery(small, of(), body);
        for (let more = 0; more < 3; more++) await runOf(small);
        await deliver();
        expect(arrived().toSorted(), `killed ${when} call ${nth}`).toEqual(ids);
        expect((await all()).map(({ status }) => status)).toEqual(['finished']);
        expect(nth).toBeLessThan(60);
      }
    },
  );
});

describe('what goes wrong meanwhile', () => {
  it('SQS takes part of a batch: the page is not done, and is sent again, of which the receiver sees nothing', async () => {
    const ids = await logged(seconds(30));
    const small = { ...deps, deliveriesPerPage: 20 };
    const undo = intercept(deployment.world.sqs, 'SendMessageBatch', async (input, send) => {
      const { Entries } = input as { Entries: { Id: string }[] };
      const [refused] = Entries.splice(-1);
      const answered = Entries.length === 0 ? { output: {} } : await send();
      return {
        output: { ...answered.output, Failed: [{ Id: refused?.Id, Code: 'InternalError', SenderFault: false }] },
      };
    });
    const started = await startRecovery(small, of(), HOUR_AGO);
    undo();
    expect(started).toMatchObject({ status: 'running', deliveriesRedelivered: 0 });
    expect(failures).toEqual([new Error('The deliveries queue did not take 2 of 20 redeliveries')]);
    await deployment.step('deliveries', deployment.handlers.deliver);
    for (let minute = 0; minute < 3; minute++) await run();
    await deliver();
    expect(arrived().toSorted()).toEqual(ids);
    expect((await now(started)).status).toBe('finished');
  });

  it('one recovery fails, and the run with it: the others go on, and it goes on when its hold has run out', async () => {
    await logged(seconds(3));
    const small = { ...deps, deliveriesPerPage: 1 };
    const broken = await startRecovery(small, of(), HOUR_AGO);
    const of1 = of();
    webhooks += 1;
    webhook = await deployment.addWebhook({ payload_url: `${receiver.url}/${webhooks}` });
    await logged(seconds(3));
    const healthy = await startRecovery(small, of(), HOUR_AGO);
    const stretch: RecoveryDeps['attempts']['stretch'] = async (webhookId, options) => {
      if (webhookId === of1.webhookId) throw new Error('DynamoDB is away');
      return deps.attempts.stretch(webhookId, options);
    };
    await expect(runOf({ ...small, attempts: { ...deps.attempts, stretch } })).rejects.toThrow('DynamoDB is away');
    expect(await now(healthy)).toMatchObject({ status: 'finished', deliveriesRedelivered: 3 });
    expect(failures).toEqual([new Error('DynamoDB is away')]);
    expect(await runOf(small), 'held').toEqual({ redelivered: 0 });
    expect(await runOf(small)).toEqual({ redelivered: 2 });
    const key = { webhookId: of1.webhookId, id: broken.id };
    expect(await deps.recoveries.find(key, deployment.clock.nowMs)).toMatchObject({ status: 'finished' });
  });

  it('it is cancelled: nothing more is sent, and what was sent goes on', async () => {
    const ids = await logged(seconds(6));
    const small = { ...deps, deliveriesPerPage: 2 };
    const { id } = await startRecovery(small, of(), HOUR_AGO);
    await cancelRecovery(small, { ...of(), recoveryId: id });
    await runOf(small);
    await deliver();
    expect(arrived().toSorted()).toEqual(ids.slice(0, 2));
    expect(await now({ id })).toMatchObject({ status: 'cancelled', deliveriesRedelivered: 2, reason: undefined });
    await expect(cancelRecovery(small, { ...of(), recoveryId: id })).rejects.toThrow('it is cancelled');
  });

  it('it is cancelled while a page is under way: that page is the last one', async () => {
    const ids = await logged(seconds(6));
    const small = { ...deps, deliveriesPerPage: 2 };
    const { id } = await startRecovery(small, of(), HOUR_AGO);
    const send: RecoveryDeps['deliveries']['send'] = async (batch) => {
      await cancelRecovery(small, { ...of(), recoveryId: id });
      return deps.deliveries.send(batch);
    };
    expect(await runOf({ ...small, deliveries: { send } })).toEqual({ redelivered: 2 });
    await runOf(small);
    await deliver();
    expect(arrived().toSorted()).toEqual(ids.slice(0, 4));
    expect((await now({ id })).status).toBe('cancelled');
    expect(failures).toEqual([]);
  });

  it('it is asked for five times at once: one begins', async () => {
    const ids = await logged(seconds(250));
    const asked = await Promise.allSettled([1, 2, 3, 4, 5].map(() => startRecovery(deps, of(), HOUR_AGO)));
    const reasons = asked.flatMap((one) => (one.status === 'rejected' ? [String(one.reason.message)] : []));
    expect(reasons).toEqual(Array(4).fill('A recovery of this webhook is running. Cancel it, or wait'));
    await run();
    await deliver();
    expect(arrived().toSorted()).toEqual(ids);
    expect(await startRecovery(deps, of(), HOUR_AGO), 'then another one').toMatchObject({ status: 'finished' });
  });

  it('the webhook is deleted: it stops, and says why', async () => {
    await logged(seconds(3));
    const small = { ...deps, deliveriesPerPage: 1 };
    const { id } = await startRecovery(small, of(), HOUR_AGO);
    await deleteWebhook(apiDeps(deployment.engines.settings, deployment.world), { ...of(), id: webhook.id });
    expect(await runOf(small)).toEqual({ redelivered: 0 });
    expect(await now({ id })).toMatchObject({ status: 'cancelled', reason: 'The webhook was deleted' });
  });

  it('the webhook is deactivated: it stops, and says why; and while it is inactive none begins', async () => {
    await logged(seconds(3));
    const small = { ...deps, deliveriesPerPage: 1 };
    const { id } = await startRecovery(small, of(), HOUR_AGO);
    await deployment.webhooks.change(webhook, { active: false });
    expect(await runOf(small)).toEqual({ redelivered: 0 });
    expect(await now({ id })).toMatchObject({ status: 'cancelled', reason: 'The webhook was deactivated' });
    await expect(startRecovery(deps, of(), HOUR_AGO)).rejects.toThrow('The webhook is inactive. Activate it first');
  });

  it('deliveries come in the meantime: those are none of its business', async () => {
    const ids = await logged(seconds(4));
    const small = { ...deps, deliveriesPerPage: 2 };
    await startRecovery(small, of(), HOUR_AGO);
    await logged([-30]);
    await runOf(small);
    await deliver();
    expect(arrived().toSorted()).toEqual(ids);
  });
});
