import assert from 'node:assert/strict';
import {
  GetQueueAttributesCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { type EventKey, eventKey } from '../../functions/store/event-key.ts';
import { EVENT_SOURCE } from '../../functions/transport/bus.ts';
import type { Deployed } from './deployed.ts';
import { eventually } from './eventually.ts';
import { askForRedelivery, untilStanding, type Webhook } from './webhook.ts';

const BURIED_WITHIN_MS = 90_000;

type Listed = { readonly reason: string | null; readonly excerpt: string };

/** An event that nobody can read: it is a dead letter at once, with the reason. */
export async function loseNothingUnreadable({ step, say, producer, operator, outputs }: Deployed): Promise<void> {
  await step('An event that cannot be read', async () => {
    const { EventBusName } = outputs;
    const Detail = JSON.stringify({ payload: { id: 1 } });
    await producer.putEntry({ EventBusName, Source: EVENT_SOURCE, DetailType: 'build.started', Detail });
    const list = () => operator.ctl<readonly Listed[]>('dead-letters', 'list', '--queue', 'events');
    await eventually('it is a dead letter of the events queue', async () => (await list()).length > 0);
    const [letter, ...others] = await list();
    assert.equal(letter?.reason, 'The detail has no namespace_id');
    assert.equal(others.length, 0);
    say(`ctl dead-letters list says why: ${letter.reason}`);
  });
}

/**
 * Two messages that `deliver` can never handle: one that is none of ours, which stays a dead letter for a person to look at, and a
 * redelivery of an event whose payload is damaged, which `dead-letter` closes. For as long as that takes, messages come back after a
 * second, not after three minutes: ten receives would be half an hour.
 */
export async function buryPoison(deployed: Deployed, { namespaceId, webhook }: Of): Promise<void> {
  const { step, producer, operator, outputs, aws } = deployed;
  const queues = [outputs.DeliveriesQueueUrl, outputs.DeliveriesDeadLetterQueueUrl];
  await step('Two messages that cannot be handled: ten receives each, and the dead-letter queue', async () => {
    const event = await producer.put({ namespaceId, type: 'cron' });
    await untilStanding(webhook, event, { status: 'succeeded', attempts: 1 });
    await damagePayload(deployed, { ...event, namespaceId });
    const restore = await Promise.all(queues.map((url) => comeBackSoon(aws.sqs, url)));
    const none = 'no message of ours';
    await aws.sqs.send(new SendMessageCommand({ QueueUrl: outputs.DeliveriesQueueUrl, MessageBody: none }));
    await askForRedelivery(deployed, { webhook, event });
    const isClosed = async () => (await webhook.standing(event))?.status === 'dead';
    await eventually('the delivery is closed', isClosed, BURIED_WITHIN_MS);
    assert.equal((await webhook.standing(event))?.error?.class, 'internal');
    assert.equal(webhook.arrivalsOf(event).length, 1, 'Something else was sent in its place');
    const list = () => operator.ctl<readonly Listed[]>('dead-letters', 'list', '--queue', 'deliveries');
    const isListed = async () => (await list()).some(({ excerpt }) => excerpt === none);
    await eventually('the other one is listed', isListed, BURIED_WITHIN_MS);
    for (const back of restore) await back();
  });
}

type Of = { readonly namespaceId: number; readonly webhook: Webhook };

async function damagePayload({ aws, outputs }: Deployed, event: EventKey): Promise<void> {
  await DynamoDBDocumentClient.from(aws.dynamodb).send(
    new UpdateCommand({
      TableName: outputs.TableName,
      Key: eventKey(event),
      UpdateExpression: 'SET payload = :damaged, encoding = :compressed',
      ConditionExpression: 'attribute_exists(payload)',
      ExpressionAttributeValues: { ':damaged': Buffer.from('damaged'), ':compressed': 'br' },
    }),
  );
}

/** Shortens how long a message that was received is hidden; answers what puts that back to what was deployed. */
async function comeBackSoon(sqs: SQSClient, QueueUrl: string): Promise<() => Promise<unknown>> {
  const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['VisibilityTimeout'] });
  const VisibilityTimeout = (await sqs.send(asked)).Attributes?.['VisibilityTimeout'] ?? '';
  const set = (value: string) =>
    sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: value } }));
  await set('1');
  return () => set(VisibilityTimeout);
}
