import { RefusalError, ValidationError } from '../domain/errors.ts';
import type { Namespace, User } from '../domain/namespace.ts';
import { isNamespacePath, isUsername } from '../domain/namespace.ts';
import { mintToken, type Scope, type TokenRecord, tokenHash } from '../domain/token.ts';
import { UNVERSIONED, versionAfter, versionOf } from '../domain/version.ts';
import type { Collaborator, CollaboratorStore } from '../store/collaborators.ts';
import type { DirectoryStore } from '../store/directory-store.ts';
import type { NamespaceStore } from '../store/namespaces.ts';
import type { TokenStore } from '../store/tokens.ts';
import type { UserStore } from '../store/users.ts';
import { changeTree, type Decide, type TreeDeps } from './namespace-tree.ts';

export type AccountDeps = TreeDeps & {
  readonly users: Pick<UserStore, 'add' | 'get' | 'nextId'>;
  readonly namespaces: NamespaceStore & DirectoryStore;
  readonly collaborators: CollaboratorStore;
  readonly tokens: Pick<TokenStore, 'add' | 'list' | 'revoke'>;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly randomId: () => string;
};

/** The user of a name, made where there is none. Throws ValidationError for what is no name. */
async function ensureUser(deps: AccountDeps, username: string): Promise<User> {
  refuseNoName(username);
  const known = await deps.users.get(username);
  if (known !== undefined) return known;
  const id = await deps.users.nextId();
  const user = { id, username, email: `${username}@localhost`, createdAt: new Date(deps.now()).toISOString() };
  await deps.users.add(user);
  return (await deps.users.get(username)) ?? user;
}

/**
 * The namespace of a path, made where there is none, with its owner and its parents; `id` is the CI's id of it, where
 * known; that of one which is deleted brings it back. Throws ValidationError for what is no path, and where the id or path is
 * another namespace's.
 */
export async function ensureNamespace(
  deps: AccountDeps,
  at: { readonly username: string; readonly path: string; readonly id?: number | undefined },
): Promise<Namespace> {
  if (!isNamespacePath(at.path)) {
    throw new ValidationError({ path: [`${JSON.stringify(at.path)} is no path: up to 20 names, joined by /`] });
  }
  const known = await deps.namespaces.byPath(at.username, at.path);
  if (known !== undefined) return refuseOtherId(known, at.id);
  const owner = await ensureUser(deps, at.username);
  const parentPath = at.path.split('/').slice(0, -1).join('/');
  const parent =
    parentPath === '' ? undefined : await ensureNamespace(deps, { username: at.username, path: parentPath });
  const id = at.id ?? (await unusedId(deps));
  const namespace: Namespace = {
    id,
    rootId: parent?.rootId ?? id,
    parentId: parent?.id,
    owner,
    path: at.path,
    description: '',
    visibility: 'private',
    createdAt: new Date(deps.now()).toISOString(),
  };
  const added = await changeTree(deps, { id, decide: addedByHand(namespace, deps), needsPath: true });
  if (added === 'changed') return namespace;
  throw new ValidationError({ id: [`A namespace with the id ${id} exists already`] });
}

/** What is made by hand is overridden by any event of the CI; what is brought back, by those of a later time. */
function addedByHand(namespace: Namespace, deps: Pick<AccountDeps, 'randomId'>): Decide {
  return (seen) => {
    if (seen === undefined) return { version: UNVERSIONED, namespace };
    if (seen.standing.deletedBy === undefined) return undefined;
    const now = versionOf({ id: deps.randomId(), createdAt: namespace.createdAt }, 'updated');
    return { version: versionAfter(seen.standing.version, now), namespace };
  };
}

/** Makes a token for a user, who is made where there is none. The token is in this answer and nowhere else. */
export async function createToken(
  deps: AccountDeps,
  of: {
    readonly username: string;
    readonly name: string;
    readonly scopes: readonly Scope[];
    readonly expiresAt?: string | undefined;
  },
): Promise<{ readonly token: string; readonly record: TokenRecord }> {
  await ensureUser(deps, of.username);
  const token = mintToken(deps.randomBytes(32));
  const record = { ...of, id: deps.randomId(), createdAt: new Date(deps.now()).toISOString() };
  await deps.tokens.add(tokenHash(token), record);
  return { token, record };
}

/** The tokens of a user, oldest first, those that have expired included. Refuses users whom there are not. */
export async function listTokens(deps: AccountDeps, username: string): Promise<readonly TokenRecord[]> {
  await knownUser(deps, username);
  return deps.tokens.list(username);
}

/** Makes a token worthless from the next request on. Refuses tokens that there are not, or no longer. */
export async function revokeToken(
  deps: AccountDeps,
  of: { readonly username: string; readonly id: string },
): Promise<void> {
  await knownUser(deps, of.username);
  if (await deps.tokens.revoke(of.username, of.id)) return;
  throw new RefusalError('not_found', `${of.username} has no token with the id ${JSON.stringify(of.id)}`);
}

/**
 * Lets a user, who is made where there is none, reach a root namespace and all of its children; false where that was so
 * already. Throws ValidationError for a child, and for the owner.
 */
export async function addCollaborator(deps: AccountDeps, namespace: Namespace, username: string): Promise<boolean> {
  refuseChild(namespace);
  if (username === namespace.owner.username) {
    throw new ValidationError({ username: [`${username} owns the namespace, and reaches it without collaborating`] });
  }
  await ensureUser(deps, username);
  const createdAt = new Date(deps.now()).toISOString();
  return deps.collaborators.add(namespace.id, { username, createdAt });
}

/** Who collaborates on a root namespace, by name. Throws ValidationError for a child. */
export async function listCollaborators(deps: AccountDeps, namespace: Namespace): Promise<readonly Collaborator[]> {
  refuseChild(namespace);
  return deps.collaborators.list(namespace.id);
}

/** Takes a collaborator off a root namespace. Throws ValidationError for a child; refuses whoever is no collaborator. */
export async function removeCollaborator(deps: AccountDeps, namespace: Namespace, username: string): Promise<void> {
  refuseChild(namespace);
  refuseNoName(username);
  const removedAt = new Date(deps.now()).toISOString();
  const version = versionOf({ id: deps.randomId(), createdAt: removedAt }, 'deleted');
  if (await deps.collaborators.remove(namespace.id, username, { version, removedAt })) return;
  const name = `${namespace.owner.username}/${namespace.path}`;
  throw new RefusalError('not_found', `${username} is no collaborator of ${name}`);
}

async function knownUser(deps: AccountDeps, username: string): Promise<User> {
  refuseNoName(username);
  const user = await deps.users.get(username);
  if (user === undefined) throw new RefusalError('not_found', `There is no user ${username}`);
  return user;
}

function refuseNoName(username: string): void {
  if (!isUsername(username)) throw new ValidationError({ username: [`${JSON.stringify(username)} is no user name`] });
}

/** Collaborators are looked up at the root alone: one of a child would reach nothing. */
function refuseChild({ id, rootId, owner, path }: Namespace): void {
  if (id === rootId) return;
  const root = `${owner.username}/${path.split('/')[0]}`;
  throw new ValidationError({ path: [`Collaborators belong to whole trees: name the root, which is ${root}`] });
}

function refuseOtherId(known: Namespace, id: number | undefined): Namespace {
  if (id === undefined || id === known.id) return known;
  throw new ValidationError({ id: [`The namespace exists already, with the id ${known.id}`] });
}

/** Ids that were given by hand may lie ahead of the sequence. */
async function unusedId(deps: AccountDeps): Promise<number> {
  for (;;) {
    const id = await deps.namespaces.nextId();
    if ((await deps.namespaces.record(id)) === undefined) return id;
  }
}
