import { GetCommand, PutCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { Version } from '../domain/version.ts';
import { ifHolds } from './conditional.ts';
import { collaboratesKey, type HintedIds, readHints } from './namespace-hints.ts';
import { getAll, type Item, type Key, type Table } from './table.ts';

/** Who, beside its owner, reaches a root namespace, and since when. */
export type Collaborator = { readonly username: string; readonly createdAt: string };

export type CollaboratorStore = ReturnType<typeof collaboratorStore>;

/**
 * The collaborators of root namespaces. One who was taken off leaves an item that says when, so that the invitation which
 * was accepted before does not count again when its event comes once more.
 */
export function collaboratorStore(table: Table) {
  return {
    /** Whether a user collaborates on a root namespace, and so on all of its children. */
    async has(rootId: number, username: string): Promise<boolean> {
      const Key = collaboratorKey(rootId, username);
      const { Item: item } = await table.db.send(new GetCommand({ TableName: table.name, Key, ConsistentRead: true }));
      return item !== undefined && isOne(item as Item);
    },

    /** The ids of the root namespaces that a user collaborates on, up to a limit. */
    async rootsOf(username: string, limit: number): Promise<HintedIds> {
      const { ids, hasMore } = await readHints(table, username, { kind: 'COLLABORATES', limit });
      const keys = ids.map((id) => collaboratorKey(id, username));
      const found = (await getAll(table, keys, { consistent: true })).filter(isOne).map(({ pk }) => pk);
      return { ids: ids.filter((id) => found.includes(collaboratorKey(id, username).pk)), hasMore };
    },

    /**
     * Says of a user that they collaborate on a root namespace: before it is so, that none is left out where this is cut. It stays when
     * they are taken off: whoever reads it asks whether it is still so.
     */
    async hint(rootId: number, username: string): Promise<void> {
      await table.db.send(new PutCommand({ TableName: table.name, Item: collaboratesKey(username, rootId) }));
    },

    /** The collaborators of a root namespace, by name. */
    async list(rootId: number): Promise<Collaborator[]> {
      const items = (await itemsOf(table, rootId)).filter(isOne);
      return items.map((item) => ({ username: String(item['username']), createdAt: String(item['created_at']) }));
    },

    /**
     * Makes a user a collaborator of a root namespace. False for one who is one already, and, where it is known as of a
     * version, for one who was taken off later.
     */
    async add(rootId: number, { username, createdAt }: Collaborator, version?: Version): Promise<boolean> {
      await this.hint(rootId, username);
      const wasTakenOff = `attribute_exists(removed_at)${version === undefined ? '' : ' AND as_of < :version'}`;
      const put = new PutCommand({
        TableName: table.name,
        Item: { ...collaboratorKey(rootId, username), username, created_at: createdAt, as_of: version },
        ConditionExpression: `attribute_not_exists(pk) OR (${wasTakenOff})`,
        ...(version === undefined ? {} : { ExpressionAttributeValues: { ':version': version } }),
      });
      return (await ifHolds(table.db.send(put))) !== undefined;
    },

    /** Takes a collaborator off a root namespace; false for one who is none. */
    remove: (rootId: number, username: string, removal: Removal): Promise<boolean> =>
      takeOff(table, collaboratorKey(rootId, username), { username, ...removal }),

    /** Takes all off who became collaborators before a version: the namespace is gone. */
    async removeAll(rootId: number, removal: Removal): Promise<void> {
      for (const { pk, sk, username } of (await itemsOf(table, rootId)).filter(isOne)) {
        await takeOff(table, { pk, sk }, { username: String(username), ...removal, onlyOlder: true });
      }
    },
  };
}

type Removal = { readonly version: Version; readonly removedAt: string };

async function takeOff(
  table: Table,
  key: Key,
  { username, version, removedAt, onlyOlder = false }: Removal & { readonly username: string; onlyOlder?: boolean },
): Promise<boolean> {
  const isOlder = ' AND (attribute_not_exists(as_of) OR as_of < :version)';
  const put = new PutCommand({
    TableName: table.name,
    Item: { ...key, username, as_of: version, removed_at: removedAt },
    ConditionExpression: `attribute_exists(pk) AND attribute_not_exists(removed_at)${onlyOlder ? isOlder : ''}`,
    ...(onlyOlder ? { ExpressionAttributeValues: { ':version': version } } : {}),
  });
  return (await ifHolds(table.db.send(put))) !== undefined;
}

async function itemsOf(table: Table, rootId: number): Promise<Item[]> {
  const query = {
    TableName: table.name,
    ConsistentRead: true,
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :collaborator)',
    ExpressionAttributeValues: { ':pk': `NAMESPACE#${rootId}`, ':collaborator': 'COLLABORATOR#' },
  };
  const items: Item[] = [];
  for await (const { Items = [] } of paginateQuery({ client: table.db }, query)) items.push(...(Items as Item[]));
  return items;
}

function isOne(item: Item): boolean {
  return item['removed_at'] === undefined;
}

function collaboratorKey(rootId: number, username: string): Key {
  return { pk: `NAMESPACE#${rootId}`, sk: `COLLABORATOR#${username}` };
}
