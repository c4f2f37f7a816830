/**
 * The bundled SQS, in a thread of its own: it waits for the disk at each commit, and nobody else should have to. Tells its parent
 * where it listens and where its queues are, and stops when it is told anything.
 */
import { parentPort, workerData } from 'node:worker_threads';
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

/** Where its data are; in memory where it is undefined. */
export type SqsThreadData = { readonly folder: string | undefined };
/** What the parent is told: the port of loopback, and the queues' URLs by their names. */
export type SqsThreadStarted = { readonly port: number; readonly urls: ReadonlyMap<string, string> };

const { folder } = workerData as SqsThreadData;
await mendFauxqs();
const server = await startFauxqs({
  port: 0,
  host: '127.0.0.1',
  logger: false,
  defaultRegion: REGION,
  ...(folder === undefined ? {} : { dataDir: folder }),
});
const urls = new Map<string, string>();
for (const settings of QUEUES) {
  const existing = server.inspectQueue(settings.name);
  // Never createQueue for a queue that exists: fauxqs replaces its row, and the messages go with it.
  const url = existing?.url ?? server.createQueue(settings.name, { attributes: attributes(settings) }).queueUrl;
  urls.set(settings.name, url);
  if (existing !== undefined) await resume(url, { settings, held: existing.messages.inflight });
}
parentPort?.once('message', () => void server.stop());
parentPort?.postMessage({ port: server.port, urls } satisfies SqsThreadStarted);

/**
 * Takes up a queue of an earlier run, with the settings of this one. What a killed process had received would wait for its
 * visibility timeout; but nobody else receives from these queues, and we have only just started: whatever is in flight is
 * in nobody's hands.
 */
async function resume(
  QueueUrl: string,
  {
    settings,
    held,
  }: { readonly settings: QueueSettings; readonly held: readonly { readonly receiptHandle: string }[] },
): Promise<void> {
  const client = new SQSClient(local(`http://127.0.0.1:${server.port}`));
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
