import { createToken } from '../../functions/actions/accounts.ts';
import { SCOPES, type Scope } from '../../functions/domain/token.ts';
import type { EnvOf } from '../../functions/runtime/env.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { webApp } from '../../functions/web/app.ts';
import { deploy } from '../support/deployment.ts';

/** The REST API over a deployment in memory. */
export type Api = Awaited<ReturnType<typeof openApi>>;

export type Call = {
  readonly method?: string;
  /** A token, or null for none; the owner's, with all scopes, where nothing is said. */
  readonly token?: string | null;
  /** Sent as it is where it is text, else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

export const ORIGIN = 'https://ci.example';
/** The webhooks of the deployment's own namespace. */
export const WEBHOOKS = '/n/admin/demo/-/webhooks';

/**
 * Deploys, and answers the application behind a function that calls it; `bugs` is what it answered 500 to. `different` are settings
 * of the application that are to be others than the deployment's.
 */
export async function openApi(different: Partial<EnvOf<'api'>> = {}) {
  const deployment = await deploy();
  const bugs: Error[] = [];
  const deps = apiDeps({ ...deployment.engines.settings, ...different }, deployment.world);
  const app = webApp({ ...deps, onBug: (error) => bugs.push(error) });
  const tokenOf = async (username: string, scopes: readonly Scope[] = SCOPES): Promise<string> =>
    (await createToken(deployment.accounts, { username, name: 'test', scopes })).token;
  const ownToken = await tokenOf('admin');
  return {
    ...deployment,
    bugs,
    tokenOf,
    /** Calls the application with a request as it is. */
    request: (path: string, init: RequestInit): Promise<Response> =>
      Promise.resolve(app.request(new URL(path, ORIGIN), init)),
    async call(path: string, { method = 'GET', token = ownToken, body, headers = {} }: Call = {}): Promise<Response> {
      const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
      const content: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
      const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
      const init = { method, headers: { ...authorization, ...content, ...headers } };
      return app.request(new URL(path, ORIGIN), text === undefined ? init : { ...init, body: text });
    },
  };
}

/** The body of an answer whose status is as expected. Throws with what was answered where it is not. */
export async function read<T = Record<string, unknown>>(answer: Promise<Response>, status = 200): Promise<T> {
  const response = await answer;
  const text = await response.text();
  if (response.status !== status) throw new Error(`Answered ${response.status}, not ${status}: ${text}`);
  return JSON.parse(text) as T;
}

/** The headers of an answer that depend on what was asked: all but the name of the request. */
export function headersOf(response: Response): readonly (readonly [string, string])[] {
  return [...response.headers].filter(([name]) => name !== 'x-request-id');
}

/** Follows `Link: rel="next"`, or that of `prev`, to the end; answers the rows page by page. */
export async function followPages<T>(api: Api, path: string, relation: 'next' | 'prev' = 'next'): Promise<T[][]> {
  const pages: T[][] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const response: Response = await api.call(next);
    pages.push(await read<T[]>(Promise.resolve(response)));
    const link = response.headers.get('link')?.split(', ') ?? [];
    next = link.find((one) => one.endsWith(`; rel="${relation}"`))?.slice(1, -`>; rel="${relation}"`.length);
    if (pages.length > 100) throw new Error('The pages have no end');
  }
  return pages;
}
