import type { Context, Hono } from 'hono';
import { HonoBase } from 'hono/hono-base';
import { requestId } from 'hono/request-id';
import { TrieRouter } from 'hono/router/trie-router';
import type { BlankEnv } from 'hono/types';
import type { AboutDeps } from '../../actions/abouts.ts';
import { notFound } from '../../actions/directory.ts';
import type { NamespaceListDeps } from '../../actions/namespaces.ts';
import type { RecentDeps } from '../../actions/recent.ts';
import type { SessionDeps } from '../../actions/sessions.ts';
import type { OverviewDeps } from '../../actions/verdict-overview.ts';
import type { SharedWebDeps } from '../app.ts';
import { addressing } from '../base-url.ts';
import { refuseNoForm } from '../form.ts';
import { securityHeaders } from '../security-headers.ts';
import { browserSessions } from '../session.ts';
import { readAssets } from './assets.ts';
import { deliveryRoutes } from './delivery.ts';
import { eventRoutes } from './event.ts';
import { eventListRoutes } from './events.ts';
import { flashes } from './flash.ts';
import { logRoutes } from './log.ts';
import { namespaceListRoutes } from './namespaces.ts';
import { type PageDeps, type PageRoute, visitOf } from './pages.ts';
import { problemOf, problemPage } from './problems.ts';
import { signInRoutes } from './sign-in.ts';
import { createRoutes } from './webhook/create.ts';
import { deleteRoutes } from './webhook/delete.ts';
import { overviewRoutes } from './webhook/overview.ts';
import { pauseRoutes } from './webhook/pause.ts';
import { recoveryRoutes } from './webhook/recoveries.ts';
import { settingsRoutes } from './webhook/settings.ts';
import { switchRoutes } from './webhook/switches.ts';
import { testRoutes } from './webhook/test.ts';
import { webhookListRoutes } from './webhooks.ts';

export type ConsoleDeps = SharedWebDeps &
  SessionDeps &
  RecentDeps &
  AboutDeps &
  OverviewDeps &
  NamespaceListDeps & {
    /** Whether the operator lets webhooks go without checking their receivers' certificates. */
    readonly allowInsecureTls: boolean;
  };

/** What the pages are made of. */
type ConsolePageDeps = ConsoleDeps & PageDeps;

/** The web console: pages over `Request` and `Response`, all below `/console`, which do and show what the API does. */
export function consoleApp(deps: ConsoleDeps): Hono {
  const at = addressing(deps.publicUrl);
  const assets = readAssets();
  const browsers = browserSessions(deps, at);
  const pageDeps: ConsolePageDeps = { ...deps, browsers, assets, addressing: at, flashes: flashes(at) };
  // A router that is ready at once, as in `web/app.ts`, and to which a slash at the end is another path.
  const app = new HonoBase<BlankEnv>({ router: new TrieRouter(), getPath: at.routingPath });
  app.use(requestId({ limitLength: 0, generator: deps.randomId }));
  app.use(securityHeaders((request) => at.baseOf(request).startsWith('https:')));
  app.onError((error, context) => answerProblem(pageDeps, error, context));
  app.notFound((context) => answerProblem(pageDeps, notFound(), context));
  app.get('/console/assets/:name', (context) => {
    const answer = assets.answer(context, context.req.param('name'));
    if (answer === undefined) throw notFound();
    return answer;
  });
  app.use('/console/*', browsers.refuseOtherSites);
  app.use('/console/*', async (context, next) => {
    const { method, raw, url } = context.req;
    if (method === 'POST') refuseNoForm(raw);
    // Whoever typed it meant the page; whether there is one is said there, to whoever may know.
    else if (new URL(url).pathname.endsWith('/')) return context.redirect(withoutSlash(at.publicPath(raw)), 303);
    return next();
  });
  for (const { method, path, handle } of routes(pageDeps)) app.on(method, `/console${path}`, handle);
  return app;
}

/** Every page. Of two that match a path, the first is meant. */
function routes(deps: ConsolePageDeps): readonly PageRoute[] {
  return [
    ...signInRoutes(deps),
    ...namespaceListRoutes(deps),
    ...webhookListRoutes(deps),
    ...createRoutes(deps),
    ...overviewRoutes(deps),
    ...logRoutes(deps),
    ...deliveryRoutes(deps),
    ...settingsRoutes(deps),
    ...deleteRoutes(deps),
    ...switchRoutes(deps),
    ...pauseRoutes(deps),
    ...testRoutes(deps),
    ...recoveryRoutes(deps),
    ...eventListRoutes(deps),
    ...eventRoutes(deps),
  ];
}

/** Character by character: a pattern would try each of thousands of slashes, for anybody. */
function withoutSlash(path: string): string {
  const [page = '', ...query] = path.split('?');
  let end = page.length;
  while (page[end - 1] === '/') end -= 1;
  return [page.slice(0, end), ...query].join('?');
}

/** A page in place of what went wrong. Of our own mistakes the log has the cause, by the id of the request. */
async function answerProblem(deps: ConsolePageDeps, error: Error, context: Context): Promise<Response> {
  const id = context.get('requestId');
  const problem = problemOf(error, id);
  if (problem.isBug) deps.onBug(error, id);
  const visit = visitOf(deps, context, problem.isBug ? undefined : await deps.browsers.callerOf(context));
  const back = { href: visit.links.root, text: 'Go to your namespaces' };
  return visit.show(problemPage(problem, back), problem.status);
}
