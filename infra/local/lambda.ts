import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { Consumer } from 'sqs-consumer';
import type { SqsBatchResponse, SqsEvent } from '../../functions/runtime/sqs-event.ts';
import { BATCH_SIZE, FUNCTION_TIMEOUT_SECONDS } from '../queues.ts';

type SqsHandler = (event: SqsEvent) => Promise<SqsBatchResponse>;

/** Something that runs until it is stopped; `stop` waits for what is under way. */
export type Running = { readonly stop: () => Promise<void> };

const LONG_POLL_SECONDS = 20;

/**
 * An event source mapping: invokes a handler with batches of up to ten messages of a queue, as Lambda does. What the handler
 * reports as failed, or all of a batch where it throws, stays in the queue until its visibility timeout has passed.
 */
export function mapQueue(options: {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly handler: SqsHandler;
  /** How many batches are worked on at once. */
  readonly concurrency: number;
  readonly onError: (error: Error) => void;
}): Running {
  const consumers = Array.from({ length: options.concurrency }, () => startConsumer(options));
  return {
    async stop() {
      await Promise.all(consumers.map(stopConsumer));
    },
  };
}

function startConsumer({ sqs, queueUrl, handler, onError }: Parameters<typeof mapQueue>[0]): Consumer {
  const consumer = Consumer.create({
    sqs,
    queueUrl,
    batchSize: BATCH_SIZE,
    waitTimeSeconds: LONG_POLL_SECONDS,
    messageSystemAttributeNames: ['All'],
    messageAttributeNames: ['All'],
    handleMessageTimeout: FUNCTION_TIMEOUT_SECONDS * 1000,
    pollingCompleteWaitTimeMs: FUNCTION_TIMEOUT_SECONDS * 1000,
    suppressFifoWarning: true,
    handleMessageBatch: async (messages) => {
      const { batchItemFailures } = await handler({ Records: messages.map(record) });
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      return messages.filter(({ MessageId }) => !failed.has(MessageId ?? ''));
    },
  });
  for (const event of ['error', 'processing_error', 'timeout_error'] as const)
    consumer.on(event, (...[error]) => isStop(error) || onError(error));
  consumer.start();
  return consumer;
}

/** Stopping aborts the long poll, which the consumer reports like any other error. */
function isStop(error: Error): boolean {
  return error.cause instanceof Error && error.cause.name === 'AbortError';
}

function stopConsumer(consumer: Consumer): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  consumer.once('stopped', () => resolve());
  // Aborts the long poll; a batch that is being handled is waited for.
  consumer.stop({ abort: true });
  return promise;
}

function record(message: Message) {
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: message.Attributes ?? {},
    messageAttributes: message.MessageAttributes ?? {},
    eventSource: 'aws:sqs',
  };
}

/** A schedule: invokes a handler at once and then every `everyMs`, never twice at the same time. */
export function schedule(
  handler: (event: unknown) => Promise<unknown>,
  options: { everyMs: number; onError: (error: Error) => void },
): Running {
  let running: Promise<unknown> | undefined;
  const tick = () => {
    running ??= handler({})
      .catch(options.onError)
      .finally(() => {
        running = undefined;
      });
  };
  const timer = setInterval(tick, options.everyMs);
  tick();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
