import { isOver, isSessionId, mintSessionId, newSession, sessionHash } from '../domain/session.ts';
import { isWellFormedToken, tokenHash } from '../domain/token.ts';
import type { SessionStore } from '../store/sessions.ts';
import { authenticateByHash, type Caller, type DirectoryDeps } from './directory.ts';

export type SessionDeps = DirectoryDeps & {
  readonly sessions: SessionStore;
  readonly randomBytes: (size: number) => Uint8Array;
};

/** A session that has begun. `id` is for the browser alone. */
export type Begun = { readonly id: string; readonly expiresAt: string };

/** Begins a session with a token; undefined for a token that is not good. */
export async function beginSession(deps: SessionDeps, token: string): Promise<Begun | undefined> {
  if (!isWellFormedToken(token)) return undefined;
  const hash = tokenHash(token);
  const known = await authenticateByHash(deps, hash);
  if (known === undefined) return undefined;
  const id = mintSessionId(deps.randomBytes(32));
  const session = newSession(known.token, { tokenHash: hash, nowMs: deps.now() });
  await deps.sessions.add(sessionHash(id), session);
  return { id, expiresAt: session.expiresAt };
}

/**
 * Who a session is of, and what its token allows; undefined where it has ended, or its token is no longer good. Both are asked of
 * the table each time: whoever is signed out, or loses the token, is out with the next request.
 */
export async function resumeSession(deps: SessionDeps, id: string): Promise<Caller | undefined> {
  if (!isSessionId(id)) return undefined;
  const session = await deps.sessions.find(sessionHash(id));
  if (session === undefined || isOver(session, deps.now())) return undefined;
  return (await authenticateByHash(deps, session.tokenHash))?.caller;
}

/** Ends a session: whoever has its id is signed out. */
export async function endSession(deps: Pick<SessionDeps, 'sessions'>, id: string): Promise<void> {
  if (isSessionId(id)) await deps.sessions.remove(sessionHash(id));
}
