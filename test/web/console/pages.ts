import { createToken } from '../../../functions/actions/accounts.ts';
import { SCOPES, type Scope } from '../../../functions/domain/token.ts';
import { consoleDeps } from '../../../functions/runtime/console-deps.ts';
import type { EnvOf } from '../../../functions/runtime/env.ts';
import { consoleApp } from '../../../functions/web/console/app.ts';
import { deploy } from '../../support/deployment.ts';

/** The console over a deployment in memory, called without a browser. */
export type Pages = Awaited<ReturnType<typeof openPages>>;

export const ORIGIN = 'https://ci.example';

type Visit = { readonly cookie?: string; readonly headers?: Readonly<Record<string, string>> };

/** Deploys, and answers functions that call the console. `different` are settings of it that are to be others than the deployment's. */
export async function openPages(different: Partial<EnvOf<'console'>> = {}) {
  const deployment = await deploy();
  const bugs: Error[] = [];
  const deps = consoleDeps({ ...deployment.engines.settings, ...different }, deployment.world);
  const app = consoleApp({ ...deps, onBug: (error) => bugs.push(error) });
  const get = async (path: string, { cookie = '', headers = {} }: Visit = {}): Promise<Response> =>
    app.request(new URL(path, ORIGIN), { headers: { cookie, ...headers } });
  const post = async (
    path: string,
    fields: Record<string, string> | [string, string][],
    { cookie = '', headers = {} }: Visit = {},
  ) =>
    app.request(new URL(path, ORIGIN), {
      method: 'POST',
      headers: { cookie, origin: ORIGIN, 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(fields).toString(),
    });
  const tokenOf = async (username: string, scopes: readonly Scope[] = SCOPES): Promise<string> =>
    (await createToken(deployment.accounts, { username, name: 'test', scopes })).token;
  return {
    ...deployment,
    bugs,
    /** What the console answers: every page, and what the forms are sent to. `path` has its parameters in it, such as `:id`. */
    routes: app.routes
      .filter(({ method, path }) => method !== 'ALL' && !path.startsWith('/console/assets/'))
      .map(({ method, path }) => ({ method, path })),
    /** Calls the console with a request as it is. */
    request: (path: string, init: RequestInit): Promise<Response> =>
      Promise.resolve(app.request(new URL(path, ORIGIN), init)),
    get,
    post,
    tokenOf,
    /** Signs in, and answers the cookie; as the namespace's owner with all scopes, where nothing is said. */
    async signIn(token?: string): Promise<string> {
      const answer = await post('/console/sign-in', { token: token ?? (await tokenOf('admin')), to: '' });
      const [cookie] = answer.headers.getSetCookie();
      if (cookie === undefined) throw new Error(`Signing in was answered ${answer.status}`);
      return cookie.split(';', 1)[0] ?? '';
    },
  };
}
