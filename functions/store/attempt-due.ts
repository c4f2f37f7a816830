import { paginateQuery, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { AttemptKey } from '../domain/delivery.ts';
import { DUE_SHARDS, dueShard, heldShard, readAttemptKey } from './attempt-item.ts';
import { type Item, TABLE_SCHEMA, type Table } from './table.ts';

/** An attempt that is held; by its time it is in the order of all that its webhook's others are in. */
export type HeldAttempt = AttemptKey & { readonly dueAtMs: number };

/** A failed attempt whose successor is due. */
export type DueAttempt = HeldAttempt & { readonly nextAttemptAt: string };

const DUE_PAGE = 100;

/** Reads the attempts whose successors are due until a time, of all shards together, oldest first, a page at a time. */
export async function* readDue(table: Table, untilMs: number): AsyncGenerator<DueAttempt[]> {
  const shards = Array.from({ length: DUE_SHARDS }, (_, shard) => readShard(table, dueShard(shard), untilMs));
  const heads = await Promise.all(shards.map((shard) => shard.next()));
  let page: DueAttempt[] = [];
  for (let oldest = oldestOf(heads); oldest !== undefined; oldest = oldestOf(heads)) {
    page.push(oldest.due);
    heads[oldest.shard] = (await shards[oldest.shard]?.next()) ?? { done: true, value: undefined };
    if (page.length === DUE_PAGE) {
      yield page;
      page = [];
    }
  }
  if (page.length > 0) yield page;
}

function oldestOf(heads: readonly IteratorResult<DueAttempt>[]) {
  return heads
    .flatMap(({ done, value }, shard) => (done ? [] : [{ due: value as DueAttempt, shard }]))
    .reduce<{ due: DueAttempt; shard: number } | undefined>(
      (oldest, one) => (oldest === undefined || one.due.dueAtMs < oldest.due.dueAtMs ? one : oldest),
      undefined,
    );
}

async function* readShard(table: Table, shard: string, untilMs: number): AsyncGenerator<DueAttempt> {
  const query = { ...inShard(table, shard, untilMs), Limit: DUE_PAGE };
  for await (const { Items = [] } of paginateQuery({ client: table.db }, query)) {
    for (const item of Items) yield { ...readHeldItem(item as Item), nextAttemptAt: String(item['next_attempt_at']) };
  }
}

/** Reads the oldest of a webhook's held attempts, up to a number. */
export async function readHeld(
  table: Table,
  which: { readonly webhookId: number; readonly untilMs: number; readonly limit: number },
): Promise<HeldAttempt[]> {
  const query = { ...inShard(table, heldShard(which.webhookId), which.untilMs), Limit: which.limit };
  const { Items = [] } = await table.db.send(new QueryCommand(query));
  return Items.map((item) => readHeldItem(item as Item));
}

function readHeldItem(item: Item): HeldAttempt {
  return { ...readAttemptKey(item), dueAtMs: Number(item['due_at']) };
}

function inShard(table: Table, shard: string, untilMs: number) {
  const { name, partitionKey, sortKey } = TABLE_SCHEMA.dueIndex;
  return {
    TableName: table.name,
    IndexName: name,
    KeyConditionExpression: `${partitionKey} = :shard AND ${sortKey} <= :until`,
    ExpressionAttributeValues: { ':shard': shard, ':until': untilMs },
  };
}
