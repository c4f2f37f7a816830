import type { EventType } from '../domain/catalogue.ts';
import { eventName } from '../domain/event.ts';
import { LOG_EVENT_READS_MAX, LOG_EVENTS_READ_MAX } from '../domain/limits.ts';
import { type Neighbours, type PageRequest, pageOf } from '../domain/page.ts';
import type { Verdicts } from '../domain/webhook.ts';
import { type EventKey, readEventKey } from './event-key.ts';
import { readVerdicts } from './event-verdicts.ts';
import type { Item, Table } from './table.ts';
import { wider } from './wider.ts';

/** What is known of an event, but for its payload. */
export type EventSummary = EventKey & {
  readonly type: EventType;
  readonly receivedAt: string;
  readonly payloadBytes: number;
  readonly offCatalogue?: string | undefined;
  readonly isTest: boolean;
  readonly verdicts: Verdicts;
};

/** Some of a namespace's events, newest first; positions are names of events. */
export type EventsPage = { readonly rows: EventSummary[] } & Neighbours;

/** Which events a page has; the times are those of the events: `sinceMs` included, `untilMs` not. */
export type EventPage = PageRequest & {
  readonly type?: EventType | undefined;
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  readonly nowMs: number;
};

/**
 * Reads a page of a namespace's events. Where the filter, or their age, lets little through, it ends early, after 2,000 of them or 20 reads
 * of up to 1 MB: payloads are read along.
 */
export async function readEventPage(table: Table, namespaceId: number, page: EventPage): Promise<EventsPage> {
  const events: EventSummary[] = [];
  const range = inPage(table, namespaceId, page);
  if (range === undefined) return pageOf(page, events, eventName);
  const bounds = { first: page.limit + 1, max: LOG_EVENTS_READ_MAX };
  let [read, reads] = [0, 0];
  for await (const { items, scanned, stoppedAt } of wider(table, range, bounds)) {
    events.push(...items.map(readEventSummary));
    read += scanned;
    reads += 1;
    if (events.length > page.limit) break;
    const isEnough = read >= LOG_EVENTS_READ_MAX || reads >= LOG_EVENT_READS_MAX;
    if (stoppedAt && isEnough) return earlyEnd(page, events, eventName(readEventKey(stoppedAt)));
  }
  return pageOf(page, events, eventName);
}

/** A page that ends before the list does, with the event that the table was read up to: forwards that one is on it, backwards on the next. */
function earlyEnd(page: EventPage, events: readonly EventSummary[], stoppedAt: string): EventsPage {
  if (page.cursor?.direction !== 'upto')
    return { ...pageOf(page, events, eventName), next: { direction: 'after', position: stoppedAt } };
  const before = events.filter((event) => eventName(event) !== stoppedAt);
  return { ...pageOf(page, before, eventName), prev: { direction: 'upto', position: stoppedAt } };
}

/** The events of a page, and those behind them; undefined where the times and the cursor leave no room for any. */
function inPage(table: Table, namespaceId: number, { cursor, type, sinceMs, untilMs, nowMs }: EventPage) {
  const isBackwards = cursor?.direction === 'upto';
  // An event's key goes on behind its time: from the bare time on it is in, and up to there it is out.
  const [since = '0', until = '~'] = [sinceMs, untilMs].map((ms) =>
    ms === undefined ? undefined : new Date(ms).toISOString(),
  );
  // Names of events are their sort keys, but for the sign between time and id.
  const position = cursor?.position.replace('~', '#') ?? '';
  const first = isBackwards && position > since ? position : since;
  const last = cursor?.direction === 'after' && position < until ? rightBefore(position) : until;
  if (first > last) return undefined;
  return {
    TableName: table.name,
    ScanIndexForward: isBackwards,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
    FilterExpression: `expires_at > :now${type === undefined ? '' : ' AND #type = :type'}`,
    ...(type === undefined ? {} : { ExpressionAttributeNames: { '#type': 'type' } }),
    ExpressionAttributeValues: {
      ':pk': `NAMESPACE#${namespaceId}#EVENTS`,
      ':first': first,
      ':last': last,
      ':now': nowMs / 1000,
      ...(type === undefined ? {} : { ':type': type }),
    },
  };
}

/** What no key of an event stands behind that comes before a key: a range has both of its ends. */
function rightBefore(key: string): string {
  return `${key.slice(0, -1)}${String.fromCharCode(key.charCodeAt(key.length - 1) - 1)}~`;
}

/** Reads what is known of an event, but for its payload, from its item. */
export function readEventSummary(item: Item): EventSummary {
  return {
    ...readEventKey(item),
    type: item['type'] as EventType,
    receivedAt: String(item['received_at']),
    payloadBytes: Number(item['payload_bytes']),
    offCatalogue: item['off_catalogue'] as string | undefined,
    isTest: item['test'] === true,
    verdicts: readVerdicts(item),
  };
}
