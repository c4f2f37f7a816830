import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Namespace } from '../domain/namespace.ts';
import { readHints, readNamespaces } from './namespace-hints.ts';
import { namespaceKey, readNamespace } from './namespace-item.ts';
import { findByPath } from './namespace-paths.ts';
import type { Item, Table } from './table.ts';

export type NamespaceStore = ReturnType<typeof namespaceStore>;

/** The service's own picture of the CI's namespaces, for whoever looks at it; who keeps it current has `directory-store.ts`, too. */
export function namespaceStore(table: Table) {
  return {
    /** The namespace of an id, without its parents; undefined where it is deleted. */
    async byId(id: number): Promise<Namespace | undefined> {
      const { Item: item } = await table.db.send(new GetCommand({ TableName: table.name, Key: namespaceKey(id) }));
      return item && readNamespace(item as Item);
    },

    /** The namespace of a path, with its parents, in two calls however deep it is; undefined where it is deleted. */
    byPath: (username: string, path: string): Promise<Namespace | undefined> => findByPath(table, username, path),

    /** The namespaces of a user, without their parents, up to a limit. */
    async ownedBy(
      username: string,
      limit: number,
    ): Promise<{ readonly namespaces: Namespace[]; readonly hasMore: boolean }> {
      const { ids, hasMore } = await readHints(table, username, { kind: 'NAMESPACE', limit });
      const namespaces = await readNamespaces(table, ids);
      return { namespaces: namespaces.filter(({ owner }) => owner.username === username), hasMore };
    },

    /** The namespaces of some ids, without their parents; those that are deleted are left out. */
    byIds: (ids: readonly number[]): Promise<Namespace[]> => readNamespaces(table, ids),
  };
}
