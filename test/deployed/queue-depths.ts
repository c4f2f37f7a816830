import { GetQueueAttributesCommand, ListQueuesCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** What lies in the queues, a sentence for each: where a message has stopped, where none arrives. */
export async function queueDepths(sqs: SQSClient): Promise<readonly string[]> {
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand());
  return Promise.all(
    QueueUrls.map(async (QueueUrl) => {
      const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
      const count = (of: '' | 'NotVisible' | 'Delayed') => Attributes[`ApproximateNumberOfMessages${of}`] ?? '?';
      const name = QueueUrl.split('/').at(-1);
      return `${name}: ${count('')} wait, ${count('NotVisible')} are in hand, ${count('Delayed')} are delayed`;
    }),
  );
}
