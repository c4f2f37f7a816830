/** The queues, as every deployment makes them: what CDK puts into the template and the local runner creates. */

/** Seconds that a function which sends POSTs may run: the deadline of an attempt, and time to read and to record. */
export const FUNCTION_TIMEOUT_SECONDS = 30;
/** Messages that one invocation is given. */
export const BATCH_SIZE = 10;
/** Invocations of `deliver` at once, at most: one receiver that hangs takes up one of them for as long as an attempt may last. */
export const MAXIMUM_CONCURRENCY = 50;

/** Receives until a message counts as one that we cannot handle. Throttling and restarts receive in vain, too. */
const RECEIVES_MAX = 10;

/** The queues that messages are worked off from; each has a dead-letter queue. */
export type WorkQueueName = 'events' | 'deliveries';
export type QueueName = WorkQueueName | `${WorkQueueName}-dead-letter`;

export type QueueSettings = {
  readonly name: QueueName;
  readonly visibilityTimeoutSeconds: number;
  readonly retentionSeconds: number;
  /** Where messages go that were received `maxReceives` times and never deleted. */
  readonly deadLetter?: { readonly queue: QueueName; readonly maxReceives: number };
};

/** Dead letters keep the time of their first send: their queues must keep them longer than the queues they come from. */
const DAY_SECONDS = 24 * 60 * 60;
const WORKING = { visibilityTimeoutSeconds: 6 * FUNCTION_TIMEOUT_SECONDS, retentionSeconds: 10 * DAY_SECONDS };
const DEAD = { visibilityTimeoutSeconds: 6 * FUNCTION_TIMEOUT_SECONDS, retentionSeconds: 14 * DAY_SECONDS };

/** Dead-letter queues first: the others refer to them. */
export const QUEUES: readonly QueueSettings[] = [
  { name: 'events-dead-letter', ...DEAD },
  { name: 'deliveries-dead-letter', ...DEAD },
  { name: 'events', ...WORKING, deadLetter: { queue: 'events-dead-letter', maxReceives: RECEIVES_MAX } },
  { name: 'deliveries', ...WORKING, deadLetter: { queue: 'deliveries-dead-letter', maxReceives: RECEIVES_MAX } },
];
