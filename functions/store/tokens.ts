import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Scope, TokenRecord } from '../domain/token.ts';
import type { Item, Table } from './table.ts';
import { transact } from './transact.ts';

export type TokenStore = ReturnType<typeof tokenStore>;

/** Access tokens, by the hash of what their users carry. */
export function tokenStore(table: Table) {
  return {
    /** Adds a token twice over: under its hash, to be found by, and under its user, to be listed and revoked by. */
    async add(hash: string, record: TokenRecord): Promise<void> {
      const attributes = {
        id: record.id,
        name: record.name,
        username: record.username,
        scopes: record.scopes,
        created_at: record.createdAt,
      };
      const items = [
        { pk: `TOKEN#${hash}`, sk: 'TOKEN', ...attributes },
        { pk: `USER#${record.username}`, sk: `TOKEN#${record.id}`, hash, ...attributes },
      ];
      const puts = items.map((item) => ({ Put: { TableName: table.name, Item: item } }));
      await transact(table, puts);
    },

    async find(hash: string): Promise<TokenRecord | undefined> {
      const Key = { pk: `TOKEN#${hash}`, sk: 'TOKEN' };
      const { Item: item } = await table.db.send(new GetCommand({ TableName: table.name, Key }));
      return item && readToken(item as Item);
    },
  };
}

function readToken(item: Item): TokenRecord {
  return {
    id: String(item['id']),
    name: String(item['name']),
    username: String(item['username']),
    scopes: item['scopes'] as Scope[],
    createdAt: String(item['created_at']),
  };
}
