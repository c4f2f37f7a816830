import type { Attempt, AttemptKey } from '../domain/delivery.ts';
import type { Webhook } from '../domain/webhook.ts';
import { attemptKey, readAttempt, readSummary } from './attempt-item.ts';
import { eventKey } from './event-key.ts';
import { readEvents, type StoredEvent } from './events.ts';
import { getAll, type Item, type Key, keyText, type Table } from './table.ts';
import { readWebhook, webhookKey } from './webhook-item.ts';

/** What an attempt is made from. */
export type Facts = {
  readonly webhook: Webhook | undefined;
  /** The event that deleted the namespace, and the webhook with it; its news is still due (`domain/deletion-notice.ts`). */
  readonly deletedBy: string | undefined;
  readonly event: StoredEvent | undefined;
  /** Why the event cannot be read, where it is there and cannot: its attempt is not made, and its neighbours are. */
  readonly unreadable?: unknown;
  /** This attempt, where it is in the log already: its message has come a second time. */
  readonly recorded: Attempt | undefined;
  /** Whether an attempt before it was to be the last one by a user's will. A redelivery has none before it. */
  readonly isCancelled: boolean;
};

export type FactStore = ReturnType<typeof factStore>;

/** What `deliver` reads, in two BatchGets at once for a whole batch of messages. */
export function factStore(table: Table) {
  return {
    /**
     * The facts of each attempt, in the order of `attempts`. What a user may just have changed is read as it is at this moment: a webhook that
     * was given a secret is not sent to without a signature, and one that was deleted or paused, or whose retries were cancelled, not at all. The rest is
     * read eventually consistent, which costs half; an event that seems to be missing may only be too new, and is read again.
     */
    async gather(attempts: readonly AttemptKey[]): Promise<Facts[]> {
      const items = await readItems(table, attempts);
      const eventItems = [...items.values()].filter((item) => item.pk.endsWith('#EVENTS'));
      const read = await Promise.allSettled(eventItems.map((item) => readEvents(table, [item])));
      const ends = new Map(eventItems.map((item, index) => [keyText(item), read[index]]));
      return attempts.map((attempt) => {
        const event = ends.get(keyText(keyOfEvent(attempt)));
        const webhook = items.get(keyText(webhookKey(attempt.namespaceId, attempt.webhookId)));
        const recorded = items.get(keyText(attemptKey(attempt)));
        return {
          webhook: webhook && readWebhook(webhook),
          deletedBy: webhook?.['deleted_by'] as string | undefined,
          event: event?.status === 'fulfilled' ? event.value[0] : undefined,
          ...(event?.status === 'rejected' ? { unreadable: event.reason } : {}),
          recorded: recorded && readRecorded(recorded),
          isCancelled: previousKeys(attempt).some((key) => items.get(keyText(key))?.['status'] === 'cancelled'),
        };
      });
    },
  };
}

/** What a later release has packed in its own way cannot be read here: that the attempt was made is what counts, and its neighbours are to be made. */
function readRecorded(item: Item): Attempt {
  try {
    return readAttempt(item);
  } catch {
    return { ...readSummary(item), response: undefined };
  }
}

async function readItems(table: Table, attempts: readonly AttemptKey[]): Promise<Map<string, Item>> {
  const webhooks = attempts.map(({ namespaceId, webhookId }) => webhookKey(namespaceId, webhookId));
  const events = attempts.map(keyOfEvent);
  const [present, others] = await Promise.all([
    getAll(table, [...webhooks, ...attempts.flatMap(previousKeys)], { consistent: true }),
    getAll(table, [...events, ...attempts.map(attemptKey)]),
  ]);
  const items = byKey([...present, ...others]);
  const missing = events.filter((key) => !items.has(keyText(key)));
  if (missing.length === 0) return items;
  return new Map([...items, ...byKey(await getAll(table, missing, { consistent: true }))]);
}

/**
 * The attempts whose cancelling is meant for this one, too: the one before, and the one before that, for whoever was to hand its
 * end on, after having recorded the next one, may have been cut before that.
 */
function previousKeys(attempt: AttemptKey): Key[] {
  return [attempt.number - 1, attempt.number - 2]
    .filter((number) => number >= attempt.firstOfRun)
    .map((number) => attemptKey({ ...attempt, number }));
}

function keyOfEvent(attempt: AttemptKey): Key {
  return eventKey({ namespaceId: attempt.namespaceId, createdAt: attempt.eventCreatedAt, id: attempt.eventId });
}

function byKey(items: readonly Item[]): Map<string, Item> {
  return new Map(items.map((item) => [keyText(item), item]));
}
