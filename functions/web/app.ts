import { Hono } from 'hono';
import type { DeliveryDeps } from '../actions/deliveries.ts';
import { type DirectoryDeps, notFound } from '../actions/directory.ts';
import type { EventDeps } from '../actions/events.ts';
import type { IntakeDeps } from '../actions/intake.ts';
import type { PingDeps } from '../actions/ping.ts';
import type { RedeliverDeps } from '../actions/redeliver.ts';
import type { WebhookDeps } from '../actions/webhooks.ts';
import { addCatalogueRoutes } from './api/catalogue.ts';
import { deliveryRoutes } from './api/deliveries.ts';
import { addDirectoryRoutes } from './api/directory.ts';
import { addEventIntakeRoute } from './api/event-intake.ts';
import { eventRoutes } from './api/events.ts';
import { addNamespaceRoutes } from './api/routes.ts';
import { webhookRoutes } from './api/webhooks.ts';
import { answerError } from './problems.ts';
import { routingPath } from './routing-path.ts';

export type WebDeps = DirectoryDeps &
  WebhookDeps &
  DeliveryDeps &
  RedeliverDeps &
  EventDeps &
  IntakeDeps &
  PingDeps & { readonly onBug: (error: Error) => void };

/** The web application: the REST API over `Request` and `Response`. */
export function webApp(deps: WebDeps): Hono {
  const app = new Hono({ getPath: routingPath });
  app.onError((error, context) => answerError(error, context, deps.onBug));
  app.notFound((context) => answerError(notFound(), context, deps.onBug));
  addNamespaceRoutes(app, deps, [...webhookRoutes(deps), ...deliveryRoutes(deps), ...eventRoutes(deps)]);
  addDirectoryRoutes(app, deps);
  addCatalogueRoutes(app, deps);
  addEventIntakeRoute(app, deps);
  return app;
}
