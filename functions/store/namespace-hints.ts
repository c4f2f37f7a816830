import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { Namespace } from '../domain/namespace.ts';
import { namespaceKey, readNamespace } from './namespace-item.ts';
import { getAll, type Item, type Key, sortable, type Table } from './table.ts';
import { userKey } from './user-item.ts';

/** Where the table says of a user that a namespace is, or was, theirs. */
export function ownedKey(username: string, id: number): Key {
  return { pk: userKey(username).pk, sk: `NAMESPACE#${sortable(id)}` };
}

/** Where the table says of a user that they collaborate, or did, on a root namespace. */
export function collaboratesKey(username: string, rootId: number): Key {
  return { pk: userKey(username).pk, sk: `COLLABORATES#${sortable(rootId)}` };
}

/** Ids, the smallest first, and whether there are more than were asked for. */
export type HintedIds = { readonly ids: readonly number[]; readonly hasMore: boolean };

/** The ids that a user's hints name: up to `limit`. What they name may be another's by now, or gone. */
export async function readHints(
  table: Table,
  username: string,
  { kind, limit }: { readonly kind: 'NAMESPACE' | 'COLLABORATES'; readonly limit: number },
): Promise<HintedIds> {
  const query = {
    TableName: table.name,
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :kind)',
    ExpressionAttributeValues: { ':pk': userKey(username).pk, ':kind': `${kind}#` },
    Limit: limit + 1,
  };
  const ids: number[] = [];
  for await (const { Items = [] } of paginateQuery({ client: table.db }, query)) {
    ids.push(...(Items as Item[]).map(({ sk }) => Number(sk.split('#', 2)[1])));
    if (ids.length > limit) break;
  }
  return { ids: ids.slice(0, limit), hasMore: ids.length > limit };
}

/** The namespaces of some ids, without their parents; those that are deleted are left out. */
export async function readNamespaces(table: Table, ids: readonly number[]): Promise<Namespace[]> {
  const items = await getAll(table, ids.map(namespaceKey));
  return items.map(readNamespace).filter((one) => one !== undefined);
}
