import { GetCommand, paginateQuery, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { Namespace } from '../domain/namespace.ts';
import { ownedKey } from './namespace-hints.ts';
import { type NamespaceRecord, namespaceKey, readIsSettled, readNamespace, readRecord } from './namespace-item.ts';
import { type NamespaceChange, type NamespaceWritten, noteSettled, writeNamespace } from './namespace-write.ts';
import { getAll, type Item, nextNumber, type Table } from './table.ts';
import { transact } from './transact.ts';

export type DirectoryStore = ReturnType<typeof directoryStore>;

/** The namespaces, for what keeps the picture of them current. Apart from what reads it, for bundles that do nothing else. */
export function directoryStore(table: Table) {
  return {
    nextId: (): Promise<number> => nextNumber(table, 'NAMESPACE'),

    /** All that is known of a namespace at this moment, even of one that is deleted. */
    async record(id: number): Promise<NamespaceRecord | undefined> {
      const get = new GetCommand({ TableName: table.name, Key: namespaceKey(id), ConsistentRead: true });
      const { Item: item } = await table.db.send(get);
      return item && readRecord(item as Item);
    },

    /** All that is known of some namespaces at this moment, a hundred in a call, and whether all below each is settled. */
    async records(ids: readonly number[]): Promise<(NamespaceRecord & { readonly isSettled: boolean })[]> {
      const items = await getAll(table, ids.map(namespaceKey), { consistent: true });
      return items.map((item) => ({ ...readRecord(item), isSettled: readIsSettled(item) }));
    },

    /** Notes that all below a namespace is settled as of a revision; false where it has changed since. */
    noteSettled: (of: Pick<NamespaceRecord, 'id' | 'revision'>): Promise<boolean> => noteSettled(table, of),

    /** Changes a namespace that is as it was seen, under a parent that is as it was seen. */
    write: (change: NamespaceChange): Promise<NamespaceWritten> => writeNamespace(table, change),

    /** The ids of a namespace's children, those that are deleted included. */
    async children(parentId: number): Promise<number[]> {
      const query = {
        TableName: table.name,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :child)',
        ExpressionAttributeValues: { ':pk': `NAMESPACE#${parentId}`, ':child': 'CHILD#' },
      };
      const ids: number[] = [];
      for await (const { Items = [] } of paginateQuery({ client: table.db }, query)) {
        ids.push(...(Items as Item[]).map(({ sk }) => Number(sk.split('#', 2)[1])));
      }
      return ids;
    },

    /** Says of a namespace's owner that it is theirs, which tables of earlier releases do not; nothing where it is not any more. */
    async hintOwner({ id, owner: { username } }: Namespace): Promise<void> {
      const isStill = {
        TableName: table.name,
        Key: namespaceKey(id),
        ConditionExpression: 'attribute_not_exists(deleted_by) AND #owner.username = :username',
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: { ':username': username },
      };
      const put = { TableName: table.name, Item: ownedKey(username, id) };
      await transact(table, [{ ConditionCheck: isStill }, { Put: put }]);
    },

    /** Every namespace, by its owner's name and its path. */
    list: (): Promise<Namespace[]> => listNamespaces(table),
  };
}

/**
 * Reads the whole table for the few items that are namespaces. That costs as much as the log of deliveries is long, which
 * is fine for what an operator asks now and then, and cheaper than an index that every write would pay for.
 */
async function listNamespaces(table: Table): Promise<Namespace[]> {
  const pages = paginateScan(
    { client: table.db },
    {
      TableName: table.name,
      // The counter of namespaces has the same sort key.
      FilterExpression: 'sk = :sk AND begins_with(pk, :prefix) AND attribute_not_exists(deleted_by)',
      ExpressionAttributeValues: { ':sk': 'NAMESPACE', ':prefix': 'NAMESPACE#' },
    },
  );
  const namespaces: Namespace[] = [];
  for await (const { Items = [] } of pages) {
    namespaces.push(...(Items as Item[]).map(readNamespace).filter((namespace) => namespace !== undefined));
  }
  const name = ({ owner, path }: Namespace) => `${owner.username}/${path}`;
  return namespaces.sort((a, b) => (name(a) < name(b) ? -1 : 1));
}
