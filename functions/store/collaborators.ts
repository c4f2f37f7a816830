import { GetCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { Version } from '../domain/version.ts';
import { collaboratesKey, type HintedIds, readHints } from './namespace-hints.ts';
import { getAll, type Item, type Key, type Table } from './table.ts';
import { transact } from './transact.ts';

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

    /** Says of a collaborator what they reach, which tables of earlier releases do not; nothing where they are one no longer. */
    async hint(rootId: number, username: string): Promise<void> {
      const isStill = {
        TableName: table.name,
        Key: collaboratorKey(rootId, username),
        ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(removed_at)',
      };
      await transact(table, [{ ConditionCheck: isStill }, hintPut(table, rootId, username)]);
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
      const wasTakenOff = `attribute_exists(removed_at)${version === undefined ? '' : ' AND as_of < :version'}`;
      const put = {
        TableName: table.name,
        Item: { ...collaboratorKey(rootId, username), username, created_at: createdAt, as_of: version },
        ConditionExpression: `attribute_not_exists(pk) OR (${wasTakenOff})`,
        ...(version === undefined ? {} : { ExpressionAttributeValues: { ':version': version } }),
      };
      const refused = await transact(table, [{ Put: put }, hintPut(table, rootId, username)]);
      return refused.length === 0;
    },

    /** Takes a collaborator off a root namespace; false for one who is none. */
    remove: (rootId: number, username: string, removal: Removal): Promise<boolean> =>
      takeOff(table, { rootId, username, ...removal }),

    /** Takes all off who became collaborators before a version: the namespace is gone. */
    async removeAll(rootId: number, removal: Removal): Promise<void> {
      for (const { username } of (await itemsOf(table, rootId)).filter(isOne)) {
        await takeOff(table, { rootId, username: String(username), ...removal, onlyOlder: true });
      }
    },
  };
}

type Removal = { readonly version: Version; readonly removedAt: string };

type TakenOff = Removal & { readonly rootId: number; readonly username: string; readonly onlyOlder?: boolean };

async function takeOff(table: Table, of: TakenOff): Promise<boolean> {
  const { rootId, username, version, removedAt, onlyOlder = false } = of;
  const isOlder = ' AND (attribute_not_exists(as_of) OR as_of < :version)';
  const put = {
    TableName: table.name,
    Item: { ...collaboratorKey(rootId, username), username, as_of: version, removed_at: removedAt },
    ConditionExpression: `attribute_exists(pk) AND attribute_not_exists(removed_at)${onlyOlder ? isOlder : ''}`,
    ...(onlyOlder ? { ExpressionAttributeValues: { ':version': version } } : {}),
  };
  const hint = { TableName: table.name, Key: collaboratesKey(username, rootId) };
  const refused = await transact(table, [{ Put: put }, { Delete: hint }]);
  return refused.length === 0;
}

function hintPut(table: Table, rootId: number, username: string) {
  return { Put: { TableName: table.name, Item: collaboratesKey(username, rootId) } };
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
