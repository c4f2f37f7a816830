import { deliveryId } from '../../../functions/domain/id.ts';
import type { Verdicts } from '../../../functions/domain/webhook.ts';
import type { StoredItem, Version } from './items.ts';
import type { MemoryTable } from './table.ts';

/** An attempt, as its item stands at the end, and what it was before. */
export type BookedAttempt = {
  readonly number: number;
  readonly item: StoredItem;
  readonly history: readonly Version[];
};

/** A delivery that an event's verdict promises, or that was missed; without attempts where none was recorded. */
export type BookedDelivery = {
  readonly id: string;
  readonly webhookId: number;
  readonly event: BookedEvent;
  readonly attempts: readonly BookedAttempt[];
};

export type BookedEvent = {
  readonly id: string;
  readonly createdAt: string;
  readonly namespaceId: number;
  readonly item: StoredItem;
  readonly openedAtMs: number;
  readonly sentTo: readonly number[];
  /** The webhooks that were inactive when it came: they get it where it is recovered. */
  readonly missedBy: readonly number[];
};

export type Book = ReturnType<typeof bookOf>;

/**
 * Reads the table as an auditor does: events, the deliveries that they promise or that were recovered, and what became of webhooks
 * over time.
 */
export function bookOf(table: MemoryTable) {
  const events: BookedEvent[] = [];
  const attempts = new Map<string, BookedAttempt[]>();
  const webhooks = new Map<number, { namespaceId: number; history: readonly Version[] }>();
  const due: StoredItem[] = [];
  for (const history of table.histories()) {
    const first = history.find(({ item }) => item !== undefined)?.item;
    if (first === undefined) continue;
    const item = history.at(-1)?.item;
    if (item?.['due_at'] !== undefined) due.push(item);
    const [kind, id = '', number] = first.sk.split('#', 3);
    if (kind === 'WEBHOOK') {
      webhooks.set(Number(id), { namespaceId: Number(first['namespace_id']), history });
    } else if (kind === 'DELIVERY' && item !== undefined) {
      const key = `${first.pk.slice('WEBHOOK#'.length)}/${id}`;
      attempts.set(key, [...(attempts.get(key) ?? []), { number: Number(number), item, history }]);
    } else if (first.pk.endsWith('#EVENTS') && item !== undefined) {
      events.push(eventOf(item, history[0]?.atMs ?? 0));
    }
  }
  for (const list of attempts.values()) list.sort((a, b) => a.number - b.number);
  const booked = (event: BookedEvent, webhookId: number): BookedDelivery => {
    const id = deliveryId(event, webhookId);
    return { id, webhookId, event, attempts: attempts.get(`${webhookId}/${id}`) ?? [] };
  };
  const missed = events.flatMap((event) => event.missedBy.map((webhookId) => booked(event, webhookId)));
  const promised = [
    ...events.flatMap((event) => event.sentTo.map((webhookId) => booked(event, webhookId))),
    ...missed.filter((delivery) => delivery.attempts.length > 0),
  ];
  return {
    events,
    webhooks,
    due,
    /** What webhooks missed while they were inactive, recovered or not. */
    missed,
    deliveries: new Map(promised.map((delivery) => [delivery.id, delivery])),
    /** Deliveries in the log that no event promises, by webhook and delivery. */
    unpromised: [...attempts.keys()].filter(
      (key) => !promised.some(({ id, webhookId }) => key === `${webhookId}/${id}`),
    ),
  };
}

function eventOf(item: StoredItem, openedAtMs: number): BookedEvent {
  const [createdAt = '', id = ''] = item.sk.split('#', 2);
  const { sent = [], inactive = [] } = item['verdicts'] as Verdicts;
  const namespaceId = Number(item.pk.split('#', 2)[1]);
  return { id, createdAt, namespaceId, item, openedAtMs, sentTo: sent, missedBy: inactive };
}

/** What an item was at any moment of a stretch of time; undefined among it is that it was not there. */
export function during(history: readonly Version[], fromMs: number, toMs: number): readonly (StoredItem | undefined)[] {
  const before = history.filter(({ atMs }) => atMs < fromMs).at(-1)?.item;
  const within = history.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs).map(({ item }) => item);
  return [before, ...within];
}
