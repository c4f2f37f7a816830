import type { MemoryQueues, QueuedMessage } from './queues.ts';
import type { Scheduler } from './scheduler.ts';

/** What an operator does at the end of a bad day: sends the dead letters of events back, as messages of their own. */
export function redrive(queues: MemoryQueues, scheduler: Scheduler): void {
  for (const message of queues.messages('events-dead-letter')) {
    scheduler.note(`an operator sends ${message.messageId} back to the events`);
    queues.put('events', message.body);
    queues.remove('events-dead-letter', message);
  }
}

/** Takes out what names no event and no delivery: it goes round for ever. */
export function dropNonsense(queues: MemoryQueues): void {
  const isNonsense = ({ body }: QueuedMessage) => !body.includes('"namespace');
  for (const name of ['events-dead-letter', 'deliveries', 'deliveries-dead-letter'] as const) {
    for (const message of queues.messages(name).filter(isNonsense)) queues.remove(name, message);
  }
}
