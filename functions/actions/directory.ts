import { RefusalError } from '../domain/errors.ts';
import { type Namespace, NO_NAMESPACE_ID, type User } from '../domain/namespace.ts';
import { dayToNote, isExpired, isWellFormedToken, type Scope, tokenHash } from '../domain/token.ts';
import type { CollaboratorStore } from '../store/collaborators.ts';
import type { NamespaceStore } from '../store/namespaces.ts';
import type { TokenStore } from '../store/tokens.ts';
import type { UserStore } from '../store/users.ts';

export type DirectoryDeps = {
  readonly users: Pick<UserStore, 'get'>;
  readonly namespaces: Pick<NamespaceStore, 'byPath'>;
  readonly collaborators: Pick<CollaboratorStore, 'has'>;
  readonly tokens: Pick<TokenStore, 'find' | 'noteUse'>;
  readonly now: () => number;
};

/** Who calls, and what the token that was shown allows. */
export type Caller = { readonly user: User; readonly scopes: readonly Scope[] };

/** The one refusal of whoever may not, and of whatever is not there: existence does not leak. */
export function notFound(): RefusalError {
  return new RefusalError('not_found', 'Not found');
}

/**
 * Who a token belongs to; the day is noted as that of its latest use. Refuses what is no token of ours, one that has
 * expired and one without the scope, in the same words; where no scope is named, any token will do.
 */
export async function authenticate(deps: DirectoryDeps, token: string | undefined, scope?: Scope): Promise<Caller> {
  if (token === undefined || !isWellFormedToken(token)) throw notFound();
  const hash = tokenHash(token);
  const record = await deps.tokens.find(hash);
  const nowMs = deps.now();
  if (record === undefined || isExpired(record, nowMs) || (scope !== undefined && !record.scopes.includes(scope)))
    throw notFound();
  const user = await deps.users.get(record.username);
  if (user === undefined) throw notFound();
  const day = dayToNote(record, nowMs);
  if (day !== undefined) await deps.tokens.noteUse(hash, day);
  return { user, scopes: record.scopes };
}

/** A namespace that the caller owns or, by its root, collaborates on. Refuses every other one, after the same calls as one that is not there. */
export async function reachNamespace(
  deps: DirectoryDeps,
  caller: Caller,
  at: { readonly username: string; readonly path: string },
): Promise<Namespace> {
  const namespace = await deps.namespaces.byPath(at.username, at.path);
  const isReached = await mayReach(deps, caller, namespace);
  if (namespace === undefined || !isReached) throw notFound();
  return namespace;
}

/**
 * Whether a caller owns a namespace or, by its root, collaborates on it. Of one that is not there the same is asked as of one that
 * is: how long the answer takes must not tell the two apart, either.
 */
export async function mayReach(
  deps: DirectoryDeps,
  { user }: Caller,
  namespace: Namespace | undefined,
): Promise<boolean> {
  if (namespace?.owner.username === user.username) return true;
  return deps.collaborators.has(namespace?.rootId ?? NO_NAMESPACE_ID, user.username);
}
