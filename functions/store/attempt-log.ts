import { paginateQuery, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Attempt, Delivery } from '../domain/delivery.ts';
import { readAttempt } from './attempt-item.ts';
import { addAttempt } from './attempt-page.ts';
import { inPage, oneDelivery } from './attempt-queries.ts';
import type { Item, Table } from './table.ts';

/** Reads one delivery with all its attempts; undefined where the log has none. */
export async function readDelivery(
  table: Table,
  webhookId: number,
  which: { readonly deliveryId: string; readonly nowMs: number },
): Promise<Delivery | undefined> {
  const deliveries: Delivery[] = [];
  for await (const page of paginateQuery({ client: table.db }, oneDelivery(table, webhookId, which))) {
    for (const item of page.Items ?? []) addAttempt(deliveries, readAttempt(item as Item));
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
