import { GetCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import { WEBHOOKS_PER_NAMESPACE_MAX } from '../domain/limits.ts';
import type { Key, Table } from './table.ts';
import { transact } from './transact.ts';

/** Where a namespace's number of webhooks is kept: added to and taken from in the transactions that add and remove them. */
function countKey(namespaceId: number): Key {
  return { pk: `NAMESPACE#${namespaceId}`, sk: 'WEBHOOKS' };
}

/**
 * Counts one webhook more, where that is not one too many: a part of the transaction that adds it. Where there is no count, the condition
 * does not hold; an expression that could not be worked out then would be an error, or not, by what is looked at first.
 */
export function countOneMore(table: Table, namespaceId: number) {
  return {
    Update: {
      TableName: table.name,
      Key: countKey(namespaceId),
      UpdateExpression: 'ADD #count :one',
      ConditionExpression: '#count < :max',
      ExpressionAttributeNames: { '#count': 'count' },
      ExpressionAttributeValues: { ':one': 1, ':max': WEBHOOKS_PER_NAMESPACE_MAX },
    },
  };
}

/** Counts one webhook less: a part of the transaction that removes it. */
export function countOneLess(table: Table, namespaceId: number) {
  return {
    Update: {
      TableName: table.name,
      Key: countKey(namespaceId),
      UpdateExpression: 'ADD #count :one_less',
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeNames: { '#count': 'count' },
      ExpressionAttributeValues: { ':one_less': -1 },
    },
  };
}

/**
 * How many webhooks a namespace has. Made where there is no count yet: of a new namespace, and of one from before there were
 * counts. While there is none no webhook is added or removed, so what is found here is still so when it is written.
 */
export async function webhookCount(table: Table, namespaceId: number): Promise<number> {
  const Key = countKey(namespaceId);
  const { Item: known } = await table.db.send(new GetCommand({ TableName: table.name, Key, ConsistentRead: true }));
  if (known !== undefined) return Number(known['count']);
  const count = await countWebhooks(table, namespaceId);
  const Put = { TableName: table.name, Item: { ...Key, count }, ConditionExpression: 'attribute_not_exists(pk)' };
  const refused = await transact(table, [{ Put }]);
  return refused.length === 0 ? count : webhookCount(table, namespaceId);
}

async function countWebhooks(table: Table, namespaceId: number): Promise<number> {
  const pages = paginateQuery(
    { client: table.db },
    {
      TableName: table.name,
      ConsistentRead: true,
      Select: 'COUNT',
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :webhook)',
      // Those that ended with their namespace.
      FilterExpression: 'attribute_not_exists(deleted_by)',
      ExpressionAttributeValues: { ':pk': `NAMESPACE#${namespaceId}`, ':webhook': 'WEBHOOK#' },
    },
  );
  let count = 0;
  for await (const page of pages) count += page.Count ?? 0;
  return count;
}
