import type { Context } from 'hono';
import { type Caller, type DirectoryDeps, reachNamespace } from '../../actions/directory.ts';
import type { Namespace } from '../../domain/namespace.ts';
import type { Scope } from '../../domain/token.ts';
import type { Addressing } from '../base-url.ts';
import { namespaceName } from '../parameters.ts';
import type { BrowserSessions } from '../session.ts';
import type { Assets } from './assets.ts';
import type { Flash, flashes } from './flash.ts';
import { frame, type Page } from './frame.ts';
import { type Links, linksFrom } from './links.ts';
import { LacksScopeError } from './problems.ts';

/** What all pages are made with. */
export type PageDeps = DirectoryDeps & {
  readonly addressing: Addressing;
  readonly browsers: BrowserSessions;
  readonly flashes: ReturnType<typeof flashes>;
  readonly assets: Assets;
};

/** A page, or what a form of one is sent to, ready to be put into an application. */
export type PageRoute = {
  readonly method: 'GET' | 'POST';
  /** Below `/console`. */
  readonly path: string;
  readonly handle: (context: Context) => Promise<Response>;
};

/** What the handler of a page is given. */
export type Visit = {
  readonly context: Context;
  readonly links: Links;
  readonly nowMs: number;
  /** Answers a page, with what is still to be said of the form before it. */
  readonly show: (page: Page, status?: 200 | 400 | 403 | 404 | 409 | 413 | 415 | 500) => Promise<Response>;
  /** Sends the browser on to another page, which will say what was done. */
  readonly goTo: (path: string, flash?: Flash) => Response;
};

export type SignedInVisit = Visit & { readonly caller: Caller };
/** `may` says whether the token of whoever is here allows something. */
export type NamespaceVisit = SignedInVisit & { readonly namespace: Namespace; readonly may: (scope: Scope) => boolean };

/** Where the pages of a namespace begin, below `/console`. */
const NAMESPACE_PATH = '/n/:username/:path';

type Row<V> = Pick<PageRoute, 'method' | 'path'> & { readonly handle: (visit: V) => Promise<Response> | Response };

/** A page for everyone. */
export function openPage(deps: PageDeps, row: Row<Visit>): PageRoute {
  return { ...row, handle: async (context) => row.handle(visitOf(deps, context)) };
}

/** A page for whoever is signed in. Others are asked to sign in, and come back. */
export function signedInPage(deps: PageDeps, row: Row<SignedInVisit>): PageRoute {
  return {
    ...row,
    async handle(context) {
      const caller = await deps.browsers.callerOf(context);
      if (caller === undefined) return askToSignIn(deps, context);
      return row.handle({ ...visitOf(deps, context, caller), caller });
    },
  };
}

/**
 * A page of a namespace, for whoever owns it or collaborates on it, signed in with a token that has its scope. `path` is what
 * follows the namespace's.
 */
export function namespacePage(deps: PageDeps, row: Row<NamespaceVisit> & { readonly access: Scope }): PageRoute {
  return signedInPage(deps, {
    method: row.method,
    path: `${NAMESPACE_PATH}${row.path}`,
    async handle(visit) {
      const { scopes } = visit.caller;
      if (!scopes.includes(row.access)) throw new LacksScopeError(row.access);
      const namespace = await reachNamespace(deps, visit.caller, namespaceName(visit.context));
      return row.handle({ ...visit, namespace, may: (scope) => scopes.includes(scope) });
    },
  });
}

/** What a page is answered with, for whoever is here. */
export function visitOf(deps: PageDeps, context: Context, caller?: Caller): Visit {
  const links = linksFrom(deps.addressing.baseOf(context.req.raw));
  return {
    context,
    links,
    nowMs: deps.now(),
    async show(page, status = 200) {
      const flash = deps.flashes.take(context);
      const around = { links, flash, assets: deps.assets, username: caller?.user.username };
      return context.html(await frame(page, around), status, PAGE_HEADERS);
    },
    goTo(path, flash) {
      if (flash !== undefined) deps.flashes.say(context, flash);
      return context.redirect(path, 303);
    },
  };
}

/**
 * Pages run our own script and have our own style sheet, and nothing of anybody else's: what a receiver or a producer has sent stays text.
 */
const PAGE_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  // A form that comes after the session has ended says by it which page it was on.
  'referrer-policy': 'same-origin',
};

/** Whoever is not signed in, or no longer, signs in and is back where they were: on the page, or on that of the form. */
function askToSignIn({ addressing, flashes }: PageDeps, context: Context): Response {
  const links = linksFrom(addressing.baseOf(context.req.raw));
  const ask = (to: string) => context.redirect(`${links.signIn}?to=${encodeURIComponent(to)}`, 303);
  if (context.req.method !== 'POST') return ask(addressing.publicPath(context.req.raw));
  flashes.say(context, { kind: 'refused', text: SESSION_ENDED });
  const form = URL.parse(context.req.header('referer') ?? '');
  return ask(form === null ? links.root : `${form.pathname}${form.search}`);
}

const SESSION_ENDED = 'You are not signed in any more, and what you sent was not done. Sign in, and send it again.';
