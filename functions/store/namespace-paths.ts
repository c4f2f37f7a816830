import { type Namespace, NO_NAMESPACE_ID, type User } from '../domain/namespace.ts';
import { namespaceKey, pathKey, readNamespace } from './namespace-item.ts';
import { getAll, type Table } from './table.ts';
import { readUser, userKey } from './user-item.ts';

/**
 * Finds a namespace by its path, with its parents: one call for all paths above it, and one for what stands at them. Two calls also
 * where nothing is there, for nobody is to learn by the time that it takes.
 */
export async function findByPath(table: Table, username: string, path: string): Promise<Namespace | undefined> {
  const names = path.split('/');
  const paths = names.map((_, index) => pathKey(username, names.slice(0, index + 1).join('/')));
  const items = new Map((await getAll(table, [userKey(username), ...paths])).map((item) => [item.pk, item]));
  const wanted = items.get(pathKey(username, path).pk);
  const ids = paths.map(({ pk }) => items.get(pk)?.['namespace_id']).filter((id) => id !== undefined);
  const asked = ids.length === 0 ? [NO_NAMESPACE_ID] : ids.map(Number);
  const found = (await getAll(table, asked.map(namespaceKey))).map(readNamespace);
  if (wanted === undefined) return undefined;
  const user = items.get(userKey(username).pk);
  const byId = new Map(found.filter((one) => one !== undefined).map((one) => [one.id, one]));
  return withParents(Number(wanted['namespace_id']), byId, user && readUser(user));
}

/** Ids that form a ring, which only a broken producer writes, end where an id comes for the second time. */
function withParents(
  id: number | undefined,
  byId: ReadonlyMap<number, Namespace>,
  owner: User | undefined,
): Namespace | undefined {
  const namespace = id === undefined ? undefined : byId.get(id);
  if (namespace === undefined) return undefined;
  const others = new Map([...byId].filter(([other]) => other !== id));
  const parent = withParents(namespace.parentId, others, owner);
  const isOwn = owner?.username === namespace.owner.username;
  return { ...namespace, ...(isOwn ? { owner } : {}), ...(parent === undefined ? {} : { parent }) };
}
