import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Attempt } from '../domain/delivery.ts';
import { attemptItem } from './attempt-item.ts';
import { isForLater } from './backoff.ts';
import { type Insertion, type Item, insertAll, type Table } from './table.ts';

/** An attempt to record, and when its successor is to be taken in hand, where it has one; of a held one, its place in the order. */
export type Recording = { readonly attempt: Attempt; readonly dueAtMs?: number | undefined };

/** Records attempts, each only where none of its number is recorded yet, or one that was held. */
export async function recordAll(table: Table, recordings: readonly Recording[]): Promise<Insertion[]> {
  const items = recordings.map(({ attempt, dueAtMs }) => attemptItem(attempt, dueAtMs));
  const insertions = await insertAll(table, items);
  return Promise.all(
    recordings.map(async (recording, index) => {
      const insertion = insertions[index] ?? 'failed';
      return insertion === 'exists' ? takePlace(table, recording) : insertion;
    }),
  );
}

/** Takes the place of an attempt that was held; of one that was cancelled while it was under way, it is the last one, where it was sent. */
async function takePlace(table: Table, { attempt, dueAtMs }: Recording): Promise<Insertion> {
  const replaced = await putIf(table, attemptItem(attempt, dueAtMs), 'held');
  if (replaced !== 'exists' || attempt.request === undefined) return replaced;
  const status = attempt.status === 'retrying' ? 'cancelled' : attempt.status;
  const last = attemptItem({ ...attempt, status, nextAttemptAt: undefined }, undefined);
  const ended = await putIf(table, last, 'cancelled');
  return ended === 'failed' ? 'failed' : 'exists';
}

/** Puts an item in place of one that is held, or that was cancelled while it was held. */
async function putIf(table: Table, item: Item, status: 'held' | 'cancelled'): Promise<Insertion> {
  const command = new PutCommand({
    TableName: table.name,
    Item: item,
    ConditionExpression: '#status = :status AND attribute_exists(was_held)',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: { ':status': status },
  });
  try {
    await table.db.send(command);
    return 'inserted';
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 'exists';
    if (error instanceof Error && isForLater(error.name)) return 'failed';
    throw error;
  }
}
