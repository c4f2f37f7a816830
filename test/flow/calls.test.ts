import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { countCalls } from '../support/calls.ts';
import { busEvent, type Deployment, deploy } from '../support/deployment.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';

let deployment: Deployment;
let receiver: Receiver;

beforeAll(async () => {
  deployment = await deploy();
  receiver = await startReceiver();
  await deployment.addWebhook({ payload_url: receiver.url, secret: 's3cret' });
});
afterAll(async () => {
  await receiver.stop();
  await deployment.stop();
});

/** A batch of ten events, taken through both functions as Lambda would. */
async function batchOfTen(): Promise<void> {
  const payload = JSON.stringify({ id: 1, manifest: 'x'.repeat(2_000) });
  const namespaceId = deployment.namespace.id;
  await deployment.send(
    'events',
    Array.from({ length: 10 }, () => busEvent({ namespaceId, id: randomUUID(), payload })),
  );
  await deployment.step('events', deployment.handlers.ingest);
  await deployment.step('deliveries', deployment.handlers.deliver);
}

it('a delivery in the steady state costs at most 1.2 calls of AWS, those of the queues included', async () => {
  await batchOfTen();
  const calls = countCalls(deployment.world);
  await batchOfTen();
  expect(receiver.received).toHaveLength(20);
  expect(Object.fromEntries(calls)).toEqual({
    // The bus to the events queue, and ingest to the deliveries queue.
    SendMessageBatch: 2,
    // What Lambda does for the two functions.
    ReceiveMessage: 2,
    DeleteMessageBatch: 2,
    // The webhooks of the namespace; the ten events; the facts of ten attempts, what users change apart; the ten attempts. No call of KMS.
    Query: 1,
    BatchExecuteStatement: 2,
    BatchGetItem: 2,
  });
  const total = [...calls.values()].reduce((sum, count) => sum + count, 0);
  expect(total / 10).toBeLessThanOrEqual(1.2);
});
