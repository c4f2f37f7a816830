import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { CookieOptions } from 'hono/utils/cookie';
import type { Addressing } from './base-url.ts';

/**
 * Cookies that no script can read (`HttpOnly`), no other site's form brings (`SameSite=Lax`), and no other host or plain connection
 * can have set (`__Host-`). On loopback alone they go without TLS.
 */
export function browserCookies({ baseOf }: Pick<Addressing, 'baseOf'>) {
  const optionsFor = (context: Context): CookieOptions => ({
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    ...(isPlainLoopback(baseOf(context.req.raw)) ? {} : { secure: true, prefix: 'host' }),
  });
  return {
    /** The value of a cookie that the browser has brought. */
    read(context: Context, name: string): string | undefined {
      const { prefix } = optionsFor(context);
      return prefix === undefined ? getCookie(context, name) : getCookie(context, name, prefix);
    },

    /** Sets a cookie, until a time or, where none is named, until the browser is closed. */
    write(
      context: Context,
      name: string,
      { value, expires }: { readonly value: string; readonly expires?: Date },
    ): void {
      setCookie(context, name, value, { ...optionsFor(context), ...(expires === undefined ? {} : { expires }) });
    },

    remove(context: Context, name: string): void {
      deleteCookie(context, name, optionsFor(context));
    },
  };
}

/** Browsers take no `Secure` cookie from `http://localhost`, or not all of them do; and nobody listens in between. */
function isPlainLoopback(base: string): boolean {
  const { protocol, hostname } = new URL(base);
  return protocol === 'http:' && /^(?:(?:.+\.)?localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}
