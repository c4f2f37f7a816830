import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { deadLetterHandler } from '../../functions/dead-letter.ts';
import { deliverHandler } from '../../functions/deliver.ts';
import { ingestHandler } from '../../functions/ingest.ts';
import { recoverHandler } from '../../functions/recover.ts';
import { retryHandler } from '../../functions/retry.ts';
import { consoleDeps } from '../../functions/runtime/console-deps.ts';
import { deadLetterDeps, deliverDeps, ingestDeps, recoverDeps, retryDeps } from '../../functions/runtime/deps.ts';
import { log } from '../../functions/runtime/log.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { webApp } from '../../functions/web/app.ts';
import { addressing } from '../../functions/web/base-url.ts';
import { consoleApp } from '../../functions/web/console/app.ts';
import { securityHeaders } from '../../functions/web/security-headers.ts';
import { FUNCTIONS, type FunctionOf } from '../functions.ts';
import { busApp } from './bus.ts';
import type { Engines } from './engines.ts';
import { healthApp } from './health.ts';
import { inboxApp } from './inbox.ts';
import { type Running, schedule } from './lambda.ts';
import { serveLocally } from './serve.ts';

/** Batches that are worked on at once to begin with: on two processors neither fewer nor more get as much done. */
const CONCURRENCY: Readonly<Record<FunctionOf<'queue'>, number>> = { ingest: 3, deliver: 8, 'dead-letter': 1 };
const MINUTE_MS = 60_000;

export type System = { readonly url: string; readonly port: number; readonly stop: () => Promise<void> };

/** Runs all functions over the engines, and serves the API, the bus, the inbox and `/health` on one port of loopback. */
export async function startSystem(
  engines: Engines,
  options: { readonly port: number; readonly inboxSecret: string },
): Promise<System> {
  const { settings, world } = engines;
  const app = new Hono();
  const { baseOf, routingPath } = addressing(settings.PUBLIC_URL);
  app.use(securityHeaders((request) => baseOf(request).startsWith('https:')));
  app.onError((error, context) => {
    if (error instanceof HTTPException) return error.getResponse();
    log.error('A page failed', { error });
    return context.json({ message: 'Something went wrong on our side' }, 500);
  });
  app.route('/', healthApp(engines));
  app.route('/', inboxApp({ secret: options.inboxSecret, now: world.now }));
  app.route('/', busApp({ events: engines.events, now: world.now }));
  const web = webApp(apiDeps(settings, world));
  const pages = consoleApp(consoleDeps(settings, world));
  // Handed on whole, not mounted: the web applications find their routes in their own way.
  app.all('*', ({ req: { raw } }) => (isOfConsole(routingPath(raw)) ? pages : web).fetch(raw));
  const served = await serveLocally(app, options.port, settings.PUBLIC_URL);
  const functions = runFunctions(engines);
  return {
    url: `http://localhost:${served.port}`,
    port: served.port,
    async stop() {
      await Promise.all(functions.map((one) => one.stop()));
      await served.stop();
    },
  };
}

/** As the routes of the gateway have it. */
function isOfConsole(path: string): boolean {
  return path === '/console' || path.startsWith('/console/');
}

/** All functions but those that answer requests, each run by what it is run by on AWS. */
function runFunctions({ settings, world, queueUrl, map }: Engines): readonly Running[] {
  const onError = (error: Error) => log.error('A function failed', { error });
  const ofQueues = {
    ingest: ingestHandler(ingestDeps(settings, world)),
    deliver: deliverHandler(deliverDeps(settings, world)),
    'dead-letter': deadLetterHandler(deadLetterDeps(settings, world)),
  } satisfies Record<FunctionOf<'queue'>, unknown>;
  const ofSchedules = {
    retry: retryHandler(retryDeps(settings, world)),
    recover: recoverHandler(recoverDeps(settings, world)),
  } satisfies Record<FunctionOf<'schedule'>, unknown>;
  return [
    ...namesOf(ofQueues).map((name) => {
      const { queue: queueName, maximumConcurrency } = FUNCTIONS[name].trigger;
      return map({
        onError,
        queueUrl: queueUrl(queueName),
        handler: ofQueues[name],
        concurrency: CONCURRENCY[name],
        maximumConcurrency,
      });
    }),
    ...namesOf(ofSchedules).map((name) =>
      schedule(ofSchedules[name], { everyMs: FUNCTIONS[name].trigger.everyMinutes * MINUTE_MS, onError }),
    ),
  ];
}

function namesOf<Name extends string>(handlers: Readonly<Record<Name, unknown>>): readonly Name[] {
  return Object.keys(handlers) as Name[];
}
