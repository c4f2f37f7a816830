import { randomUUID } from 'node:crypto';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Delivery } from '../../functions/domain/delivery.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import { RETRY_DELAYS_SECONDS } from '../../functions/domain/schedule.ts';
import type { Webhook } from '../../functions/domain/webhook.ts';
import { webhookKey } from '../../functions/store/webhook-item.ts';
import { busEvent, type Deployment, deploy } from '../support/deployment.ts';
import { type Answer, deliveryOf, type Receiver, startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

let deployment: Deployment;
let receiver: Receiver;
let webhook: Webhook;
let answer: Answer;

beforeEach(async () => {
  deployment = await deploy();
  receiver = await startReceiver((...request) => answer(...request));
  webhook = await deployment.addWebhook({ payload_url: receiver.url, secret: 's3cret' });
});
afterEach(async () => {
  await receiver.stop();
  await deployment.stop();
});

const EVENT = { id: randomUUID(), createdAt: '2026-11-23T12:00:00.000Z' };

/** Emits the event and makes its first attempt. */
async function emit(): Promise<void> {
  await deployment.send('events', [busEvent({ namespaceId: deployment.namespace.id, ...EVENT })]);
  await deployment.drain('events', deployment.handlers.ingest);
  await deployment.drain('deliveries', deployment.handlers.deliver);
}

async function delivery(): Promise<Delivery> {
  const found = await deployment.attempts.delivery(webhook.id, deliveryId(EVENT, webhook.id), deployment.clock.nowMs);
  if (found === undefined) throw new Error('The log has no such delivery');
  return found;
}

/** How many attempts wait for their successors, due at any time. */
async function dueAttempts(): Promise<number> {
  let count = 0;
  for await (const page of deployment.attempts.due(Number.MAX_SAFE_INTEGER)) count += page.length;
  return count;
}

/** What a minute's schedule and the queue do at a time of the clock. */
async function workAt(ms: number): Promise<void> {
  deployment.clock.nowMs = ms;
  await deployment.handlers.retry({});
  await deployment.drain('deliveries', deployment.handlers.deliver);
}

/** The second attempt comes through the queue's own delay of 5 s, which no clock of ours moves. */
async function secondAttempt(): Promise<void> {
  deployment.clock.nowMs += 5_000;
  await until(
    'the delayed message comes',
    async () => (await deployment.drain('deliveries', deployment.handlers.deliver)) > 0,
  );
}

it('a receiver that fails twice gets the same delivery three times, and then no more', async () => {
  answer = (response, _, nth) => response.writeHead(nth <= 2 ? 500 : 204).end(nth <= 2 ? 'not today' : undefined);
  await emit();
  await secondAttempt();
  await workAt(deployment.clock.nowMs + 300_000);
  await workAt(deployment.clock.nowMs + 3_600_000);
  expect(await dueAttempts(), 'nothing waits any more').toBe(0);
  expect(receiver.received).toHaveLength(3);
  expect(new Set(receiver.received.map(deliveryOf)).size).toBe(1);
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(3);
  const [first, second, third] = await delivery();
  expect(first).toMatchObject({ number: 1, status: 'retrying', nextAttemptAt: '2026-11-23T12:00:05.000Z' });
  expect(first.error).toEqual({ class: 'status', message: 'The receiver answered 500' });
  expect(Buffer.from(first.response?.body ?? []).toString()).toBe('not today');
  expect(second).toMatchObject({ number: 2, status: 'retrying', nextAttemptAt: '2026-11-23T12:05:05.000Z' });
  expect(third).toMatchObject({ number: 3, status: 'succeeded', response: { status: 204 } });
  expect(third?.error).toBeUndefined();
});

it('a receiver that never succeeds is tried ten times over 75.6 hours, and the delivery ends dead', async () => {
  answer = (response) => response.writeHead(503).end();
  await emit();
  await secondAttempt();
  const startMs = Date.parse('2026-11-23T12:00:05Z');
  for (const [index, delaySeconds] of RETRY_DELAYS_SECONDS.slice(1).entries()) {
    const made = index + 2;
    const dueMs = deployment.clock.nowMs + delaySeconds * 1000;
    await workAt(dueMs - 61_000);
    expect(receiver.received, 'nothing comes early').toHaveLength(made);
    await workAt(dueMs);
    expect(receiver.received).toHaveLength(made + 1);
  }
  expect((deployment.clock.nowMs - startMs + 5_000) / 3_600_000).toBeCloseTo(75.6, 1);
  const attempts = await delivery();
  expect(attempts.map(({ status }) => status)).toEqual([...Array(9).fill('retrying'), 'dead']);
  expect(attempts.at(-1)?.nextAttemptAt).toBeUndefined();
  expect(await dueAttempts(), 'nothing waits any more').toBe(0);
  await workAt(deployment.clock.nowMs + 30 * 3_600_000);
  expect(receiver.received, 'dead is dead').toHaveLength(10);
});

it('a retry whose message was lost is sent again when its claim has run out', async () => {
  answer = (response, _, nth) => response.writeHead(nth === 1 ? 500 : 204).end();
  await emit();
  await secondAttemptIsLost();
  await workAt(deployment.clock.nowMs + 4 * 60_000);
  expect(receiver.received).toHaveLength(1);
  await workAt(deployment.clock.nowMs + 2 * 60_000);
  expect(receiver.received).toHaveLength(2);
  expect((await delivery()).at(-1)?.status).toBe('succeeded');
});

async function secondAttemptIsLost(): Promise<void> {
  const lose = async () => ({ batchItemFailures: [] });
  await until('the delayed message comes', async () => (await deployment.drain('deliveries', lose)) > 0);
}

it('a webhook that is deactivated between two attempts cancels the delivery, visibly', async () => {
  answer = (response) => response.writeHead(500).end();
  await emit();
  await deactivate();
  await secondAttempt();
  expect(receiver.received).toHaveLength(1);
  const last = (await delivery()).at(-1);
  expect(last).toMatchObject({ status: 'cancelled', error: { class: 'webhook_inactive' } });
  await workAt(deployment.clock.nowMs + 48 * 3_600_000);
  expect(await delivery()).toHaveLength(2);
});

async function deactivate(): Promise<void> {
  await deployment.table.db.send(
    new UpdateCommand({
      TableName: deployment.table.name,
      Key: webhookKey(webhook.namespaceId, webhook.id),
      UpdateExpression: 'SET active = :no',
      ExpressionAttributeValues: { ':no': false },
    }),
  );
}

it('what could not be handled again and again ends dead in the log; what is no message stays in the queue', async () => {
  answer = (response) => response.writeHead(204).end();
  await deployment.send('events', [busEvent({ namespaceId: deployment.namespace.id, ...EVENT })]);
  await deployment.drain('events', deployment.handlers.ingest);
  const [letter] = await deployment.receive('deliveries');
  const poison = { messageId: 'poison', body: '{"v":99}' };
  const answered = await deployment.handlers.deadLetter({ Records: [poison, ...(letter ? [letter] : [])] });
  expect(answered.batchItemFailures).toEqual([{ itemIdentifier: 'poison' }]);
  expect(await delivery()).toMatchObject([{ status: 'dead', error: { class: 'internal' } }]);
});
