import { ChangeMessageVisibilityCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { QUEUES, type QueueSettings } from '../queues.ts';
import { ACCOUNT, local, REGION } from './aws.ts';

/** An SQS on the wire, with our queues in it. */
export type SqsEngine = {
  readonly endpoint: string;
  readonly queueUrl: (name: string) => string;
  readonly stop: () => Promise<void>;
};

/** Starts the bundled SQS, over a folder or, without one, in memory, and creates the queues that it lacks. */
export async function startSqs(folder: string | undefined): Promise<SqsEngine> {
  const server = await startFauxqs({
    port: 0,
    host: '127.0.0.1',
    logger: false,
    defaultRegion: REGION,
    ...(folder === undefined ? {} : { dataDir: folder }),
  });
  const endpoint = `http://127.0.0.1:${server.port}`;
  const urls = new Map<string, string>();
  for (const settings of QUEUES) {
    const { queueUrl } = server.createQueue(settings.name, { attributes: attributes(settings) });
    urls.set(settings.name, queueUrl);
    const held = server.inspectQueue(settings.name)?.messages.inflight ?? [];
    await handBack(
      endpoint,
      queueUrl,
      held.map(({ receiptHandle }) => receiptHandle),
    );
  }
  return {
    endpoint,
    stop: () => server.stop(),
    queueUrl(name) {
      const url = urls.get(name);
      if (url === undefined) throw new RangeError(`There is no queue ${name}`);
      return url;
    },
  };
}

/**
 * What a killed process had received would wait for its visibility timeout. Nobody but us receives from these queues, and
 * we have only just started: whatever is in flight is in nobody's hands.
 */
async function handBack(endpoint: string, queueUrl: string, receiptHandles: readonly string[]): Promise<void> {
  const client = new SQSClient(local(endpoint));
  for (const ReceiptHandle of receiptHandles) {
    await client.send(new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
  }
  client.destroy();
}

function attributes({ visibilityTimeoutSeconds, retentionSeconds, deadLetter }: QueueSettings): Record<string, string> {
  const redrive = deadLetter && {
    deadLetterTargetArn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${deadLetter.queue}`,
    maxReceiveCount: deadLetter.maxReceives,
  };
  return {
    VisibilityTimeout: visibilityTimeoutSeconds.toString(),
    MessageRetentionPeriod: retentionSeconds.toString(),
    ...(redrive ? { RedrivePolicy: JSON.stringify(redrive) } : {}),
  };
}
