import type { Attempt, AttemptKey } from './delivery.ts';

/**
 * Whether an attempt tells a webhook of the very deletion that ended it. A namespace's webhooks end with it, and yet the news
 * of that is theirs to have: its first attempt is made, and no other.
 */
export function isDeletionNotice(key: AttemptKey, deletedBy: string | undefined): boolean {
  return key.eventType === 'namespaces' && key.eventId === deletedBy && key.number === 1;
}

/** What an attempt came to where no other will be made, whatever the schedule has left. */
export function concludeForGood(attempt: Attempt): Attempt {
  const { nextAttemptAt, ...rest } = attempt;
  return nextAttemptAt === undefined ? attempt : { ...rest, status: 'cancelled' };
}
