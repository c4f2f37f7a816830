import type { FunctionName } from '../functions/runtime/env.ts';
import { BATCH_SIZE, FUNCTION_TIMEOUT_SECONDS, MAXIMUM_CONCURRENCY, type QueueName } from './queues.ts';

/** A queue that a function is invoked from. */
export type Source = {
  readonly queue: QueueName;
  readonly batchSize: number;
  /** How long a batch may gather where it is not full: latency, for fewer invocations and calls of SQS. A full one leaves at once. */
  readonly batchingWindowSeconds: number;
  /** Invocations at once. Not reserved concurrency: throttled by that, messages would count as received, and end as dead letters. */
  readonly maximumConcurrency: number;
};

/** What has Lambda invoke a function. */
type Trigger =
  | { readonly kind: 'http'; readonly routes: readonly string[] }
  | ({ readonly kind: 'queue' } & Source)
  | { readonly kind: 'schedule'; readonly everyMinutes: number };

export type FunctionSettings = {
  readonly description: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly trigger: Trigger;
  /** Whether it writes metrics of its own into its log. */
  readonly counts?: boolean;
};

/** TLS and JSON want processor time, which comes with memory: with less, invocations last longer and cost the same. */
const MEMORY_MB = 512;
/** The API Gateway waits 30 s for an answer: what takes as long has failed, and should not run on. */
const HTTP_TIMEOUT_SECONDS = 29;
/** Enough for a full batch at some hundred events a second, and no more: a burst of events must not take deliver's concurrency. */
const INGEST_CONCURRENCY_MAX = 10;
/** The least that Lambda takes. */
const DEAD_LETTER_CONCURRENCY_MAX = 2;

const OF_A_QUEUE = { memoryMb: MEMORY_MB, timeoutSeconds: FUNCTION_TIMEOUT_SECONDS };
const OF_A_SCHEDULE = { ...OF_A_QUEUE, trigger: { kind: 'schedule', everyMinutes: 1 } } as const;

/** Every function: how it runs, and what has it run. What it may do is in `grants.ts`. */
export const FUNCTIONS = {
  api: {
    description: 'The REST API',
    memoryMb: MEMORY_MB,
    timeoutSeconds: HTTP_TIMEOUT_SECONDS,
    trigger: { kind: 'http', routes: ['$default'] },
  },
  console: {
    description: 'The web console',
    memoryMb: MEMORY_MB,
    timeoutSeconds: HTTP_TIMEOUT_SECONDS,
    trigger: { kind: 'http', routes: ['ANY /console', 'ANY /console/{proxy+}'] },
  },
  ingest: {
    ...OF_A_QUEUE,
    description: 'Opens each event, and sends its deliveries',
    trigger: {
      kind: 'queue',
      queue: 'events',
      batchSize: BATCH_SIZE,
      batchingWindowSeconds: 1,
      maximumConcurrency: INGEST_CONCURRENCY_MAX,
    },
  },
  deliver: {
    ...OF_A_QUEUE,
    description: 'Makes the attempts of deliveries',
    counts: true,
    trigger: {
      kind: 'queue',
      queue: 'deliveries',
      batchSize: BATCH_SIZE,
      batchingWindowSeconds: 1,
      maximumConcurrency: MAXIMUM_CONCURRENCY,
    },
  },
  retry: { ...OF_A_SCHEDULE, description: 'Sends the attempts that are due, and what is held no longer' },
  recover: { ...OF_A_SCHEDULE, description: 'Goes on with the recoveries that run' },
  'dead-letter': {
    ...OF_A_QUEUE,
    description: 'Closes the deliveries that could not be handled',
    trigger: {
      kind: 'queue',
      queue: 'deliveries-dead-letter',
      batchSize: BATCH_SIZE,
      batchingWindowSeconds: 1,
      maximumConcurrency: DEAD_LETTER_CONCURRENCY_MAX,
    },
  },
} as const satisfies Readonly<Record<FunctionName, FunctionSettings>>;

/** The functions that are invoked in one way. */
export type FunctionOf<Kind extends Trigger['kind']> = {
  [Name in FunctionName]: (typeof FUNCTIONS)[Name]['trigger']['kind'] extends Kind ? Name : never;
}[FunctionName];
