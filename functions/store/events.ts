import type { EventType } from '../domain/catalogue.ts';
import type { CiEvent } from '../domain/event.ts';
import { EVENT_RETENTION_DAYS } from '../domain/limits.ts';
import type { EventsRead } from '../domain/missed-page.ts';
import type { Verdicts } from '../domain/webhook.ts';
import { type EventKey, eventKey, readEventKey, type StoredEvent } from './event-key.ts';
import { type EventPage, type EventSummary, type EventsPage, readEventPage, readEventSummary } from './event-page.ts';
import { readSmall, type SizedEvent } from './event-small.ts';
import { type EventStretch, readInactive } from './event-stretch.ts';
import { readVerdicts, verdictAttributes } from './event-verdicts.ts';
import { pack } from './packing.ts';
import {
  partItems,
  payloadAttributes,
  putParts,
  readPayloads,
  type SplitPayload,
  splitPayload,
} from './payload-parts.ts';
import { getAll, type Insertion, type Item, insertAll, type Table } from './table.ts';

export type { EventKey, EventSummary, StoredEvent };

/** An event of a namespace, as ingest opens it. */
export type EventRecord = {
  readonly event: CiEvent & { readonly namespaceId: number };
  readonly verdicts: Verdicts;
  readonly receivedAt: string;
  /** The id of the message that brought it. */
  readonly openedBy: string;
  /** Whether it never happened: a user asked for it, to try a webhook out. */
  readonly isTest?: boolean | undefined;
};

/** What an event's item says of how it was opened. */
export type Opening = Pick<EventRecord, 'openedBy' | 'receivedAt'> & { readonly sentTo: readonly number[] };

export type EventStore = ReturnType<typeof eventStore>;

const DAY_SECONDS = 24 * 60 * 60;

/** The events of all namespaces, each with its payload and the verdict on every webhook. */
export function eventStore(table: Table) {
  return {
    /**
     * Writes events, each only where it is new; answers in their order. `exists` is an event that came before: its
     * first payload and verdicts stand.
     */
    async open(records: readonly EventRecord[]): Promise<Insertion[]> {
      const split = records.map((record) => ({
        record,
        payload: splitPayload(pack(Buffer.from(record.event.payload, 'utf8'))),
      }));
      const parts = split.flatMap(({ record, payload }) =>
        partItems(eventKey(record.event), payload, expiry(record.receivedAt)),
      );
      await putParts(table, parts);
      return insertAll(
        table,
        split.map(({ record, payload }) => eventItem(record, payload)),
      );
    },

    /** How an event was opened; undefined where there is none. */
    async opening(key: EventKey): Promise<Opening | undefined> {
      const [item] = await getAll(table, [eventKey(key)], { consistent: true });
      return (
        item && {
          openedBy: String(item['opened_by']),
          receivedAt: String(item['received_at']),
          sentTo: readVerdicts(item).sent ?? [],
        }
      );
    },

    /** The payload of an event, as its producer wrote it; undefined where it is no longer kept. */
    async payload(key: EventKey): Promise<Uint8Array | undefined> {
      const [payload] = await readPayloads(table, await getAll(table, [eventKey(key)]));
      return payload;
    },

    /**
     * The events among some whose payloads have at most `bytesMax` bytes, with them; none that is stored in parts. Larger payloads
     * are not read: where it is not said how large one is, that is asked for first.
     */
    withSmallPayload: (events: readonly SizedEvent[], bytesMax: number): Promise<StoredEvent[]> =>
      readSmall(table, events, bytesMax),

    /** What is known of an event, but for its payload; undefined where it is no longer kept. */
    async find(key: EventKey, nowMs: number): Promise<EventSummary | undefined> {
      const [item] = await getAll(table, [eventKey(key)]);
      return item && Number(item['expires_at']) > nowMs / 1000 ? readEventSummary(item) : undefined;
    },

    /** The next events of a stretch of time, oldest first, that came while a webhook was inactive. */
    inactive: (stretch: EventStretch): Promise<EventsRead> => readInactive(table, stretch),

    /** A page of a namespace's events, or of those that a filter lets through, newest first; positions are names of events. */
    page: (namespaceId: number, page: EventPage): Promise<EventsPage> => readEventPage(table, namespaceId, page),
  };
}

/** Reads events from their items, fetching the parts of the large ones; without those whose payload is no longer whole. */
export async function readEvents(table: Table, items: readonly Item[]): Promise<StoredEvent[]> {
  const payloads = await readPayloads(table, items);
  return items.flatMap((item, index) => {
    const payload = payloads[index];
    return payload === undefined ? [] : [{ ...readEventKey(item), type: item['type'] as EventType, payload }];
  });
}

function eventItem({ event, verdicts, receivedAt, openedBy, isTest }: EventRecord, payload: SplitPayload): Item {
  return {
    ...eventKey(event),
    v: 1,
    type: event.type,
    ...payloadAttributes(payload),
    payload_bytes: Buffer.byteLength(event.payload, 'utf8'),
    ...verdictAttributes(verdicts),
    off_catalogue: event.offCatalogue,
    received_at: receivedAt,
    opened_by: openedBy,
    test: isTest || undefined,
    expires_at: expiry(receivedAt),
  };
}

function expiry(receivedAt: string): number {
  return Math.ceil(Date.parse(receivedAt) / 1000) + EVENT_RETENTION_DAYS * DAY_SECONDS;
}
