import { GetCommand, paginateQuery, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Scope, TokenRecord } from '../domain/token.ts';
import { getAll, type Item, type Key, TABLE_SCHEMA, type Table } from './table.ts';
import { transact } from './transact.ts';

export type TokenStore = ReturnType<typeof tokenStore>;

/**
 * What a use may go unnoted for. A failed condition: another request noted it, or the token has been revoked meanwhile,
 * of which `TransactionConflict` is the same a moment earlier. A throttled write: the token's next use notes it.
 */
const NOT_WORTH_A_FAILURE = new Set([
  'ConditionalCheckFailedException',
  'TransactionConflictException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
]);

/** Access tokens, by the hash of what their users carry. */
export function tokenStore(table: Table) {
  return {
    /** Adds a token twice over: under its hash, to be found by, and under its user, to be listed and revoked by. */
    async add(hash: string, record: TokenRecord): Promise<void> {
      const attributes = tokenAttributes(record);
      const items = [
        { ...hashKey(hash), ...attributes },
        { ...userKey(record.username, record.id), hash, ...attributes },
      ];
      const puts = items.map((item) => ({ Put: { TableName: table.name, Item: item } }));
      await transact(table, puts);
    },

    /** A token as it is at this moment: one that has just been revoked is not found. */
    async find(hash: string): Promise<TokenRecord | undefined> {
      const { Item: item } = await table.db.send(
        new GetCommand({ TableName: table.name, Key: hashKey(hash), ConsistentRead: true }),
      );
      return item && readToken(item as Item);
    },

    /**
     * Notes the day of a token's latest use, once a day whoever asks. The write is not worth a caller's request: where it is
     * not taken for now, a later use notes the day.
     */
    async noteUse(hash: string, day: string): Promise<void> {
      try {
        await table.db.send(new UpdateCommand({ TableName: table.name, ...noteOf(hash, day) }));
      } catch (error) {
        if (!NOT_WORTH_A_FAILURE.has((error as Error).name)) throw error;
      }
    },

    /** A user's tokens, oldest first. */
    async list(username: string): Promise<TokenRecord[]> {
      const items = await itemsOfUser(table, username);
      // The day of the latest use is noted where a request finds the token, and only there.
      const found = await getAll(
        table,
        items.map(({ hash }) => hashKey(String(hash))),
        { consistent: true },
      );
      const days = new Map(found.map((item) => [item.pk, item['last_used_on']]));
      return items
        .map((item) => readToken({ ...item, last_used_on: days.get(hashKey(String(item['hash'])).pk) }))
        .sort((a, b) => a.createdAt.localeCompare(b.createdAt));
    },

    /** Removes a token, in both of its places; false where the user has none of that id. */
    async revoke(username: string, id: string): Promise<boolean> {
      const Key = userKey(username, id);
      const { Item: item } = await table.db.send(new GetCommand({ TableName: table.name, Key, ConsistentRead: true }));
      if (item === undefined) return false;
      const refused = await transact(table, [
        { Delete: { TableName: table.name, Key, ConditionExpression: 'attribute_exists(pk)' } },
        { Delete: { TableName: table.name, Key: hashKey(String(item['hash'])) } },
      ]);
      return refused.length === 0;
    },
  };
}

function noteOf(hash: string, day: string) {
  return {
    Key: hashKey(hash),
    UpdateExpression: 'SET last_used_on = :day',
    // An update makes the item where there is none: a token that was revoked a moment ago must not come back by it.
    ConditionExpression: 'attribute_exists(pk) AND (attribute_not_exists(last_used_on) OR last_used_on < :day)',
    ExpressionAttributeValues: { ':day': day },
  };
}

async function itemsOfUser(table: Table, username: string): Promise<Item[]> {
  const pages = paginateQuery(
    { client: table.db },
    {
      TableName: table.name,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :token)',
      ExpressionAttributeValues: { ':pk': `USER#${username}`, ':token': 'TOKEN#' },
    },
  );
  const items: Item[] = [];
  for await (const { Items = [] } of pages) items.push(...(Items as Item[]));
  return items;
}

function hashKey(hash: string): Key {
  return { pk: `TOKEN#${hash}`, sk: 'TOKEN' };
}

function userKey(username: string, id: string): Key {
  return { pk: `USER#${username}`, sk: `TOKEN#${id}` };
}

function tokenAttributes(record: TokenRecord) {
  const { id, name, username, scopes, createdAt, expiresAt } = record;
  const attributes = { id, name, username, scopes, created_at: createdAt };
  if (expiresAt === undefined) return attributes;
  // DynamoDB deletes the item some day after this second: that tidies up, and is not what ends the token.
  return { ...attributes, expires: expiresAt, [TABLE_SCHEMA.timeToLive]: Math.ceil(Date.parse(expiresAt) / 1000) };
}

function readToken(item: Item): TokenRecord {
  return {
    id: String(item['id']),
    name: String(item['name']),
    username: String(item['username']),
    scopes: item['scopes'] as Scope[],
    createdAt: String(item['created_at']),
    expiresAt: item['expires'] as string | undefined,
    lastUsedOn: item['last_used_on'] as string | undefined,
  };
}
