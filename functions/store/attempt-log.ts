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

/** Attempts of held deliveries, and such as have expired, that are passed over to find the newest one that was made. */
const PASSED_OVER = 100;

/** Reads the last attempt of a webhook's newest delivery that is not held; undefined where more than a hundred are. */
export async function readLatest(table: Table, webhookId: number, nowMs: number): Promise<Attempt | undefined> {
  const range = { ...inPage(table, webhookId, { nowMs }), TableName: table.name };
  for (const Limit of [1, PASSED_OVER]) {
    const { Items = [], LastEvaluatedKey } = await table.db.send(new QueryCommand({ ...range, Limit }));
    const attempts = Items.map((item) => readAttempt(item as Item));
    const made = attempts.find(({ status }) => status !== 'held');
    if (made !== undefined || LastEvaluatedKey === undefined) return made;
  }
  return undefined;
}
