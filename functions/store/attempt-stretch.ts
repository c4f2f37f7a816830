import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { DeliveryStatus } from '../domain/delivery.ts';
import type { Standing } from '../domain/recovery.ts';
import { readAttemptKey } from './attempt-item.ts';
import { oldestFirst, type Stretch } from './attempt-queries.ts';
import type { Item, Table } from './table.ts';

/** A filter that lets little through ends a page after so many attempts, so that what was read is marked as read. */
const ATTEMPTS_PER_PAGE_MAX = 2_000;

/**
 * Deliveries of a stretch that the filter let through, oldest first, each the `nth` that was read; how many were read in all, the
 * last of which is `last`; and whether there are no more.
 */
export type StretchRead = {
  readonly deliveries: readonly (Standing & { readonly nth: number })[];
  readonly read: number;
  readonly last: string | undefined;
  readonly isEnd: boolean;
};

/** Reads the next whole deliveries of a stretch: up to `limit` that the filter lets through, or fewer after 2,000 attempts. */
export async function readStretch(table: Table, webhookId: number, stretch: Stretch): Promise<StretchRead> {
  const range = oldestFirst(table, webhookId, stretch);
  const read: Standing[] = [];
  let attempts = 0;
  const pages = range === undefined ? [] : paginateQuery({ client: table.db }, { ...range, Limit: stretch.limit * 2 });
  for await (const page of pages) {
    for (const item of page.Items ?? []) addOldestFirst(read, item as Item);
    attempts += page.ScannedCount ?? 0;
    if (page.LastEvaluatedKey === undefined) break;
    // The last one that was read is known to be whole only when another follows it, or the end.
    const found = upToLimit(read.slice(0, -1), stretch);
    const isFull = found.deliveries.length === stretch.limit || attempts >= ATTEMPTS_PER_PAGE_MAX;
    if (isFull && found.read > 0) return { ...found, isEnd: false };
  }
  const found = upToLimit(read, stretch);
  return { ...found, isEnd: found.read === read.length };
}

/** What the filter lets through, up to the limit, and how far that reaches. */
function upToLimit(whole: readonly Standing[], { lets, limit }: Stretch): Omit<StretchRead, 'isEnd'> {
  const positions = whole.flatMap((standing, index) => (lets(standing) ? [index] : [])).slice(0, limit);
  const read = positions.length === limit ? (positions.at(-1) ?? -1) + 1 : whole.length;
  return {
    deliveries: positions.flatMap((index) => {
      const standing = whole[index];
      return standing === undefined ? [] : [{ ...standing, nth: index + 1 }];
    }),
    read,
    last: whole[read - 1]?.last.deliveryId,
  };
}

/** Attempts come first to last; the last one of a delivery is where it stands. */
function addOldestFirst(deliveries: Standing[], item: Item): void {
  const last = readAttemptKey(item);
  const status = item['status'] as DeliveryStatus;
  const before = deliveries.at(-1);
  const isSame = before?.last.deliveryId === last.deliveryId;
  const isSameRun = isSame && before.last.firstOfRun === last.firstOfRun;
  const standing = { last, status, runStartedAt: isSameRun ? before.runStartedAt : String(item['started_at']) };
  if (isSame) deliveries[deliveries.length - 1] = standing;
  else deliveries.push(standing);
}
