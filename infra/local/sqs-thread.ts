/**
 * The bundled SQS, in a thread of its own: it waits for the disk at each commit, and nobody else should have to. With it are those that
 * call it within AWS: the pollers of the functions' queues, and what the bus sends. Tells its parent where it listens and where
 * its queues are.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { ChangeMessageVisibilityCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import type { SqsBatchResponse, SqsEvent } from '../../functions/runtime/sqs-event.ts';
import { type OutgoingMessage, queue } from '../../functions/transport/queue.ts';
import { QUEUES, type QueueSettings } from '../queues.ts';
import { ACCOUNT, REGION } from './aws.ts';
import { mendFauxqs } from './fauxqs-fixes.ts';
import { type Mapping, mapQueue, type Running } from './lambda.ts';
import { answerOver, askOver } from './port-calls.ts';
import { directSqs } from './sqs-direct.ts';

/** Where its data are; in memory where it is undefined. */
export type SqsThreadData = { readonly folder: string | undefined };
/** What the parent is told: the port of loopback, and the queues' URLs by their names. */
export type SqsThreadStarted = { readonly port: number; readonly urls: ReadonlyMap<string, string> };

/** A queue to poll, and by how many. */
export type PolledQueue = Omit<Mapping, 'sqs' | 'handler' | 'onError'>;
/** What the parent asks. Sending answers which of the messages are in the queue. */
export type SqsThreadOrder =
  | { readonly kind: 'stop' }
  | { readonly kind: 'send'; readonly url: string; readonly messages: readonly OutgoingMessage[] }
  | { readonly kind: 'poll'; readonly id: number; readonly port: MessagePort; readonly mapping: PolledQueue }
  | { readonly kind: 'stop-polling'; readonly id: number };
/** What is asked of the function of a queue that is polled, over that order's port: to take a batch, or to hear what went wrong. */
export type FromPollers = { readonly event: SqsEvent } | { readonly error: Error };

const { folder } = workerData as SqsThreadData;
await mendFauxqs();
const sqs = await directSqs();
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
const polled = new Map<number, Running>();
if (parentPort === null) throw new Error('This is for a thread of its own');
answerOver(parentPort, obey);
parentPort.postMessage({ port: server.port, urls } satisfies SqsThreadStarted);

async function obey(order: SqsThreadOrder): Promise<boolean[] | undefined> {
  switch (order.kind) {
    case 'send':
      return queue(sqs, order.url).send(order.messages);
    case 'poll':
      polled.set(order.id, poll(order));
      return undefined;
    case 'stop-polling':
      await polled.get(order.id)?.stop();
      polled.delete(order.id);
      return undefined;
    case 'stop':
      await server.stop();
      // With it closed there is nothing that keeps the thread.
      parentPort?.close();
      return undefined;
  }
}

function poll({ port, mapping }: Extract<SqsThreadOrder, { kind: 'poll' }>): Running {
  const ask = askOver<FromPollers, SqsBatchResponse>(port);
  port.unref();
  return mapQueue({ ...mapping, sqs, handler: (event) => ask({ event }), onError: (error) => void ask({ error }) });
}

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
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: attributes(settings) }));
  for (const { receiptHandle } of held) await handBack(QueueUrl, receiptHandle);
}

async function handBack(QueueUrl: string, ReceiptHandle: string): Promise<void> {
  try {
    // One second, not none: fauxqs 2.4.1 loses hold of a persistent message whose timeout is set to 0.
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 1 }));
  } catch (error) {
    // Its timeout has passed since we looked, so that it is back already.
    if ((error as { readonly code?: unknown }).code !== 'MessageNotInflight') throw error;
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
