import { GetCommand } from '@aws-sdk/lib-dynamodb';
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

    /** Whether a user collaborates on a root namespace, and so on all of its children. */
    async isCollaborator(rootId: number, username: string): Promise<boolean> {
      return (await get({ pk: `NAMESPACE#${rootId}`, sk: `COLLABORATOR#${username}` })) !== undefined;
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

function namespaceKey(id: number): Key {
  return { pk: `NAMESPACE#${id}`, sk: 'NAMESPACE' };
}

function pathKey(username: string, path: string): Key {
  return { pk: `PATH#${username}/${path}`, sk: 'PATH' };
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
