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

/** What `deliver` reads, in one BatchGet for a whole batch of messages. */
export function factStore(table: Table) {
  return {
    /**
     * The facts of each attempt, in the order of `attempts`. Read eventually consistent, which costs half; what seems to
     * be missing may only be too new, and a webhook that seems to be inactive may be active again: both are read again, consistently.
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
  const needed = attempts.flatMap((attempt) => [
    webhookKey(attempt.namespaceId, attempt.webhookId),
    keyOfEvent(attempt),
  ]);
  const items = byKey(await getAll(table, [...needed, ...attempts.map(attemptKey), ...attempts.flatMap(previousKeys)]));
  const doubtful = needed.filter((key) => isDoubtful(items.get(keyText(key))));
  if (doubtful.length === 0) return items;
  return new Map([...items, ...byKey(await getAll(table, doubtful, { consistent: true }))]);
}

/** Whether what was read would end a delivery for good, and may be what was a moment ago: no item, or a webhook that is inactive. */
function isDoubtful(item: Item | undefined): boolean {
  return item === undefined || item['active'] === false;
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
