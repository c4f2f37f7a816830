import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { cancelRetries, type RedeliverDeps, redeliver } from '../../functions/actions/redeliver.ts';
import { RETRY_DELAYS_SECONDS } from '../../functions/domain/schedule.ts';
import type { Webhook } from '../../functions/domain/webhook.ts';
import { queue } from '../../functions/transport/queue.ts';
import { failedAttempt } from '../support/attempt.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { Crash, intercept } from '../support/failing.ts';
import { deliveryOf, type Receiver, startReceiver } from '../support/receiver.ts';

let deployment: Deployment;
let receiver: Receiver;
let webhook: Webhook;
let deps: RedeliverDeps;
let status = 204;
/** What happens while the receiver has the request and has not answered yet. */
let onArrival: () => Promise<void> = async () => undefined;
let deliveryId: string;

beforeAll(async () => {
  deployment = await deploy();
  receiver = await startReceiver(async (response) => {
    await onArrival();
    response.writeHead(status).end();
  });
  webhook = await deployment.addWebhook({ payload_url: receiver.url, secret: 's3cret' });
  const { world, engines, attempts } = deployment;
  const deliveries = queue(world.sqs, engines.queueUrl('deliveries'));
  deps = { webhooks: deployment.webhooks, attempts, deliveries, now: world.now };
});
beforeEach(() => {
  deliveryId = randomUUID();
});
afterAll(async () => {
  await receiver.stop();
  await deployment.stop();
});

const which = () => ({ namespace: deployment.namespace, webhookId: webhook.id, deliveryId });
/** How often this test's delivery has arrived; those of the tests before may still be retried. */
const arrived = () => receiver.received.filter((request) => deliveryOf(request) === deliveryId).length;
const log = () => deployment.attempts.delivery(webhook.id, deliveryId, deployment.clock.nowMs);

/** A delivery whose first attempt failed, and whose event is in the table. */
async function failed(differences: Parameters<typeof failedAttempt>[0] = {}): Promise<void> {
  const namespaceId = deployment.namespace.id;
  const eventId = randomUUID();
  const attempt = failedAttempt({ deliveryId, namespaceId, eventId, webhookId: webhook.id, ...differences });
  const event = { id: eventId, type: 'cron', namespaceId, createdAt: attempt.eventCreatedAt, payload: '{}' } as const;
  await deployment.events.open([{ event, verdicts: {}, receivedAt: attempt.startedAt, openedBy: 'test' }]);
  const dueAtMs = attempt.nextAttemptAt === undefined ? undefined : Date.parse(attempt.nextAttemptAt);
  await deployment.attempts.record([{ attempt, dueAtMs }]);
}

async function workUntil(ms: number): Promise<void> {
  deployment.clock.nowMs = ms;
  await deployment.handlers.retry({});
  await deployment.drain('deliveries', deployment.handlers.deliver);
}

it('a dead delivery is made again, under its id, marked, and once however often it is asked for at once', async () => {
  status = 204;
  await failed({ status: 'dead', nextAttemptAt: undefined });
  await Promise.all([redeliver(deps, which()), redeliver(deps, which())]);
  await deployment.drain('deliveries', deployment.handlers.deliver);
  expect(arrived()).toBe(1);
  expect(await log()).toMatchObject([{ status: 'dead' }, { status: 'succeeded', number: 2, firstOfRun: 2 }]);
});

it('a redelivery that fails is retried by the whole schedule', async () => {
  status = 500;
  await failed({ number: 10, status: 'dead', nextAttemptAt: undefined });
  await redeliver(deps, which());
  await deployment.drain('deliveries', deployment.handlers.deliver);
  const first = (await log())?.at(-1);
  expect(first).toMatchObject({ number: 11, firstOfRun: 11, status: 'retrying' });
  expect(Date.parse(first?.nextAttemptAt ?? '') - deployment.clock.nowMs).toBe((RETRY_DELAYS_SECONDS[0] ?? 0) * 1000);
  // Its message waits in the queue; when that is lost, the table sends the next one, of the same run.
  await workUntil(deployment.clock.nowMs + 6 * 60_000);
  expect((await log())?.at(-1)).toMatchObject({ number: 12, firstOfRun: 11, status: 'retrying' });
});

it('a waiting delivery is tried now, and not once more when its time comes', async () => {
  status = 204;
  await failed({ nextAttemptAt: new Date(deployment.clock.nowMs + 3_600_000).toISOString() });
  await redeliver(deps, which());
  await deployment.drain('deliveries', deployment.handlers.deliver);
  await workUntil(deployment.clock.nowMs + 3_700_000);
  expect(arrived()).toBe(1);
  expect(await log()).toMatchObject([{ status: 'retrying' }, { status: 'succeeded' }]);
});

it('a cancelled delivery is tried no more, not even by a message that is on its way; but may be made again', async () => {
  status = 204;
  await failed({ nextAttemptAt: new Date(deployment.clock.nowMs).toISOString() });
  await deployment.handlers.retry({});
  await cancelRetries(deps, which());
  await deployment.drain('deliveries', deployment.handlers.deliver);
  await workUntil(deployment.clock.nowMs + 3_600_000);
  expect(arrived()).toBe(0);
  expect(await log()).toMatchObject([{ status: 'cancelled', nextAttemptAt: undefined }]);
  await expect(cancelRetries(deps, which())).rejects.toThrow('Nothing of this delivery is still to come');
  await redeliver(deps, which());
  await deployment.drain('deliveries', deployment.handlers.deliver);
  expect(arrived()).toBe(1);
});

it('a delivery that is cancelled while an attempt is under way ends with that attempt', async () => {
  status = 500;
  await failed({ nextAttemptAt: new Date(deployment.clock.nowMs).toISOString() });
  await deployment.handlers.retry({});
  onArrival = () => cancelRetries(deps, which());
  await deployment.drain('deliveries', deployment.handlers.deliver);
  onArrival = async () => undefined;
  expect(arrived()).toBe(1);
  expect(await log()).toMatchObject([{ status: 'cancelled' }, { status: 'cancelled', response: { status: 500 } }]);
  await workUntil(deployment.clock.nowMs + 3_600_000);
  expect(arrived()).toBe(1);
});

it('a delivery that is cancelled while an attempt is under way ends, also where whoever made that attempt is cut after it', async () => {
  status = 500;
  await failed({ nextAttemptAt: new Date(deployment.clock.nowMs).toISOString() });
  await deployment.handlers.retry({});
  let undo: () => void = () => undefined;
  onArrival = async () => {
    await cancelRetries(deps, which());
    undo = intercept(deployment.world.dynamodb, 'UpdateItem', () => Promise.reject(new Crash('killed')));
  };
  await deployment.drain('deliveries', deployment.handlers.deliver);
  undo();
  onArrival = async () => undefined;
  expect(await log()).toMatchObject([{ status: 'cancelled' }, { status: 'retrying' }]);
  await workUntil(deployment.clock.nowMs + 3_600_000);
  expect(arrived()).toBe(1);
  expect(await log()).toMatchObject([{ status: 'cancelled' }, { status: 'cancelled', nextAttemptAt: undefined }]);
});

it('a redelivery is made, also beside a message of the same attempt whose run was cancelled', async () => {
  status = 204;
  await failed({ nextAttemptAt: new Date(deployment.clock.nowMs).toISOString() });
  await redeliver(deps, which());
  await deployment.handlers.retry({});
  await cancelRetries(deps, which());
  await deployment.drain('deliveries', deployment.handlers.deliver);
  expect(arrived()).toBe(1);
  expect(await log()).toMatchObject([{ status: 'cancelled' }, { status: 'succeeded', firstOfRun: 2 }]);
});

it('a redelivery of what was cancelled is retried, like every other', async () => {
  status = 500;
  await failed({ nextAttemptAt: new Date(deployment.clock.nowMs + 3_600_000).toISOString() });
  await cancelRetries(deps, which());
  await redeliver(deps, which());
  await deployment.drain('deliveries', deployment.handlers.deliver);
  expect(await log()).toMatchObject([{ status: 'cancelled' }, { status: 'retrying', firstOfRun: 2 }]);
});

it('a redelivery of what was cancelled goes on, also where a message of the cancelled run comes after its first attempt', async () => {
  status = 500;
  await failed({ nextAttemptAt: new Date(deployment.clock.nowMs).toISOString() });
  await deployment.handlers.retry({});
  const late = await deployment.receive('deliveries');
  await cancelRetries(deps, which());
  await redeliver(deps, which());
  await deployment.drain('deliveries', deployment.handlers.deliver);
  await deployment.handlers.deliver({ Records: late });
  expect(await log()).toMatchObject([{ status: 'cancelled' }, { status: 'retrying', firstOfRun: 2 }]);
  status = 204;
  await workUntil(deployment.clock.nowMs + 6 * 60_000);
  expect((await log())?.at(-1)).toMatchObject({ number: 3, firstOfRun: 2, status: 'succeeded' });
});

it.each([
  { ends: 'cancelled', last: 1, meanwhile: () => cancelRetries(deps, which()) },
  { ends: 'dead', last: 9, meanwhile: async () => undefined },
])(
  'a redelivery that is asked for while an attempt is under way is made, also where that one ends $ends',
  async ({ ends, last, meanwhile }) => {
    status = 500;
    await failed({ number: last, nextAttemptAt: new Date(deployment.clock.nowMs).toISOString() });
    await deployment.handlers.retry({});
    onArrival = async () => {
      onArrival = async () => {
        status = 204;
      };
      await meanwhile();
      await redeliver(deps, which());
    };
    await deployment.drain('deliveries', deployment.handlers.deliver);
    onArrival = async () => undefined;
    expect((await log())?.slice(1)).toMatchObject([
      { number: last + 1, firstOfRun: 1, status: ends },
      { number: last + 2, firstOfRun: last + 2, status: 'succeeded' },
    ]);
    expect(arrived()).toBe(2);
  },
);

it('a redelivery that is asked for while an attempt is under way is that attempt where it is retried, or has succeeded', async () => {
  for (const end of [500, 204]) {
    deliveryId = randomUUID();
    status = end;
    await failed({ nextAttemptAt: new Date(deployment.clock.nowMs).toISOString() });
    await deployment.handlers.retry({});
    onArrival = async () => {
      onArrival = async () => undefined;
      await redeliver(deps, which());
    };
    await deployment.drain('deliveries', deployment.handlers.deliver);
    expect(arrived()).toBe(1);
    expect(await log()).toMatchObject([{ status: 'retrying' }, { number: 2, firstOfRun: 1 }]);
  }
});

it('refuses what is not there, and an inactive webhook', async () => {
  await expect(redeliver(deps, which())).rejects.toThrow('Not found');
  await failed();
  const seen = await deployment.webhooks.get(webhook.namespaceId, webhook.id);
  if (seen === undefined) throw new Error('no webhook');
  await deployment.webhooks.change(seen, { active: false });
  await expect(redeliver(deps, which())).rejects.toThrow('The webhook is inactive. Activate it first');
});
