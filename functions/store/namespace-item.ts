import type { Namespace, Visibility } from '../domain/namespace.ts';
import type { Said, Standing } from '../domain/standing.ts';
import { UNVERSIONED } from '../domain/version.ts';
import { type Item, type Key, sortable } from './table.ts';
import { readUser, userAttributes } from './user-item.ts';

/** All that the table knows of a namespace, one that is deleted included. */
export type NamespaceRecord = {
  readonly id: number;
  /** Counts its changes: whoever changes it says which of them they saw last. */
  readonly revision: number;
  readonly said: Said;
  readonly standing: Standing;
};

/** The attribute that says as of which revision all below a namespace is settled. */
export const SETTLED_REVISION = 'settled_revision';

/** Where a namespace stands in the table. */
export function namespaceKey(id: number): Key {
  return { pk: `NAMESPACE#${id}`, sk: 'NAMESPACE' };
}

/** Where the table says of a parent that a namespace is its child. */
export function childKey(parentId: number, id: number): Key {
  return { pk: `NAMESPACE#${parentId}`, sk: `CHILD#${sortable(id)}` };
}

/** Where a path stands in the table. */
export function pathKey(username: string, path: string): Key {
  return { pk: `PATH#${username}/${path}`, sk: 'PATH' };
}

/** Holds of an item that is of this revision; 0 is none, or one that was not counted yet. */
export function ofRevision(revision: number) {
  if (revision === 0) return { ConditionExpression: 'attribute_not_exists(revision)' };
  return {
    ConditionExpression: 'revision = :seen_revision',
    ExpressionAttributeValues: { ':seen_revision': revision },
  };
}

/** Writes a namespace as its item. Readers see the owner, the path and the root that it stands under, whatever it said itself. */
export function namespaceItem({ id, revision, said, standing }: NamespaceRecord): Item {
  const { namespace } = said;
  return {
    ...namespaceKey(id),
    v: 1,
    id,
    revision,
    as_of: said.version || undefined,
    stands_as_of: standing.version || undefined,
    deleted_by: standing.deletedBy,
    said_deleted_by: said.deletedBy,
    ...(namespace && standing.place
      ? {
          ...namespaceAttributes(namespace),
          owner: userAttributes(standing.place.owner),
          path: standing.place.path,
          root_id: standing.place.rootId,
          said_owner: userAttributes(namespace.owner),
          said_path: namespace.path,
          said_root_id: namespace.rootId,
        }
      : {}),
  };
}

function namespaceAttributes(namespace: Namespace) {
  return {
    parent_id: namespace.parentId,
    description: namespace.description,
    visibility: namespace.visibility,
    created_at: namespace.createdAt,
  };
}

/** Reads all that is known of a namespace from its item. Earlier releases did not write all of what it said beside where it stands. */
export function readRecord(item: Item): NamespaceRecord {
  const isKnown = item['path'] !== undefined;
  const namespace = isKnown ? readAsItStands(item) : undefined;
  const said = namespace && {
    ...namespace,
    owner: readUser(attributesOf(item['said_owner'] ?? item['owner'])),
    path: String(item['said_path'] ?? item['path']),
    rootId: Number(item['said_root_id'] ?? item['root_id']),
  };
  return {
    id: Number(item['id']),
    revision: Number(item['revision'] ?? 0),
    said: {
      version: String(item['as_of'] ?? UNVERSIONED),
      namespace: said,
      deletedBy: item['said_deleted_by'] as string | undefined,
    },
    standing: {
      version: String(item['stands_as_of'] ?? UNVERSIONED),
      place: namespace && { owner: namespace.owner, path: namespace.path, rootId: namespace.rootId },
      deletedBy: item['deleted_by'] as string | undefined,
    },
  };
}

/**
 * Reads whether all below a namespace has been settled since its last change, and, where it is deleted, all that ends with it has ended. The
 * note is of a revision, and every change writes an item without one: releases before, which know of none, take it away as well.
 */
export function readIsSettled(item: Item): boolean {
  return item[SETTLED_REVISION] === Number(item['revision'] ?? 0);
}

/** Reads a namespace from its item; undefined for one that is deleted. */
export function readNamespace(item: Item): Namespace | undefined {
  return item['deleted_by'] === undefined ? readAsItStands(item) : undefined;
}

function readAsItStands(item: Item): Namespace {
  return {
    id: Number(item['id']),
    rootId: Number(item['root_id']),
    parentId: item['parent_id'] as number | undefined,
    owner: readUser(attributesOf(item['owner'])),
    path: String(item['path']),
    description: String(item['description']),
    visibility: item['visibility'] as Visibility,
    createdAt: String(item['created_at']),
  };
}

function attributesOf(value: unknown): Readonly<Record<string, unknown>> {
  return value as Readonly<Record<string, unknown>>;
}
