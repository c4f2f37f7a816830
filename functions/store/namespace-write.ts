import { isDeepStrictEqual } from 'node:util';
import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { isNamespacePath } from '../domain/namespace.ts';
import { holder, type PathClaims, withClaim, withoutClaim } from '../domain/path-claims.ts';
import type { Standing } from '../domain/standing.ts';
import { UNVERSIONED } from '../domain/version.ts';
import { ownedKey } from './namespace-hints.ts';
import {
  childKey,
  type NamespaceRecord,
  namespaceItem,
  namespaceKey,
  ofRevision,
  pathKey,
  SETTLED_REVISION,
} from './namespace-item.ts';
import { getAll, type Item, type Key, keyText, type Table } from './table.ts';
import { transact } from './transact.ts';

/** What is to become of a namespace, and what that was decided upon. */
export type NamespaceChange = {
  /** The namespace as it was seen; undefined where there was none. */
  readonly seen: NamespaceRecord | undefined;
  readonly next: Omit<NamespaceRecord, 'revision'>;
  /** The parent that `next` stands under, as it was seen; revision 0 is a parent that is not known. */
  readonly parent?: { readonly id: number; readonly revision: number } | undefined;
  /** Whether the path must be nobody's. */
  readonly needsPath?: boolean | undefined;
};

/** `stale`: it is no longer as it was seen. `unchanged`: it is so already. */
export type NamespaceWritten = 'written' | 'unchanged' | 'stale' | 'path_taken';

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** Changes a namespace, its path or paths, and its parent's list of children: all of it, or nothing. */
export async function writeNamespace(table: Table, change: NamespaceChange): Promise<NamespaceWritten> {
  const { seen, next, parent } = change;
  const record = { ...next, revision: (seen?.revision ?? 0) + 1 };
  if (seen && isDeepStrictEqual(plain({ ...seen, revision: 0 }), plain({ ...next, revision: 0 }))) return 'unchanged';
  const [left, taken] = [placeKey(seen?.standing), placeKey(next.standing)];
  const claims = await readClaims(table, [left, taken]);
  if (change.needsPath && taken && holder(claims.of(taken)) !== undefined) return 'path_taken';
  const put = { TableName: table.name, Item: namespaceItem(record), ...ofRevision(seen?.revision ?? 0) };
  const refused = await transact(table, [
    { Put: put },
    ...parentCheck(table, parent),
    ...claimWrites(table, { id: next.id, version: next.standing.version, left, taken, claims }),
    ...childWrites(table, seen, next),
    ...ownerWrites(table, seen?.standing, next),
  ]);
  return refused.length === 0 ? 'written' : 'stale';
}

/** Notes that all below a namespace is settled as of a revision; false where it has changed since. */
export async function noteSettled(
  table: Table,
  { id, revision }: Pick<NamespaceRecord, 'id' | 'revision'>,
): Promise<boolean> {
  const { ConditionExpression, ExpressionAttributeValues = {} } = ofRevision(revision);
  const Update = {
    TableName: table.name,
    Key: namespaceKey(id),
    UpdateExpression: `SET ${SETTLED_REVISION} = :revision`,
    ConditionExpression,
    ExpressionAttributeValues: { ...ExpressionAttributeValues, ':revision': revision },
  };
  // A transaction of one: beside a child that is written under this namespace at the moment, a write of its own would fail.
  return (await transact(table, [{ Update }])).length === 0;
}

function plain(record: NamespaceRecord): unknown {
  return JSON.parse(JSON.stringify(namespaceItem(record)));
}

/** The path that a standing is found by; none for what is deleted, or lies deeper or longer than paths may be. */
function placeKey(standing: Standing | undefined): Key | undefined {
  if (standing?.place === undefined || standing.deletedBy !== undefined) return undefined;
  const { owner, path } = standing.place;
  return isNamespacePath(path) ? pathKey(owner.username, path) : undefined;
}

function parentCheck(table: Table, parent: NamespaceChange['parent']): TransactItem[] {
  if (parent === undefined) return [];
  return [{ ConditionCheck: { TableName: table.name, Key: namespaceKey(parent.id), ...ofRevision(parent.revision) } }];
}

async function readClaims(table: Table, keys: readonly (Key | undefined)[]) {
  const wanted = keys.filter((key) => key !== undefined);
  const items = await getAll(table, wanted, { consistent: true });
  const byKey = new Map(items.map((item) => [keyText(item), readPathClaims(item)]));
  return { of: (key: Key): PathClaims => byKey.get(keyText(key)) ?? {} };
}

function claimWrites(
  table: Table,
  move: {
    readonly id: number;
    readonly version: string;
    readonly left: Key | undefined;
    readonly taken: Key | undefined;
    readonly claims: { readonly of: (key: Key) => PathClaims };
  },
): TransactItem[] {
  const { id, version, left, taken, claims } = move;
  const isMove = left !== undefined && (taken === undefined || keyText(left) !== keyText(taken));
  return [
    ...(isMove ? claimWrite(table, left, claims.of(left), withoutClaim(claims.of(left), id)) : []),
    ...(taken ? claimWrite(table, taken, claims.of(taken), withClaim(claims.of(taken), id, version)) : []),
  ];
}

function claimWrite(table: Table, key: Key, before: PathClaims, after: PathClaims): TransactItem[] {
  if (isDeepStrictEqual(before, after)) return [];
  const condition = holder(before) === undefined ? { ConditionExpression: 'attribute_not_exists(pk)' } : asSeen(before);
  const namespaceId = holder(after);
  if (namespaceId === undefined) return [{ Delete: { TableName: table.name, Key: key, ...condition } }];
  const Item = { ...key, namespace_id: namespaceId, claims: after };
  return [{ Put: { TableName: table.name, Item, ...condition } }];
}

function asSeen(claims: PathClaims) {
  return {
    ConditionExpression: 'claims = :seen OR (attribute_not_exists(claims) AND namespace_id = :holder)',
    ExpressionAttributeValues: { ':seen': claims, ':holder': holder(claims) },
  };
}

/** Reads the claims to a path. The release before claims wrote who has it, as a command would have said. */
function readPathClaims(item: Item): PathClaims {
  return (item['claims'] as PathClaims | undefined) ?? { [String(item['namespace_id'])]: UNVERSIONED };
}

/** Whose it is, said of the owner, too; each time, for tables of before this was said. */
function ownerWrites(table: Table, before: Standing | undefined, { id, standing }: NamespaceChange['next']) {
  const [left, owner] = [ownerOf(before), ownerOf(standing)];
  const writes: TransactItem[] = [];
  if (left !== undefined && left !== owner) {
    writes.push({ Delete: { TableName: table.name, Key: ownedKey(left, id) } });
  }
  if (owner !== undefined) writes.push({ Put: { TableName: table.name, Item: ownedKey(owner, id) } });
  return writes;
}

function ownerOf(standing: Standing | undefined): string | undefined {
  return standing?.deletedBy === undefined ? standing?.place?.owner.username : undefined;
}

/** A parent's list keeps the children that are deleted, so that a deletion which was cut finds the rest of them again. */
function childWrites(table: Table, seen: NamespaceRecord | undefined, next: NamespaceChange['next']): TransactItem[] {
  const [before, after] = [seen?.said.namespace?.parentId, next.said.namespace?.parentId];
  if (before === after) return [];
  return [
    ...(before === undefined ? [] : [{ Delete: { TableName: table.name, Key: childKey(before, next.id) } }]),
    ...(after === undefined ? [] : [{ Put: { TableName: table.name, Item: childKey(after, next.id) } }]),
  ];
}
