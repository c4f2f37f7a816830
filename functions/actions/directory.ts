import { RefusalError } from '../domain/errors.ts';
import { type Namespace, NO_NAMESPACE_ID, type User } from '../domain/namespace.ts';
import { dayToNote, isExpired, isWellFormedToken, type Scope, type TokenRecord, tokenHash } from '../domain/token.ts';
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
  const known = await authenticateByHash(deps, tokenHash(token), scope);
  if (known === undefined) throw notFound();
  return known.caller;
}

/** The same of a token that is known by its hash; undefined for one that is not good, or not for this. */
export async function authenticateByHash(
  deps: DirectoryDeps,
  hash: string,
  scope?: Scope,
): Promise<{ readonly caller: Caller; readonly token: TokenRecord } | undefined> {
  const token = await deps.tokens.find(hash);
  const nowMs = deps.now();
  if (token === undefined || isExpired(token, nowMs)) return undefined;
  if (scope !== undefined && !token.scopes.includes(scope)) return undefined;
  const user = await deps.users.get(token.username);
  if (user === undefined) return undefined;
  const day = dayToNote(token, nowMs);
  if (day !== undefined) await deps.tokens.noteUse(hash, day);
  return { caller: { user, scopes: token.scopes }, token };
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
