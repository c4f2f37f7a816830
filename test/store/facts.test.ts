import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AttemptKey } from '../../functions/domain/delivery.ts';
import { eventsIn } from '../../functions/domain/event.ts';
import { factStore } from '../../functions/store/facts.ts';
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

it('gathers what attempts are made from, each thing once, in one call', async () => {
  const calls = countCalls(deployment.world);
  const facts = await factStore(deployment.table).gather([key, { ...key, deliveryId: randomUUID() }]);
  expect(Object.fromEntries(calls)).toEqual({ BatchGetItem: 1 });
  expect(facts).toHaveLength(2);
  expect(facts[0]).toMatchObject({ webhook: { id: key.webhookId }, event: { id: key.eventId }, recorded: undefined });
  expect(Buffer.from(facts[0]?.event?.payload ?? []).toString()).toBe('{"id":1}');
});

it('asks again, consistently, for what a first look did not see', async () => {
  const undo = intercept(deployment.world.dynamodb, 'BatchGetItem', async (input, send) => {
    const { RequestItems } = input as { RequestItems: Record<string, { ConsistentRead: boolean }> };
    const isConsistent = RequestItems[deployment.table.name]?.ConsistentRead;
    return isConsistent ? send() : { output: { Responses: {} } };
  });
  const [facts] = await factStore(deployment.table).gather([key]);
  undo();
  expect(facts).toMatchObject({ webhook: { id: key.webhookId }, event: { id: key.eventId } });
});

it('says what is not there', async () => {
  const [facts] = await factStore(deployment.table).gather([{ ...key, webhookId: 999, eventId: randomUUID() }]);
  expect(facts).toEqual({ webhook: undefined, event: undefined, recorded: undefined, isCancelled: false });
});
