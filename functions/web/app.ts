import type { Hono } from 'hono';
import { Hono as QuickHono } from 'hono/quick';
import { requestId } from 'hono/request-id';
import type { DeliveryDeps } from '../actions/deliveries.ts';
import { type DirectoryDeps, notFound } from '../actions/directory.ts';
import type { EventDeps } from '../actions/events.ts';
import type { IntakeDeps } from '../actions/intake.ts';
import type { PingDeps } from '../actions/ping.ts';
import type { RecoveryDeps } from '../actions/recoveries.ts';
import type { RedeliverDeps } from '../actions/redeliver.ts';
import type { WebhookDeps } from '../actions/webhooks.ts';
import { addRoutes } from './api/add-routes.ts';
import { catalogueRoute } from './api/catalogue.ts';
import { deliveryRoutes } from './api/deliveries.ts';
import { directoryRoutes } from './api/directory.ts';
import { eventIntakeRoute } from './api/event-intake.ts';
import { eventRoutes } from './api/events.ts';
import { pauseRoutes } from './api/pauses.ts';
import { recoveryRoutes } from './api/recoveries.ts';
import type { Route } from './api/route.ts';
import { webhookRoutes } from './api/webhooks.ts';
import { addressing } from './base-url.ts';
import { documentRoutes } from './openapi/routes.ts';
import { answerError, type OnBug } from './problems.ts';
import { securityHeaders } from './security-headers.ts';

export type WebDeps = SharedWebDeps & IntakeDeps;

/** What the API and the console both do their work with. */
export type SharedWebDeps = DirectoryDeps &
  WebhookDeps &
  DeliveryDeps &
  RedeliverDeps &
  RecoveryDeps &
  EventDeps &
  PingDeps & {
    /** What the URLs in answers begin with; empty where each request says itself where it was sent to. */
    readonly publicUrl: string;
    readonly onBug: OnBug;
    /** Also what requests are named by, in answers and in the operator's log. */
    readonly randomId: () => string;
  };

/** The web application: the REST API, with its document, over `Request` and `Response`. */
export function webApp(deps: WebDeps): Hono {
  const at = addressing(deps.publicUrl);
  // Its router is ready at once: the usual one makes one expression of all routes first, which most processes live too short for.
  const app = new QuickHono({ getPath: at.routingPath });
  // The name is ours alone: of those that callers send, which may be of any length, none is short enough.
  app.use(requestId({ limitLength: 0, generator: deps.randomId }));
  app.use(securityHeaders((request) => at.baseOf(request).startsWith('https:')));
  app.onError((error, context) => answerError(error, context, deps.onBug));
  app.notFound((context) => answerError(notFound(), context, deps.onBug));
  const routes = apiRoutes({ ...deps, addressing: at });
  app.get('/', (context) => context.redirect(`${at.baseOf(context.req.raw)}/console`, 302));
  addRoutes(app, [...routes, ...documentRoutes({ addressing: at }, routes)]);
  return app;
}

/** Every route of the REST API, in the order in which they are documented. */
function apiRoutes(deps: WebDeps & { readonly addressing: ReturnType<typeof addressing> }): readonly Route[] {
  return [
    ...webhookRoutes(deps),
    ...pauseRoutes(deps),
    ...deliveryRoutes(deps),
    ...recoveryRoutes(deps),
    ...eventRoutes(deps),
    eventIntakeRoute(deps),
    catalogueRoute(deps),
    ...directoryRoutes(deps),
  ];
}
