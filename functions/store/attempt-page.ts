import type { AttemptSummary, DeliverySummary } from '../domain/delivery.ts';
import { idBeside } from '../domain/id.ts';
import { LOG_ATTEMPTS_READ_MAX } from '../domain/limits.ts';
import { type Cursor, type Neighbours, pageOf } from '../domain/page.ts';
import { deliveryIdIn, readSummary } from './attempt-item.ts';
import { type DeliveryPage, inPage, summariesOf } from './attempt-queries.ts';
import type { Table } from './table.ts';
import { wider } from './wider.ts';

/** Some of a webhook's deliveries, newest first; positions are ids of deliveries. */
export type DeliveriesPage = { readonly rows: DeliverySummary[] } & Neighbours;

/**
 * Reads a page of a webhook's deliveries: up to `limit` that the filter lets through. Where that, or their age, lets little through, a
 * page ends early, after 2,000 attempts, so that no request reads the whole log.
 */
export async function readPage(table: Table, webhookId: number, options: DeliveryPage): Promise<DeliveriesPage> {
  const range = inPage(table, webhookId, options);
  if (range === undefined) return pageOf(options, [], idOf);
  const read: DeliverySummary[] = [];
  let attempts = 0;
  const reads = { first: options.limit * 2, max: LOG_ATTEMPTS_READ_MAX };
  for await (const { items, scanned, stoppedAt } of wider(table, summariesOf(range), reads)) {
    for (const item of items) addAttempt(read, readSummary(item));
    attempts += scanned;
    const stoppedIn = stoppedAt && deliveryIdIn(stoppedAt);
    // The last one that was read may go on where the table was read up to one of its attempts.
    const isWhole = read.at(-1)?.[0].deliveryId !== stoppedIn;
    const whole = isWhole ? read : read.slice(0, -1);
    const passed = whole.filter((delivery) => options.lets?.(delivery) ?? true);
    if (stoppedIn === undefined || passed.length > options.limit) return pageOf(options, passed, idOf);
    if (attempts < LOG_ATTEMPTS_READ_MAX || !(isWhole || whole.length > 0)) continue;
    const way = onwards(options, stoppedIn);
    // One delivery may have more attempts than a page reads, all expired: it is read to its end.
    if (way.position !== options.cursor?.position) return earlyEnd(options, passed, way);
  }
  return pageOf(options, [], idOf);
}

/** How the list goes on with the delivery that the table was read up to, from that one's first attempt that it meets. */
function onwards({ cursor }: DeliveryPage, stoppedIn: string): Cursor {
  return cursor?.direction === 'upto'
    ? { direction: 'upto', position: stoppedIn }
    : { direction: 'after', position: idBeside(stoppedIn, 1) };
}

/** A page that ends before the list does. */
function earlyEnd(options: DeliveryPage, passed: readonly DeliverySummary[], way: Cursor): DeliveriesPage {
  const page = pageOf(options, passed, idOf);
  return way.direction === 'upto' ? { ...page, prev: way } : { ...page, next: way };
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
