import { setTimeout as sleep } from 'node:timers/promises';
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
  const pollers = Array.from({ length: options.concurrency }, () => startPoller(options));
  return {
    async stop() {
      await Promise.all(pollers.map((poller) => poller.stop()));
    },
  };
}

function startPoller({ sqs, queueUrl, handler, onError }: Parameters<typeof mapQueue>[0]): Running {
  const consumer = Consumer.create({
    sqs,
    queueUrl,
    batchSize: BATCH_SIZE,
    waitTimeSeconds: LONG_POLL_SECONDS,
    messageSystemAttributeNames: ['All'],
    messageAttributeNames: ['All'],
    pollingCompleteWaitTimeMs: FUNCTION_TIMEOUT_SECONDS * 1000,
    suppressFifoWarning: true,
    handleMessageBatch: async (messages) => {
      const { batchItemFailures } = await inTime(handler({ Records: messages.map(record) }));
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      return messages.filter(({ MessageId }) => !failed.has(MessageId ?? ''));
    },
  });
  consumer.on('error', (error) => isStop(error) || onError(error));
  let isHandling = false;
  consumer.on('message_received', () => {
    isHandling = true;
  });
  consumer.on('response_processed', () => {
    isHandling = false;
  });
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  consumer.once('stopped', () => resolve());
  consumer.start();
  return {
    stop() {
      // Only the long poll is cut short: cut while a batch is handled, its messages would not be deleted afterwards.
      consumer.stop({ abort: !isHandling });
      return stopped;
    },
  };
}

/** Lambda ends an invocation that takes too long, and its batch comes again. Here it is only left alone. */
async function inTime<T>(invocation: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const timeUp = sleep(FUNCTION_TIMEOUT_SECONDS * 1000, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`The function ran for more than ${FUNCTION_TIMEOUT_SECONDS} s`);
  });
  try {
    return await Promise.race([invocation, timeUp]);
  } finally {
    timer.abort();
    timeUp.catch(() => undefined);
  }
}

/** Stopping aborts the long poll, which the consumer reports like any other error. */
function isStop(error: Error): boolean {
  return error.cause instanceof Error && error.cause.name === 'AbortError';
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
