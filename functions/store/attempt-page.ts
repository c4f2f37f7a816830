import { QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { AttemptSummary, DeliverySummary } from '../domain/delivery.ts';
import { LOG_ATTEMPTS_READ_MAX } from '../domain/limits.ts';
import { type Neighbours, pageOf } from '../domain/page.ts';
import { readSummary } from './attempt-item.ts';
import { type DeliveryPage, inPage, summariesOf } from './attempt-queries.ts';
import type { Item, Table } from './table.ts';

/** Some of a webhook's deliveries, newest first; positions are ids of deliveries. */
export type DeliveriesPage = { readonly rows: DeliverySummary[] } & Neighbours;

/**
 * Reads a page of a webhook's deliveries: up to `limit` that the filter lets through. A filter that lets little through ends a
 * page early, after 2,000 attempts, so that no request reads the whole log.
 */
export async function readPage(table: Table, webhookId: number, options: DeliveryPage): Promise<DeliveriesPage> {
  const range = inPage(table, webhookId, options);
  if (range === undefined) return pageOf(options, [], idOf);
  const read: DeliverySummary[] = [];
  let attempts = 0;
  for await (const { items, scanned, isEnd } of wider(table, summariesOf(range), options.limit * 2)) {
    for (const item of items) addAttempt(read, readSummary(item));
    attempts += scanned;
    // The last one that was read is known to be whole only when another follows it, or the end.
    const whole = isEnd ? read : read.slice(0, -1);
    const passed = whole.filter((delivery) => options.lets?.(delivery) ?? true);
    if (isEnd || passed.length > options.limit) return pageOf(options, passed, idOf);
    if (attempts >= LOG_ATTEMPTS_READ_MAX && whole.length > 0) return earlyEnd(options, passed, read);
  }
  return pageOf(options, [], idOf);
}

type Read = { readonly items: readonly Item[]; readonly scanned: number; readonly isEnd: boolean };

/** Reads a range, each time twice as much as before, up to what a page may read: where a filter lets little through, that is few calls. */
async function* wider(table: Table, range: QueryCommandInput, first: number): AsyncGenerator<Read> {
  let ExclusiveStartKey: QueryCommandInput['ExclusiveStartKey'];
  for (let limit = first, left = LOG_ATTEMPTS_READ_MAX; ; limit *= 2) {
    const Limit = Math.max(first, Math.min(limit, left));
    const answer = await table.db.send(new QueryCommand({ ...range, Limit, ExclusiveStartKey }));
    const { Items = [], ScannedCount: scanned = 0, LastEvaluatedKey } = answer;
    left -= scanned;
    yield { items: Items as Item[], scanned, isEnd: LastEvaluatedKey === undefined };
    if (LastEvaluatedKey === undefined) return;
    ExclusiveStartKey = LastEvaluatedKey;
  }
}

/** A page that ends before the list does: it goes on behind the last delivery that was read whole. */
function earlyEnd(
  options: DeliveryPage,
  passed: readonly DeliverySummary[],
  read: readonly DeliverySummary[],
): DeliveriesPage {
  const page = pageOf(options, passed, idOf);
  const [lastWhole, unfinished] = read.slice(-2).map(idOf);
  if (lastWhole === undefined || unfinished === undefined)
    throw new Error('A page that ends early has read two deliveries');
  return options.cursor?.direction === 'upto'
    ? { ...page, prev: { direction: 'upto', position: unfinished } }
    : { ...page, next: { direction: 'after', position: lastWhole } };
}

function idOf(delivery: DeliverySummary): string {
  return delivery[0].deliveryId;
}

/** Attempts come first to last or last to first; within a delivery they are kept first to last. */
export function addAttempt<T extends AttemptSummary>(deliveries: (readonly [T, ...T[]])[], attempt: T): void {
  const last = deliveries.at(-1);
  if (last?.[0].deliveryId !== attempt.deliveryId) deliveries.push([attempt]);
  else deliveries[deliveries.length - 1] = last[0].number > attempt.number ? [attempt, ...last] : [...last, attempt];
}
