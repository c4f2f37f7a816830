import type { Context } from 'hono';
import type { Addressing } from '../base-url.ts';
import { browserCookies } from '../cookies.ts';

/** What the page after a form says of it: that it was done, or why it was not. */
export type Flash = { readonly kind: 'done' | 'refused'; readonly text: string };

const COOKIE = 'flash';
const TEXT_MAX_CHARACTERS = 400;

/** Sentences that outlive one redirect, in a cookie; they are shown once. */
export function flashes({ baseOf }: Pick<Addressing, 'baseOf'>) {
  const cookies = browserCookies({ baseOf });
  return {
    say(context: Context, { kind, text }: Flash): void {
      cookies.write(context, COOKIE, { value: `${kind}.${text.slice(0, TEXT_MAX_CHARACTERS).toWellFormed()}` });
    },

    /** What is to be said, where anything is; it is not said again. A page that a script asks for, to renew another one, is not where it is read. */
    take(context: Context): Flash | undefined {
      const value = cookies.read(context, COOKIE);
      if (value === undefined || context.req.header('sec-fetch-mode') === 'cors') return undefined;
      cookies.remove(context, COOKIE);
      const [, kind, text] = /^(done|refused)\.(.+)$/s.exec(value) ?? [];
      return text === undefined ? undefined : { kind: kind === 'done' ? 'done' : 'refused', text };
    },
  };
}
