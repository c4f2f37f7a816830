import type { Context, MiddlewareHandler } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { csrf } from 'hono/csrf';
import type { CookieOptions } from 'hono/utils/cookie';
import type { Caller } from '../actions/directory.ts';
import { beginSession, endSession, resumeSession, type SessionDeps } from '../actions/sessions.ts';
import type { Addressing } from './base-url.ts';

const COOKIE = 'session';

/**
 * Sessions for browsers, whose pages are signed in to with a token. The cookie holds an id of 256 random bits and no more: no script can read it
 * (`HttpOnly`), no other site's form brings it (`SameSite=Lax`), and no other host or plain connection can have set it (`__Host-`).
 * On loopback alone it goes without TLS.
 */
export function browserSessions(deps: SessionDeps, { baseOf }: Pick<Addressing, 'baseOf'>) {
  const optionsFor = (context: Context): CookieOptions => ({
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    ...(isPlainLoopback(baseOf(context.req.raw)) ? {} : { secure: true, prefix: 'host' }),
  });
  const idOf = (context: Context) => {
    const { prefix } = optionsFor(context);
    return prefix === undefined ? getCookie(context, COOKIE) : getCookie(context, COOKIE, prefix);
  };
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
      const before = idOf(context);
      if (before !== undefined) await endSession(deps, before);
      setCookie(context, COOKIE, begun.id, { ...optionsFor(context), expires: new Date(begun.expiresAt) });
      return true;
    },

    /** Who is signed in, with what the token allows; undefined where nobody is, or no longer. */
    async callerOf(context: Context): Promise<Caller | undefined> {
      const id = idOf(context);
      return id === undefined ? undefined : resumeSession(deps, id);
    },

    /** Signs out: the session ends here as well as in the browser. */
    async signOut(context: Context): Promise<void> {
      const id = idOf(context);
      if (id !== undefined) await endSession(deps, id);
      deleteCookie(context, COOKIE, optionsFor(context));
    },
  };
}

/** Browsers take no `Secure` cookie from `http://localhost`, or not all of them do; and nobody listens in between. */
function isPlainLoopback(base: string): boolean {
  const { protocol, hostname } = new URL(base);
  return protocol === 'http:' && /^(?:(?:.+\.)?localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}
