import { deadLetters } from '../../functions/transport/dead-letters.ts';
import type { WorkQueueName } from '../queues.ts';
import type { Connection } from './connection.ts';
import type { Output } from './output.ts';

export const WORK_QUEUES: readonly WorkQueueName[] = ['events', 'deliveries'];

export type Of = Output & { readonly queue?: WorkQueueName };

/** The queue that is named, or both. */
export function queuesOf({ queue }: Of): readonly WorkQueueName[] {
  return queue === undefined ? WORK_QUEUES : [queue];
}

/** The dead letters of a queue of the system. */
export function lettersOf({ world, queueUrls }: Connection, queue: WorkQueueName) {
  return deadLetters({
    sqs: world.sqs,
    deadLetterUrl: queueUrls[`${queue}-dead-letter`],
    sourceUrl: queueUrls[queue],
  });
}

export function noLetters(of: Of): string {
  return `There are no dead letters of ${queuesOf(of).join(' or ')}.`;
}
