import type { Context } from 'hono';
import type * as v from 'valibot';
import { authenticate, type Caller, type DirectoryDeps, reachNamespace } from '../../actions/directory.ts';
import type { Namespace } from '../../domain/namespace.ts';
import type { Scope } from '../../domain/token.ts';
import type { Addressing } from '../base-url.ts';
import { idParameter, namespaceName } from '../parameters.ts';
import { type Query, type QueryEntries, readQuery } from '../query.ts';

/** Where the routes of a namespace begin. Its path contains slashes, hence the `/-/` behind it. */
export const NAMESPACE_PATH = '/n/:username/:path';

/** What a route answers when all is well. `schema` and `example` are those of its body, where it has one. */
type Answer = {
  readonly status: 200 | 201 | 202 | 204;
  readonly description: string;
  readonly schema?: v.GenericSchema;
  readonly example?: unknown;
  /** Whether it is a page of a list, with a `Link` header. */
  readonly isPage?: boolean;
  /** Whether a `Location` header says where what was made is. */
  readonly hasLocation?: boolean;
};

/** What a route does, for whoever calls it; `openapi.json` is made of these, and of the schemas that validate. */
type RouteDescription<E extends QueryEntries = QueryEntries> = {
  /** Names it in clients that are generated: a verb and a noun. */
  readonly name: string;
  readonly group: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `:parameters`, and without a base path. */
  readonly path: string;
  readonly access: Scope | 'any token' | 'everyone';
  /** One sentence. */
  readonly summary: string;
  /** What else there is to know. */
  readonly description?: string;
  readonly query?: E;
  /** Headers that mean something here. The handler reads them. */
  readonly headers?: QueryEntries;
  readonly body?: { readonly schema: v.GenericSchema; readonly example: unknown; readonly maxBytes: number };
  readonly answer: Answer;
  /** What it refuses beside what every such route refuses. */
  readonly refusals?: Readonly<Record<number, string>>;
};

/** A route, ready to be put into an application. */
export type Route = RouteDescription & { readonly handle: (context: Context) => Promise<Response> };

export type RouteDeps = DirectoryDeps & { readonly addressing: Addressing };

/** What a handler is given. `base` is where the API stands, for absolute URLs. */
export type RouteRequest<E extends QueryEntries> = {
  readonly context: Context;
  readonly query: Query<E>;
  readonly base: string;
};

/** What a handler of a token's route is given: who calls may do this. */
export type CallerRequest<E extends QueryEntries = QueryEntries> = RouteRequest<E> & { readonly caller: Caller };

/** What a handler of a namespace's route is given: who calls may do this here. */
export type NamespaceRequest<E extends QueryEntries = QueryEntries> = CallerRequest<E> & {
  readonly namespace: Namespace;
};

type Row<E extends QueryEntries, Request> = RouteDescription<E> & {
  readonly handle: (request: Request) => Promise<Response>;
};

// biome-ignore lint/complexity/noBannedTypes: the type of an object without properties, which a route without parameters has
type None = {};

/** A route for everyone. */
export function publicRoute<const E extends QueryEntries = None>(
  { addressing }: Pick<RouteDeps, 'addressing'>,
  row: Row<E, RouteRequest<E>> & { readonly access: 'everyone' },
): Route {
  return { ...row, handle: async (context) => row.handle(requestOf(context, addressing, row.query)) };
}

/** A route for whoever has a token with its scope, where it has one. */
export function tokenRoute<const E extends QueryEntries = None>(
  deps: RouteDeps,
  row: Row<E, CallerRequest<E>> & { readonly access: Scope | 'any token' },
): Route {
  return {
    ...row,
    async handle(context) {
      const caller = await authenticate(deps, bearerToken(context), scopeOf(row.access));
      return row.handle({ caller, ...requestOf(context, deps.addressing, row.query) });
    },
  };
}

/** A route of a namespace, for whoever owns it or collaborates on it and has a token with its scope. */
export function namespaceRoute<const E extends QueryEntries = None>(
  deps: RouteDeps,
  row: Row<E, NamespaceRequest<E>> & { readonly access: Scope },
): Route {
  return {
    ...row,
    async handle(context) {
      const caller = await authenticate(deps, bearerToken(context), row.access);
      const namespace = await reachNamespace(deps, caller, namespaceName(context));
      return row.handle({ caller, namespace, ...requestOf(context, deps.addressing, row.query) });
    },
  };
}

/** The webhook that the path of a namespace's route names, which may not be there. */
export function webhookOf({ context, namespace }: Located) {
  return { namespace, webhookId: idParameter(context, 'id') };
}

/** What of a request says where it leads. */
export type Located = Pick<NamespaceRequest, 'context' | 'namespace' | 'base'>;

/** Parameters that do not hold are spoken of only to those who may: access is asked for first. */
function requestOf<E extends QueryEntries>(
  context: Context,
  { baseOf }: Addressing,
  entries: E | undefined,
): RouteRequest<E> {
  const query = entries === undefined ? ({} as Query<E>) : readQuery(context, entries);
  return { context, query, base: baseOf(context.req.raw) };
}

function scopeOf(access: Scope | 'any token'): Scope | undefined {
  return access === 'any token' ? undefined : access;
}

/** The token of a request's `Authorization` header (RFC 6750). */
function bearerToken(context: Context): string | undefined {
  return /^Bearer ([^\s]+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
}
