import * as v from 'valibot';
import type { CiEvent } from './event.ts';
import { DESCRIPTION_MAX_CHARACTERS, EMAIL_MAX_CHARACTERS } from './limits.ts';
import { isNamespacePath, isUsername, type Namespace, type User } from './namespace.ts';
import { instantOf } from './timestamp.ts';
import { type DirectoryAction, type Version, versionOf } from './version.ts';

/** What an event says of a user. Users have no ids of their own in payloads: one stands beside the owner of a namespace. */
export type UserNews = Pick<User, 'username'> & Maybe<Pick<User, 'id' | 'email' | 'createdAt'>>;

/** What an event says of a namespace: what names it and places it, and as much of the rest as can be used. */
export type NamespaceNews = Pick<Namespace, 'id' | 'rootId' | 'parentId' | 'path'> &
  Maybe<Pick<Namespace, 'description' | 'visibility' | 'createdAt'>> & { readonly owner: UserNews };

type Maybe<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** What an event means for the directory: nothing, mostly; or that it should mean something and cannot be used. */
export type DirectoryChange =
  | { readonly kind: 'none' }
  | { readonly kind: 'unusable'; readonly reason: string }
  | { readonly kind: 'namespace_known'; readonly version: Version; readonly namespace: NamespaceNews }
  | { readonly kind: 'namespace_deleted'; readonly version: Version; readonly id: number; readonly eventId: string }
  | {
      readonly kind: 'collaborator_added';
      readonly version: Version;
      readonly rootId: number;
      readonly user: UserNews;
    };

/** Whether events of a type may mean something for the directory. */
export function concernsDirectory({ type }: Pick<CiEvent, 'type'>): boolean {
  return type === 'namespaces' || type === 'invite.accepted';
}

/** A field that is worth having and not worth a refusal: what is no such value counts as absent. */
function orAbsent<T>(schema: v.GenericSchema<unknown, T>) {
  return v.optional(v.fallback(v.optional(schema), undefined));
}

function id(sentence: string) {
  return v.pipe(v.number(sentence), v.safeInteger(sentence), v.minValue(1, sentence));
}

const instant = v.pipe(
  v.string(),
  v.transform(instantOf),
  v.check((text) => text !== undefined),
);
const email = v.pipe(v.string(), v.maxLength(EMAIL_MAX_CHARACTERS), v.check(isWellFormed));
const description = v.pipe(
  v.string(),
  v.transform((text) => text.slice(0, DESCRIPTION_MAX_CHARACTERS).toWellFormed()),
);

function userSchema(field: string) {
  const sentence = `${field} is no user name`;
  return v.object(
    {
      username: v.pipe(v.string(sentence), v.check(isUsername, sentence)),
      email: orAbsent(email),
      created_at: orAbsent(instant),
    },
    sentence,
  );
}

const namespaceSchema = v.object(
  {
    id: id('namespace.id is no whole number from 1'),
    user_id: orAbsent(id('')),
    root_id: v.nullish(id('namespace.root_id is no whole number from 1')),
    parent_id: v.nullish(id('namespace.parent_id is no whole number from 1')),
    path: v.pipe(v.string('namespace.path is no path'), v.check(isNamespacePath, 'namespace.path is no path')),
    description: orAbsent(description),
    visibility: orAbsent(v.picklist(['private', 'internal', 'public'])),
    created_at: orAbsent(instant),
    user: userSchema('namespace.user.username'),
  },
  'The namespace lacks its id, its path or its user',
);
const knownSchema = v.object({ namespace: namespaceSchema }, 'The payload has no namespace');
const NO_ID = 'namespace.id is no whole number from 1';
const deletedSchema = v.object({ namespace: v.object({ id: id(NO_ID) }, NO_ID) }, 'The payload has no namespace');

const NO_ROOT = 'The namespace has no root_id, and no id as a root';
const acceptedSchema = v.object(
  {
    invitee: userSchema('invitee.username'),
    namespace: v.object(
      { id: v.nullish(id(NO_ROOT)), root_id: v.nullish(id(NO_ROOT)), parent_id: v.nullish(v.unknown()) },
      NO_ROOT,
    ),
  },
  'The payload lacks the invitee or the namespace',
);

/** Reads what an event means for the directory. Payloads are a producer's own words: it never throws. */
export function readDirectoryChange(event: CiEvent): DirectoryChange {
  if (!concernsDirectory(event)) return { kind: 'none' };
  const payload: unknown = JSON.parse(event.payload);
  if (event.type === 'invite.accepted') return readAccepted(event, payload);
  const action = v.safeParse(v.object({ action: v.string() }), payload);
  if (!action.success) return unusable('The payload has no action');
  const { action: name } = action.output;
  if (name === 'deleted') return readDeleted(event, payload);
  return name === 'created' || name === 'updated' ? readKnown(event, name, payload) : { kind: 'none' };
}

function readKnown(event: CiEvent, action: DirectoryAction, payload: unknown): DirectoryChange {
  const read = v.safeParse(knownSchema, payload, { abortEarly: true });
  if (!read.success) return unusable(read.issues[0].message);
  const { root_id: rootId, parent_id, user, user_id, created_at: createdAt, ...rest } = read.output.namespace;
  const parentId = parent_id ?? undefined;
  const isRoot = !rest.path.includes('/');
  if (isRoot !== (parentId === undefined)) return unusable('namespace.path and namespace.parent_id disagree');
  if (!isRoot && (rootId == null || rootId === rest.id || parentId === rest.id)) {
    return unusable('namespace.root_id or namespace.parent_id is not that of an ancestor');
  }
  const owner = { ...userNews(user), id: user_id };
  const namespace = { ...rest, createdAt, parentId, rootId: isRoot ? rest.id : (rootId ?? rest.id), owner };
  return { kind: 'namespace_known', version: versionOf(event, action), namespace };
}

/** A deletion is believed of an id alone: better forgotten without its name than kept in spite of it. */
function readDeleted(event: CiEvent, payload: unknown): DirectoryChange {
  const read = v.safeParse(deletedSchema, payload, { abortEarly: true });
  if (!read.success) return unusable(read.issues[0].message);
  const version = versionOf(event, 'deleted');
  return { kind: 'namespace_deleted', version, id: read.output.namespace.id, eventId: event.id };
}

function readAccepted(event: CiEvent, payload: unknown): DirectoryChange {
  const read = v.safeParse(acceptedSchema, payload, { abortEarly: true });
  if (!read.success) return unusable(read.issues[0].message);
  const { invitee, namespace } = read.output;
  const rootId = namespace.root_id ?? (namespace.parent_id == null ? namespace.id : undefined);
  if (rootId == null) return unusable(NO_ROOT);
  return { kind: 'collaborator_added', version: versionOf(event, 'created'), rootId, user: userNews(invitee) };
}

function userNews({ created_at: createdAt, ...user }: v.InferOutput<ReturnType<typeof userSchema>>): UserNews {
  return { ...user, createdAt };
}

function unusable(reason: string): DirectoryChange {
  return { kind: 'unusable', reason };
}

function isWellFormed(text: string): boolean {
  return text.isWellFormed();
}
