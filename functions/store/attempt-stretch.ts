import type { DeliveryStatus } from '../domain/delivery.ts';
import { idBeside } from '../domain/id.ts';
import { RECOVERY_ATTEMPTS_READ_MAX } from '../domain/limits.ts';
import type { Standing } from '../domain/recovery.ts';
import { deliveryIdIn, readAttemptKey } from './attempt-item.ts';
import { oldestFirst, type Stretch } from './attempt-queries.ts';
import type { Item, Table } from './table.ts';
import { wider } from './wider.ts';

/**
 * Deliveries of a stretch that the filter let through, oldest first, each the `nth` that was read; how many were read in all; the id
 * `last`, up to which none was left out; and whether there are no more.
 */
export type StretchRead = {
  readonly deliveries: readonly (Standing & { readonly nth: number })[];
  readonly read: number;
  readonly last: string | undefined;
  readonly isEnd: boolean;
};

/**
 * Reads the next whole deliveries of a stretch: up to `limit` that the filter lets through, or fewer after 2,000 attempts, those that have
 * expired and are not deleted yet among them: so what was read is marked as read, even where nothing was found.
 */
export async function readStretch(table: Table, webhookId: number, stretch: Stretch): Promise<StretchRead> {
  const range = oldestFirst(table, webhookId, stretch);
  const read: Standing[] = [];
  let attempts = 0;
  const reads = { first: stretch.limit * 2, max: RECOVERY_ATTEMPTS_READ_MAX };
  for await (const { items, scanned, stoppedAt } of range === undefined ? [] : wider(table, range, reads)) {
    for (const item of items) addOldestFirst(read, item);
    attempts += scanned;
    if (stoppedAt === undefined) break;
    const stoppedIn = deliveryIdIn(stoppedAt);
    // The last one that was read may go on where the table was read up to one of its attempts.
    const isWhole = read.at(-1)?.last.deliveryId !== stoppedIn;
    const found = upToLimit(isWhole ? read : read.slice(0, -1), stretch);
    if (found.deliveries.length === stretch.limit) return { ...found, isEnd: false };
    const isFull = attempts >= RECOVERY_ATTEMPTS_READ_MAX && (isWhole || found.read > 0);
    // Later attempts of the one that was read up to may not have expired: it is to be read again; and to its end, where nothing else was read.
    const last = idBeside(stoppedIn, -1);
    if (isFull && last !== stretch.after) return { ...found, last, isEnd: false };
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
