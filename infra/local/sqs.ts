import {
  ChangeMessageVisibilityCommand,
  MessageNotInflight,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { QUEUES, type QueueSettings } from '../queues.ts';
import { ACCOUNT, local, REGION } from './aws.ts';
import { mendFauxqs } from './fauxqs-fixes.ts';

/** An SQS on the wire, with our queues in it. */
export type SqsEngine = {
  readonly endpoint: string;
  readonly queueUrl: (name: string) => string;
  readonly inspect: (name: string) => QueueContents;
  readonly stop: () => Promise<void>;
};

/** Bodies of the messages of a queue: to be received now, in somebody's hands, and delayed. */
export type QueueContents = {
  readonly ready: readonly string[];
  readonly inFlight: readonly string[];
  readonly delayed: readonly string[];
};

/** Starts the bundled SQS, over a folder or, without one, in memory, and creates the queues that it lacks. */
export async function startSqs(folder: string | undefined): Promise<SqsEngine> {
  await mendFauxqs();
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
    const existing = server.inspectQueue(settings.name);
    // Never createQueue for a queue that exists: fauxqs replaces its row, and the messages go with it.
    const queueUrl = existing?.url ?? server.createQueue(settings.name, { attributes: attributes(settings) }).queueUrl;
    urls.set(settings.name, queueUrl);
    if (existing !== undefined) await resume(endpoint, queueUrl, { settings, held: existing.messages.inflight });
  }
  return {
    endpoint,
    stop: () => server.stop(),
    inspect(name) {
      const { ready = [], inflight = [], delayed = [] } = server.inspectQueue(name)?.messages ?? {};
      return {
        ready: ready.map(({ body }) => body),
        inFlight: inflight.map(({ message }) => message.body),
        delayed: delayed.map(({ body }) => body),
      };
    },
    queueUrl(name) {
      const url = urls.get(name);
      if (url === undefined) throw new RangeError(`There is no queue ${name}`);
      return url;
    },
  };
}

/**
 * Takes up a queue of an earlier run, with the settings of this one. What a killed process had received would wait for its
 * visibility timeout; but nobody else receives from these queues, and we have only just started: whatever is in flight is
 * in nobody's hands.
 */
async function resume(
  endpoint: string,
  QueueUrl: string,
  {
    settings,
    held,
  }: { readonly settings: QueueSettings; readonly held: readonly { readonly receiptHandle: string }[] },
): Promise<void> {
  const client = new SQSClient(local(endpoint));
  await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: attributes(settings) }));
  for (const { receiptHandle } of held) await handBack(client, QueueUrl, receiptHandle);
  client.destroy();
}

async function handBack(client: SQSClient, QueueUrl: string, ReceiptHandle: string): Promise<void> {
  try {
    // One second, not none: fauxqs 2.4.1 loses hold of a persistent message whose timeout is set to 0.
    await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 1 }));
  } catch (error) {
    // Its timeout has passed since we looked, so that it is back already.
    if (!(error instanceof MessageNotInflight)) throw error;
  }
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
