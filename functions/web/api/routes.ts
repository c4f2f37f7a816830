import type { Context, Hono } from 'hono';
import { authenticate, type Caller, type DirectoryDeps, notFound, reachNamespace } from '../../actions/directory.ts';
import { isNamespacePath, isUsername, type Namespace } from '../../domain/namespace.ts';
import type { Scope } from '../../domain/token.ts';

/** What a handler of a namespace's route is given: whoever calls may do this here. */
export type NamespaceRequest = {
  readonly context: Context;
  readonly caller: Caller;
  readonly namespace: Namespace;
  /** Where the API stands, for absolute URLs: scheme and host of this request. */
  readonly origin: string;
};

/** A row of the table of routes. `path` is what follows `/n/:username/:path/-`; the scope stands beside it, in plain sight. */
export type NamespaceRoute = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly scope: Scope;
  readonly handle: (request: NamespaceRequest) => Promise<Response>;
};

/** Puts namespace routes into an application; each asks for its scope and its namespace before its handler runs. */
export function addNamespaceRoutes(app: Hono, deps: DirectoryDeps, routes: readonly NamespaceRoute[]): void {
  for (const { method, path, scope, handle } of routes) {
    app.on(method, `/n/:username/:path/-${path}`, async (context) => {
      const caller = await authenticate(deps, bearerToken(context), scope);
      const namespace = await reachNamespace(deps, caller, namespaceName(context));
      return handle({ context, caller, namespace, origin: new URL(context.req.url).origin });
    });
  }
}

/** The namespace that a path names. What is no name names nothing: the table would refuse a key that is made of it. */
export function namespaceName(context: Context) {
  const { username = '', path = '' } = context.req.param();
  if (!isUsername(username) || !isNamespacePath(path)) throw notFound();
  return { username, path };
}

/** A path parameter that is an id: a whole number from 1 that a number holds exactly. What is none names nothing. */
export function idParameter(context: Context, name: string): number {
  const text = context.req.param(name) ?? '';
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(id)) throw notFound();
  return id;
}

/** The token of a request's `Authorization` header (RFC 6750). */
export function bearerToken(context: Context): string | undefined {
  return /^Bearer ([^\s]+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
}
