import { paginateQuery, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Attempt, Delivery } from '../domain/delivery.ts';
import { ATTEMPTS_SHOWN_MAX } from '../domain/limits.ts';
import { readAttempt } from './attempt-item.ts';
import { addAttempt } from './attempt-page.ts';
import { inPage, oneDelivery } from './attempt-queries.ts';
import type { Item, Table } from './table.ts';

/**
 * Reads one delivery with its attempts, the newest ones of one that was redelivered many times; undefined where the log has none. More
 * of them could be more than Lambda answers.
 */
export async function readDelivery(
  table: Table,
  webhookId: number,
  which: { readonly deliveryId: string; readonly nowMs: number },
): Promise<Delivery | undefined> {
  const deliveries: Delivery[] = [];
  const pages = paginateQuery({ client: table.db, pageSize: ATTEMPTS_SHOWN_MAX }, oneDelivery(table, webhookId, which));
  let read = 0;
  for await (const { Items = [] } of pages) {
    for (const item of Items.slice(0, ATTEMPTS_SHOWN_MAX - read)) addAttempt(deliveries, readAttempt(item as Item));
    read += Items.length;
    if (read >= ATTEMPTS_SHOWN_MAX) break;
  }
  return deliveries[0];
}

/** Attempts that are read at a time to find, behind what is held or has expired, one that was made; at the end as many as are in 1 MB. */
const AT_A_TIME = [1, 100, undefined, undefined, undefined, undefined];

/**
 * Reads the last attempt of a webhook's newest delivery that is not held. Where all are held, or all of the newest 4 MB, which are some
 * ten thousand: that of the newest.
 */
export async function readLatest(table: Table, webhookId: number, nowMs: number): Promise<Attempt | undefined> {
  const range = { ...inPage(table, webhookId, { nowMs }), TableName: table.name };
  let held: Attempt | undefined;
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  for (const Limit of AT_A_TIME) {
    const { Items = [], LastEvaluatedKey } = await table.db.send(
      new QueryCommand({ ...range, Limit, ExclusiveStartKey }),
    );
    const attempts = Items.map((item) => readAttempt(item as Item));
    const made = attempts.find(({ status }) => status !== 'held');
    if (made !== undefined) return made;
    held ??= attempts[0];
    if (LastEvaluatedKey === undefined) break;
    ExclusiveStartKey = LastEvaluatedKey;
  }
  return held;
}
