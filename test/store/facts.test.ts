import { randomUUID } from 'node:crypto';
import { DeleteCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AttemptKey } from '../../functions/domain/delivery.ts';
import { eventsIn } from '../../functions/domain/event.ts';
import { attemptKey } from '../../functions/store/attempt-item.ts';
import { factStore } from '../../functions/store/facts.ts';
import { webhookKey } from '../../functions/store/webhook-item.ts';
import { failedAttempt } from '../support/attempt.ts';
import { countCalls } from '../support/calls.ts';
import { busEvent, type Deployment, deploy } from '../support/deployment.ts';
import { intercept } from '../support/failing.ts';

let deployment: Deployment;
let key: AttemptKey;

beforeAll(async () => {
  deployment = await deploy();
  const namespaceId = deployment.namespace.id;
  const webhook = await deployment.addWebhook({ payload_url: 'http://127.0.0.1:9999/' });
  const [reading] = eventsIn(busEvent({ namespaceId, id: randomUUID() }));
  if (reading?.kind !== 'event') throw new Error(reading?.reason);
  const { event } = reading;
  await deployment.events.open([
    { event: { ...event, namespaceId }, verdicts: { sent: [webhook.id] }, receivedAt: event.createdAt, openedBy: 'a' },
  ]);
  key = {
    deliveryId: randomUUID(),
    webhookId: webhook.id,
    namespaceId,
    eventId: event.id,
    eventCreatedAt: event.createdAt,
    eventType: event.type,
    number: 1,
    firstOfRun: 1,
  };
});
afterAll(() => deployment.stop());

it('gathers what attempts are made from, each thing once, in two calls', async () => {
  const calls = countCalls(deployment.world);
  const facts = await factStore(deployment.table).gather([key, { ...key, deliveryId: randomUUID() }]);
  expect(Object.fromEntries(calls)).toEqual({ BatchGetItem: 2 });
  expect(facts).toHaveLength(2);
  expect(facts[0]).toMatchObject({ webhook: { id: key.webhookId }, event: { id: key.eventId }, recorded: undefined });
  expect(Buffer.from(facts[0]?.event?.payload ?? []).toString()).toBe('{"id":1}');
});

type Asked = { readonly RequestItems: Readonly<Record<string, { Keys: object[]; ConsistentRead: boolean }>> };

it('asks again, consistently, for an event that a first look did not see', async () => {
  const undo = intercept(deployment.world.dynamodb, 'BatchGetItem', async (input, send) => {
    const isConsistent = (input as Asked).RequestItems[deployment.table.name]?.ConsistentRead;
    return isConsistent ? send() : { output: { Responses: {} } };
  });
  const [facts] = await factStore(deployment.table).gather([key]);
  undo();
  expect(facts).toMatchObject({ webhook: { id: key.webhookId }, event: { id: key.eventId } });
});

it('has the webhook, and what came before a retry, as they are at this moment', async () => {
  const consistent: object[] = [];
  const undo = intercept(deployment.world.dynamodb, 'BatchGetItem', async (input, send) => {
    const { Keys = [], ConsistentRead } = (input as Asked).RequestItems[deployment.table.name] ?? {};
    if (ConsistentRead) consistent.push(...Keys);
    return send();
  });
  await factStore(deployment.table).gather([{ ...key, number: 3 }]);
  undo();
  const before = [2, 1].map((number) => attemptKey({ ...key, number }));
  expect(consistent).toEqual([webhookKey(key.namespaceId, key.webhookId), ...before]);
});

it('says what is not there', async () => {
  const [facts] = await factStore(deployment.table).gather([{ ...key, webhookId: 999, eventId: randomUUID() }]);
  expect(facts).toEqual({ webhook: undefined, event: undefined, recorded: undefined, isCancelled: false });
});

it('an event whose payload is no longer whole is there no more, and others are', async () => {
  const namespaceId = deployment.namespace.id;
  const random = Array.from({ length: 20_000 }, () => randomUUID());
  const [reading] = eventsIn(busEvent({ namespaceId, id: randomUUID(), payload: JSON.stringify({ random }) }));
  if (reading?.kind !== 'event') throw new Error(reading?.reason);
  const { event } = reading;
  const record = { event: { ...event, namespaceId }, verdicts: {}, receivedAt: event.createdAt, openedBy: 'a' };
  await deployment.events.open([record]);
  const large = { ...key, eventId: event.id };
  const gather = async () => (await factStore(deployment.table).gather([large, key])).map((one) => one.event?.id);
  expect(await gather()).toEqual([event.id, key.eventId]);
  const { db, name } = deployment.table;
  const parts = await db.send(
    new QueryCommand({
      TableName: name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': `NAMESPACE#${namespaceId}#PARTS` },
    }),
  );
  const { pk, sk } = parts.Items?.[1] ?? {};
  await db.send(new DeleteCommand({ TableName: name, Key: { pk, sk } }));
  expect(await gather()).toEqual([undefined, key.eventId]);
});

it('an attempt that a later release has packed was made, whatever went over the wire', async () => {
  const made = failedAttempt({ ...key, deliveryId: randomUUID() });
  await deployment.attempts.record([{ attempt: made }]);
  const { db, name } = deployment.table;
  await db.send(
    new UpdateCommand({
      TableName: name,
      Key: attemptKey(made),
      UpdateExpression: 'SET wire = :later',
      ExpressionAttributeValues: { ':later': new Uint8Array([99, 1, 2]) },
    }),
  );
  const [facts] = await factStore(deployment.table).gather([made]);
  expect(facts?.recorded).toMatchObject({ deliveryId: made.deliveryId, status: made.status, error: made.error });
});
