import type { EventType } from '../domain/catalogue.ts';
import { eventName } from '../domain/event.ts';
import { LOG_EVENTS_READ_MAX } from '../domain/limits.ts';
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
type Page = PageRequest & { readonly nowMs: number };

/** Reads a page of a namespace's events. Where most have expired and are not deleted yet, it ends early, after 2,000. */
export async function readEventPage(table: Table, namespaceId: number, page: Page): Promise<EventsPage> {
  const events: EventSummary[] = [];
  let read = 0;
  const reads = { first: page.limit + 1, max: LOG_EVENTS_READ_MAX };
  for await (const { items, scanned, stoppedAt } of wider(table, inPage(table, namespaceId, page), reads)) {
    events.push(...items.map(readEventSummary));
    read += scanned;
    if (events.length > page.limit) break;
    if (stoppedAt && read >= LOG_EVENTS_READ_MAX) return earlyEnd(page, events, eventName(readEventKey(stoppedAt)));
  }
  return pageOf(page, events, eventName);
}

/** A page that ends before the list does, with the event that the table was read up to: forwards that one is on it, backwards on the next. */
function earlyEnd(page: Page, events: readonly EventSummary[], stoppedAt: string): EventsPage {
  if (page.cursor?.direction !== 'upto')
    return { ...pageOf(page, events, eventName), next: { direction: 'after', position: stoppedAt } };
  const before = events.filter((event) => eventName(event) !== stoppedAt);
  return { ...pageOf(page, before, eventName), prev: { direction: 'upto', position: stoppedAt } };
}

function inPage(table: Table, namespaceId: number, { cursor, nowMs }: Page) {
  const isBackwards = cursor?.direction === 'upto';
  return {
    TableName: table.name,
    ScanIndexForward: isBackwards,
    KeyConditionExpression: `pk = :pk AND sk ${isBackwards ? '>=' : '<'} :position`,
    FilterExpression: 'expires_at > :now',
    ExpressionAttributeValues: {
      ':pk': `NAMESPACE#${namespaceId}#EVENTS`,
      // Names of events are their sort keys, but for the sign between time and id.
      ':position': cursor === undefined ? '~' : cursor.position.replace('~', '#'),
      ':now': nowMs / 1000,
    },
  };
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
