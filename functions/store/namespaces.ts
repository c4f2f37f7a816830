import { DeleteCommand, GetCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { Namespace, User, Visibility } from '../domain/namespace.ts';
import { type Item, type Key, nextNumber, type Table } from './table.ts';
import { transact } from './transact.ts';

export type NamespaceStore = ReturnType<typeof namespaceStore>;

/** The service's own picture of the CI's users and namespaces. */
export function namespaceStore(table: Table) {
  const get = async (key: Key): Promise<Item | undefined> => {
    const { Item: item } = await table.db.send(new GetCommand({ TableName: table.name, Key: key }));
    return item as Item | undefined;
  };
  const byId = async (id: number): Promise<Namespace | undefined> => {
    const item = await get(namespaceKey(id));
    return item && readNamespace(item);
  };
  return {
    byId,
    nextId: (): Promise<number> => nextNumber(table, 'NAMESPACE'),
    nextUserId: (): Promise<number> => nextNumber(table, 'USER'),

    /** Adds a user; false where the name is taken. */
    addUser: (user: User): Promise<boolean> => addNew(table, [{ ...userKey(user.username), ...userAttributes(user) }]),

    async user(username: string): Promise<User | undefined> {
      const item = await get(userKey(username));
      return item && readUser(item);
    },

    /** Adds a namespace; false where its path or its id is taken. */
    add(namespace: Namespace): Promise<boolean> {
      const path = { ...pathKey(namespace.owner.username, namespace.path), namespace_id: namespace.id };
      return addNew(table, [namespaceItem(namespace), path]);
    },

    async byPath(username: string, path: string): Promise<Namespace | undefined> {
      const item = await get(pathKey(username, path));
      return item && byId(Number(item['namespace_id']));
    },

    /** Every namespace, by its owner's name and its path. */
    list: (): Promise<Namespace[]> => listNamespaces(table),

    /** Whether a user collaborates on a root namespace, and so on all of its children. */
    async isCollaborator(rootId: number, username: string): Promise<boolean> {
      return (await get(collaboratorKey(rootId, username))) !== undefined;
    },

    /** Makes a user a collaborator of a root namespace; false for one who is one already. */
    addCollaborator(
      rootId: number,
      { username, createdAt }: { readonly username: string; readonly createdAt: string },
    ): Promise<boolean> {
      return addNew(table, [{ ...collaboratorKey(rootId, username), username, created_at: createdAt }]);
    },

    /** Takes a collaborator off a root namespace; false for one who is none. */
    async removeCollaborator(rootId: number, username: string): Promise<boolean> {
      const Key = collaboratorKey(rootId, username);
      const { Attributes } = await table.db.send(
        new DeleteCommand({ TableName: table.name, Key, ReturnValues: 'ALL_OLD' }),
      );
      return Attributes !== undefined;
    },
  };
}

async function addNew(table: Table, items: readonly Item[]): Promise<boolean> {
  const isNew = { TableName: table.name, ConditionExpression: 'attribute_not_exists(pk)' };
  return (
    (
      await transact(
        table,
        items.map((item) => ({ Put: { ...isNew, Item: item } })),
      )
    ).length === 0
  );
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
      FilterExpression: 'sk = :sk AND begins_with(pk, :prefix)',
      ExpressionAttributeValues: { ':sk': 'NAMESPACE', ':prefix': 'NAMESPACE#' },
    },
  );
  const namespaces: Namespace[] = [];
  for await (const { Items = [] } of pages) namespaces.push(...(Items as Item[]).map(readNamespace));
  const name = ({ owner, path }: Namespace) => `${owner.username}/${path}`;
  return namespaces.sort((a, b) => (name(a) < name(b) ? -1 : 1));
}

function namespaceKey(id: number): Key {
  return { pk: `NAMESPACE#${id}`, sk: 'NAMESPACE' };
}

function pathKey(username: string, path: string): Key {
  return { pk: `PATH#${username}/${path}`, sk: 'PATH' };
}

function collaboratorKey(rootId: number, username: string): Key {
  return { pk: `NAMESPACE#${rootId}`, sk: `COLLABORATOR#${username}` };
}

function userKey(username: string): Key {
  return { pk: `USER#${username}`, sk: 'USER' };
}

function namespaceItem(namespace: Namespace): Item {
  return {
    ...namespaceKey(namespace.id),
    v: 1,
    id: namespace.id,
    root_id: namespace.rootId,
    parent_id: namespace.parentId,
    owner: userAttributes(namespace.owner),
    path: namespace.path,
    description: namespace.description,
    visibility: namespace.visibility,
    created_at: namespace.createdAt,
  };
}

function readNamespace(item: Item): Namespace {
  return {
    id: Number(item['id']),
    rootId: Number(item['root_id']),
    parentId: item['parent_id'] as number | undefined,
    owner: readUser(item['owner'] as Record<string, unknown>),
    path: String(item['path']),
    description: String(item['description']),
    visibility: item['visibility'] as Visibility,
    createdAt: String(item['created_at']),
  };
}

function userAttributes(user: User) {
  return { id: user.id, username: user.username, email: user.email, created_at: user.createdAt };
}

function readUser(attributes: Readonly<Record<string, unknown>>): User {
  return {
    id: Number(attributes['id']),
    username: String(attributes['username']),
    email: String(attributes['email']),
    createdAt: String(attributes['created_at']),
  };
}
