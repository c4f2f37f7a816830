import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { EventType } from '../domain/catalogue.ts';
import { eventName } from '../domain/event.ts';
import { DELIVERY_RETENTION_DAYS, RECOVERY_EVENT_READS_MAX } from '../domain/limits.ts';
import type { EventsRead, MissedEvent } from '../domain/missed-page.ts';
import { readEventKey } from './event-key.ts';
import { readVerdicts, VERDICT_ATTRIBUTES } from './event-verdicts.ts';
import type { Item, Table } from './table.ts';

/** Which events to read next: those of a namespace from `sinceMs` until before `untilMs`, behind the position `after`. */
export type EventStretch = {
  readonly namespaceId: number;
  readonly webhookId: number;
  readonly after?: string | undefined;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly limit: number;
  readonly nowMs: number;
};

const EVENTS_PER_READ = 100;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Reads the next events that came while a webhook was inactive, as they are at this moment: up to `limit`, or fewer after 20 reads. None is
 * older than the log: whether such a one was delivered once is not known any more.
 */
export async function readInactive(table: Table, stretch: EventStretch): Promise<EventsRead> {
  const oldest = new Date(stretch.nowMs - DELIVERY_RETENTION_DAYS * DAY_MS).toISOString();
  const events: MissedEvent[] = [];
  let last: string | undefined;
  let reads = 0;
  const query = inStretch(table, stretch);
  const pages = query === undefined ? [] : paginateQuery({ client: table.db }, { ...query, Limit: EVENTS_PER_READ });
  for await (const { Items = [], LastEvaluatedKey } of pages) {
    for (const item of Items as Item[]) {
      const key = readEventKey(item);
      last = eventName(key);
      const { inactive = [] } = readVerdicts(item);
      if (!inactive.includes(stretch.webhookId) || String(item['received_at']) <= oldest) continue;
      events.push({ ...key, type: item['type'] as EventType });
      if (events.length === stretch.limit) return { events, last, isEnd: false };
    }
    reads += 1;
    if (reads === RECOVERY_EVENT_READS_MAX && LastEvaluatedKey !== undefined) return { events, last, isEnd: false };
  }
  return { events, last, isEnd: true };
}

function inStretch(table: Table, { namespaceId, after, sinceMs, untilMs }: EventStretch) {
  // What an event's time and id are followed by in no key, and precedes whatever may follow a bare time.
  const first = after === undefined ? isoOf(sinceMs) : `${after.replace('~', '#')}!`;
  const last = isoOf(untilMs);
  if (first > last) return undefined;
  return {
    TableName: table.name,
    ConsistentRead: true,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
    ProjectionExpression: `pk, sk, #type, ${VERDICT_ATTRIBUTES}, received_at`,
    ExpressionAttributeNames: { '#type': 'type' },
    ExpressionAttributeValues: { ':pk': `NAMESPACE#${namespaceId}#EVENTS`, ':first': first, ':last': last },
  };
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
