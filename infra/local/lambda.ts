import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { Consumer } from 'sqs-consumer';
import type { SqsBatchResponse, SqsEvent } from '../../functions/runtime/sqs-event.ts';
import { BATCH_SIZE, FUNCTION_TIMEOUT_SECONDS } from '../queues.ts';

export type SqsHandler = (event: SqsEvent) => Promise<SqsBatchResponse>;

/** Something that runs until it is stopped; `stop` waits for what is under way. */
export type Running = { readonly stop: () => Promise<void> };

/** A queue, and the function that takes its messages. */
export type Mapping = {
  readonly sqs: Pick<SQSClient, 'send'>;
  readonly queueUrl: string;
  readonly handler: SqsHandler;
  /** How many batches are worked on at once. */
  readonly concurrency: number;
  /** To how many that grows while batches take long; it does not grow where this is undefined. */
  readonly maximumConcurrency?: number | undefined;
  readonly onError: (error: Error) => void;
};

const LONG_POLL_SECONDS = 20;
/** A batch that takes longer than this moment has somebody else take its poller's place. */
const MOMENT_MS = 250;

/**
 * An event source mapping: invokes a handler with batches of up to ten messages of a queue, as Lambda does. What the handler
 * reports as failed, or all of a batch where it throws, stays in the queue until its visibility timeout has passed. Where
 * batches take long, others are begun beside them: Lambda adds pollers while there is a backlog.
 */
export function mapQueue(mapping: Mapping): Running {
  const { concurrency, maximumConcurrency = concurrency } = mapping;
  const polling = new Set<Running>();
  const stopping = new Set<Promise<void>>();
  let slow = 0;
  let isStopped = false;
  const wanted = () => (isStopped ? 0 : Math.min(maximumConcurrency, concurrency + slow));
  const add = () => {
    const poller = startPoller(mapping, {
      onSlow() {
        slow += 1;
        if (polling.size < wanted()) add();
      },
      onSlowEnd() {
        slow -= 1;
        if (polling.size > wanted()) remove(poller);
      },
    });
    polling.add(poller);
  };
  const remove = (poller: Running) => {
    if (!polling.delete(poller)) return;
    const stopped = poller.stop().finally(() => stopping.delete(stopped));
    stopping.add(stopped);
  };
  while (polling.size < wanted()) add();
  return {
    async stop() {
      isStopped = true;
      for (const poller of polling) remove(poller);
      await Promise.all(stopping);
    },
  };
}

/** Who is told that a batch takes longer than a moment, and that such a batch is done. */
type Pace = { readonly onSlow: () => void; readonly onSlowEnd: () => void };

function startPoller(mapping: Mapping, { onSlow, onSlowEnd }: Pace): Running {
  const consumer = consumerOf(mapping);
  consumer.on('error', (error) => isStop(error) || mapping.onError(error));
  let isHandling = false;
  let isSlow = false;
  let timer: NodeJS.Timeout | undefined;
  consumer.on('message_received', () => {
    // It is told of every message of a batch.
    if (isHandling) return;
    isHandling = true;
    timer = setTimeout(() => {
      isSlow = true;
      onSlow();
    }, MOMENT_MS);
  });
  consumer.on('response_processed', () => {
    isHandling = false;
    clearTimeout(timer);
    if (!isSlow) return;
    isSlow = false;
    onSlowEnd();
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

function consumerOf({ sqs, queueUrl, handler }: Mapping): Consumer {
  return Consumer.create({
    // It calls nothing else of it.
    sqs: sqs as SQSClient,
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
}

/** Lambda ends an invocation that takes too long, and its batch comes again. Here it is only left alone. */
async function inTime<T>(invocation: Promise<T>): Promise<T> {
  const { promise: timeUp, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`The function ran for more than ${FUNCTION_TIMEOUT_SECONDS} s`)),
    FUNCTION_TIMEOUT_SECONDS * 1000,
  );
  try {
    return await Promise.race([invocation, timeUp]);
  } finally {
    clearTimeout(timer);
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
