import { GetCommand, paginateQuery, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Attempt, AttemptKey, Delivery } from '../domain/delivery.ts';
import { ATTEMPTS_SHOWN_MAX } from '../domain/limits.ts';
import { attemptKey, readAttempt } from './attempt-item.ts';
import { addAttempt } from './attempt-page.ts';
import { allButHeld, inPage, oneDelivery } from './attempt-queries.ts';
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

/** Reads one attempt as it stands at this moment; undefined where the log does not have it. */
export async function readOne(
  table: Table,
  key: Pick<AttemptKey, 'webhookId' | 'deliveryId' | 'number'>,
  nowMs: number,
): Promise<Attempt | undefined> {
  const { Item: item } = await table.db.send(
    new GetCommand({ TableName: table.name, Key: attemptKey(key), ConsistentRead: true }),
  );
  return item !== undefined && Number(item['expires_at']) > nowMs / 1000 ? readAttempt(item as Item) : undefined;
}

/**
 * How a webhook did last: the last attempt of its newest delivery that is not held, and, where its very newest one is, that. `made` is
 * undefined, too, where all is held that DynamoDB reads at once, which are some thousands.
 */
export type Latest = { readonly made: Attempt | undefined; readonly held: Attempt | undefined };

/** Attempts that are read until one is found that was made; at the end all that are in 1 MB, of which those that are held stay there. */
const READS = [{ Limit: 1 }, { Limit: 100 }, 'all but held'] as const;

/** Reads how a webhook did last. Most did not hold their newest delivery: that is one attempt to read. */
export async function readLatest(table: Table, webhookId: number, nowMs: number): Promise<Latest> {
  const range = inPage(table, webhookId, { nowMs });
  if (range === undefined) return { made: undefined, held: undefined };
  let held: Attempt | undefined;
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  for (const read of READS) {
    const query = read === 'all but held' ? allButHeld(range) : { ...range, ...read };
    const { Items = [], LastEvaluatedKey } = await table.db.send(new QueryCommand({ ...query, ExclusiveStartKey }));
    const attempts = Items.map((item) => readAttempt(item as Item));
    const made = attempts.find(({ status }) => status !== 'held');
    if (attempts[0]?.status === 'held') held ??= attempts[0];
    if (made !== undefined || LastEvaluatedKey === undefined) return { made, held };
    ExclusiveStartKey = LastEvaluatedKey;
  }
  return { made: undefined, held };
}
