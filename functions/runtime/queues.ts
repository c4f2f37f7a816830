import { type Queue, queue } from '../transport/queue.ts';
import { log } from './log.ts';
import type { QuietWorld } from './world.ts';

/** A queue to send to. What it does not take is in the log, with SQS's reason; whoever sends sees to it that it comes again. */
export function loggedQueue(world: Pick<QuietWorld, 'sqs'>, url: string): Queue {
  return queue(world.sqs, url, {
    onRefused: ({ messages, codes }) => log.error('A queue did not take messages', { url, messages, codes }),
  });
}
