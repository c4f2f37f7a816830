import type { Context, MiddlewareHandler } from 'hono';
import { csrf } from 'hono/csrf';
import type { Caller } from '../actions/directory.ts';
import { beginSession, endSession, resumeSession, type SessionDeps } from '../actions/sessions.ts';
import type { Addressing } from './base-url.ts';
import { browserCookies } from './cookies.ts';

const COOKIE = 'session';

export type BrowserSessions = ReturnType<typeof browserSessions>;

/**
 * Sessions for browsers, whose pages are signed in to with a token. The cookie holds an id of 256 random bits and no more.
 */
export function browserSessions(deps: SessionDeps, { baseOf }: Pick<Addressing, 'baseOf'>) {
  const cookies = browserCookies({ baseOf });
  return {
    /**
     * To stand before all routes that browsers call: refuses with 403 a form that another site has sent. What is no form, no other
     * site can send, for we allow none to ask (CORS).
     */
    refuseOtherSites: csrf({
      origin: (origin, context) => origin === new URL(baseOf(context.req.raw)).origin,
    }) satisfies MiddlewareHandler,

    /** Signs the browser in with a token, in place of whoever was signed in; false for a token that is not good. */
    async signIn(context: Context, token: string): Promise<boolean> {
      const begun = await beginSession(deps, token);
      if (begun === undefined) return false;
      const before = cookies.read(context, COOKIE);
      if (before !== undefined) await endSession(deps, before);
      cookies.write(context, COOKIE, { value: begun.id, expires: new Date(begun.expiresAt) });
      return true;
    },

    /** Who is signed in, with what the token allows; undefined where nobody is, or no longer. */
    async callerOf(context: Context): Promise<Caller | undefined> {
      const id = cookies.read(context, COOKIE);
      return id === undefined ? undefined : resumeSession(deps, id);
    },

    /** Signs out: the session ends here as well as in the browser. */
    async signOut(context: Context): Promise<void> {
      const id = cookies.read(context, COOKIE);
      if (id !== undefined) await endSession(deps, id);
      cookies.remove(context, COOKIE);
    },
  };
}
