import { paginateQuery, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Attempt, Delivery } from '../domain/delivery.ts';
import { readAttempt } from './attempt-item.ts';
import { type DeliveryPage, newestFirst, oneDelivery } from './attempt-queries.ts';
import type { Item, Table } from './table.ts';

const ATTEMPTS_PER_PAGE_MAX = 2_000;

/** Some of a webhook's deliveries, newest first, and where the next page begins, where there is one. */
export type DeliveriesPage = { readonly deliveries: Delivery[]; readonly next?: string };

/**
 * Reads a page of a webhook's deliveries: up to `limit` that the filter lets through. A filter that lets little through ends a
 * page early, after 2,000 attempts, so that no request reads the whole log.
 */
export async function readPage(table: Table, webhookId: number, options: DeliveryPage): Promise<DeliveriesPage> {
  const range = newestFirst(table, webhookId, options);
  if (range === undefined) return { deliveries: [] };
  const query = { ...range, Limit: options.limit * 2 };
  const read: Delivery[] = [];
  let attempts = 0;
  for await (const page of paginateQuery({ client: table.db }, query)) {
    for (const item of page.Items ?? []) addNewestFirst(read, readAttempt(item as Item));
    attempts += page.ScannedCount ?? 0;
    const isEnd = page.LastEvaluatedKey === undefined;
    // The last one that was read is known to be whole only when another follows it, or the end.
    const whole = isEnd ? read : read.slice(0, -1);
    const passed = whole.filter((delivery) => options.lets?.(delivery) ?? true);
    if (passed.length > options.limit) {
      const deliveries = passed.slice(0, options.limit);
      return { deliveries, next: idOf(deliveries.at(-1)) };
    }
    if (isEnd) return { deliveries: passed };
    if (attempts >= ATTEMPTS_PER_PAGE_MAX && whole.length > 0) return { deliveries: passed, next: idOf(whole.at(-1)) };
  }
  return { deliveries: [] };
}

/** Reads one delivery with all its attempts; undefined where the log has none. */
export async function readDelivery(
  table: Table,
  webhookId: number,
  which: { readonly deliveryId: string; readonly nowMs: number },
): Promise<Delivery | undefined> {
  const deliveries: Delivery[] = [];
  for await (const page of paginateQuery({ client: table.db }, oneDelivery(table, webhookId, which))) {
    for (const item of page.Items ?? []) addNewestFirst(deliveries, readAttempt(item as Item));
  }
  return deliveries[0];
}

/** Reads the last attempt of a webhook's newest delivery. */
export async function readLatest(table: Table, webhookId: number, nowMs: number): Promise<Attempt | undefined> {
  const range = newestFirst(table, webhookId, { nowMs });
  if (range === undefined) return undefined;
  const { Items = [] } = await table.db.send(new QueryCommand({ ...range, Limit: 1 }));
  return Items[0] && readAttempt(Items[0] as Item);
}

function idOf(delivery: Delivery | undefined): string {
  if (delivery === undefined) throw new Error('A page without deliveries has no last one');
  return delivery[0].deliveryId;
}

/** Attempts come newest first; within a delivery they are kept first to last. */
function addNewestFirst(deliveries: Delivery[], attempt: Attempt): void {
  const last = deliveries.at(-1);
  if (last?.[0].deliveryId === attempt.deliveryId) deliveries[deliveries.length - 1] = [attempt, ...last];
  else deliveries.push([attempt]);
}
