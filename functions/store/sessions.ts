import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { SessionRecord } from '../domain/session.ts';
import { type Item, type Key, TABLE_SCHEMA, type Table } from './table.ts';

export type SessionStore = ReturnType<typeof sessionStore>;

/** The sessions of browsers, by the hashes of their ids: whoever reads the table is not signed in by it. */
export function sessionStore(table: Table) {
  return {
    async add(hash: string, session: SessionRecord): Promise<void> {
      await table.db.send(new PutCommand({ TableName: table.name, Item: sessionItem(hash, session) }));
    },

    /** A session as it is at this moment: one that has just been ended is not found. */
    async find(hash: string): Promise<SessionRecord | undefined> {
      const get = new GetCommand({ TableName: table.name, Key: sessionKey(hash), ConsistentRead: true });
      const { Item: item } = await table.db.send(get);
      return item && { tokenHash: String(item['token_hash']), expiresAt: String(item['expires']) };
    },

    /** Ends a session, in every browser that has its id; one that is not there has ended already. */
    async remove(hash: string): Promise<void> {
      await table.db.send(new DeleteCommand({ TableName: table.name, Key: sessionKey(hash) }));
    },
  };
}

function sessionKey(hash: string): Key {
  return { pk: `SESSION#${hash}`, sk: 'SESSION' };
}

function sessionItem(hash: string, { tokenHash, expiresAt }: SessionRecord): Item {
  // DynamoDB deletes the item some day after this second: that tidies up, and is not what ends the session.
  const expiresAtSeconds = Math.ceil(Date.parse(expiresAt) / 1000);
  return {
    ...sessionKey(hash),
    token_hash: tokenHash,
    expires: expiresAt,
    [TABLE_SCHEMA.timeToLive]: expiresAtSeconds,
  };
}
