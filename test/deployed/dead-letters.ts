import assert from 'node:assert/strict';
import {
  GetQueueAttributesCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { webhookKey } from '../../functions/store/webhook-item.ts';
import { EVENT_SOURCE } from '../../functions/transport/bus.ts';
import { until } from '../support/until.ts';
import { NAMESPACE } from './arrivals.ts';
import type { Deployed } from './deployed.ts';
import { createWebhook } from './webhook.ts';

type Listed = { readonly reason: string | null; readonly excerpt: string };

/** An event that nobody can read: it is a dead letter at once, with the reason. */
export async function loseNothingUnreadable({ step, say, producer, operator, outputs }: Deployed): Promise<void> {
  await step('An event that cannot be read', async () => {
    const { EventBusName } = outputs;
    const Detail = JSON.stringify({ payload: { id: 1 } });
    await producer.putEntry({ EventBusName, Source: EVENT_SOURCE, DetailType: 'build.started', Detail });
    const list = () => operator.ctl<readonly Listed[]>('dead-letters', 'list', '--queue', 'events');
    await until('it is a dead letter of the events queue', async () => (await list()).length > 0);
    const [letter, ...others] = await list();
    assert.equal(letter?.reason, 'The detail has no namespace_id');
    assert.equal(others.length, 0);
    say(`ctl dead-letters list says why: ${letter.reason}`);
  });
}

/**
 * Two messages that `deliver` can never handle: one that is none of ours, which stays a dead letter for a person to look at, and a
 * delivery whose secret no key opens, which `dead-letter` closes. For as long as that takes, messages come back after a second, not after
 * three minutes: ten receives would be half an hour.
 */
export async function buryPoison(deployed: Deployed, namespaceId: number): Promise<void> {
  const { step, producer, operator, outputs, aws } = deployed;
  const queues = [outputs.DeliveriesQueueUrl, outputs.DeliveriesDeadLetterQueueUrl];
  await step('Two messages that cannot be handled: ten receives each, and the dead-letter queue', async () => {
    const sick = await createWebhook(deployed, {
      namespace: NAMESPACE,
      answers: ['204', '204'],
      secret: 's3cret',
      events: ['cron'],
    });
    await spoilSecret(deployed, namespaceId, sick.id);
    const restore = await Promise.all(queues.map((url) => comeBackSoon(aws.sqs, url)));
    const none = 'no message of ours';
    await aws.sqs.send(new SendMessageCommand({ QueueUrl: outputs.DeliveriesQueueUrl, MessageBody: none }));
    const event = await producer.put({ namespaceId, type: 'cron' });
    await until('the delivery is closed', async () => (await sick.standing(event))?.status === 'dead', 90_000);
    assert.equal((await sick.standing(event))?.error?.class, 'internal');
    assert.equal(sick.arrivalsOf(event).length, 0, 'It was sent unsigned');
    const list = () => operator.ctl<readonly Listed[]>('dead-letters', 'list', '--queue', 'deliveries');
    await until('the other one is listed', async () => (await list()).some(({ excerpt }) => excerpt === none), 60_000);
    for (const back of restore) await back();
  });
}

async function spoilSecret({ aws, outputs }: Deployed, namespaceId: number, webhookId: number): Promise<void> {
  await DynamoDBDocumentClient.from(aws.dynamodb).send(
    new UpdateCommand({
      TableName: outputs.TableName,
      Key: webhookKey(namespaceId, webhookId),
      UpdateExpression: 'SET sealed_secret = :spoilt',
      ConditionExpression: 'attribute_exists(sealed_secret)',
      ExpressionAttributeValues: { ':spoilt': Buffer.from('sealed by nobody').toString('base64') },
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
