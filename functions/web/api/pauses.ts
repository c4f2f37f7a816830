import { pauseWebhook, resumeWebhook } from '../../actions/pause.ts';
import type { WebhookDeps } from '../../actions/webhooks.ts';
import { RELEASES_PER_WEBHOOK_AND_RUN_MAX, REQUEST_BODY_MAX_BYTES } from '../../domain/limits.ts';
import { PauseSchema } from '../../domain/pause-input.ts';
import type { Webhook } from '../../domain/webhook.ts';
import { readJsonObject } from '../body.ts';
import { idParameter } from '../parameters.ts';
import { webhookEntity } from './entities.ts';
import { EXAMPLE_BASE, EXAMPLE_DELIVERY, EXAMPLE_NAMESPACE, EXAMPLE_WEBHOOK } from './examples.ts';
import { NAMESPACE_PATH, namespaceRoute, type Route, type RouteDeps } from './route.ts';
import { WebhookSchema } from './schemas.ts';

const PAUSE = `${NAMESPACE_PATH}/-/webhooks/:id/pause`;
/** Examples are to be tried out, and a pause ends in the future. */
const EXAMPLE_PAUSE_MS = 7 * 24 * 60 * 60 * 1000;

type Deps = RouteDeps & WebhookDeps;

/** The routes of a webhook's pause. */
export function pauseRoutes(deps: Deps): readonly Route[] {
  return [pauseRoute(deps), resumeRoute(deps)];
}

function example(pause: Webhook['pause'], atMs: number) {
  const view = { webhook: { ...EXAMPLE_WEBHOOK, pause }, lastAttempt: EXAMPLE_DELIVERY[1], atMs };
  return webhookEntity(view, EXAMPLE_NAMESPACE, EXAMPLE_BASE);
}

function pauseRoute(deps: Deps): Route {
  const sinceMs = deps.now();
  const untilMs = sinceMs + EXAMPLE_PAUSE_MS;
  return namespaceRoute(deps, {
    name: 'pauseWebhook',
    group: 'Webhooks',
    method: 'PUT',
    path: PAUSE,
    access: 'webhook:write',
    summary: 'Pauses a webhook until a time, or changes that time.',
    description: `Nothing is sent to it until then. Its deliveries are held, not dropped; then they are sent at up to ${RELEASES_PER_WEBHOOK_AND_RUN_MAX} a minute, oldest first.`,
    body: {
      schema: PauseSchema,
      example: { until: new Date(untilMs).toISOString() },
      maxBytes: REQUEST_BODY_MAX_BYTES,
    },
    answer: {
      status: 200,
      description: 'The webhook as it is now.',
      schema: WebhookSchema,
      example: example({ sinceMs, untilMs }, sinceMs),
    },
    refusals: { 409: 'The webhook is inactive, or somebody else changes it at the same time.' },
    async handle({ context, namespace, base }) {
      const of = { namespace, id: idParameter(context, 'id') };
      const view = await pauseWebhook(deps, of, await readJsonObject(context.req.raw));
      return context.json(webhookEntity(view, namespace, base));
    },
  });
}

function resumeRoute(deps: Deps): Route {
  return namespaceRoute(deps, {
    name: 'resumeWebhook',
    group: 'Webhooks',
    method: 'DELETE',
    path: PAUSE,
    access: 'webhook:write',
    summary: 'Ends the pause of a webhook. One that is not paused stays as it is.',
    description: `What was held is sent from the next minute on, up to ${RELEASES_PER_WEBHOOK_AND_RUN_MAX} a minute, oldest first.`,
    answer: {
      status: 200,
      description: 'The webhook as it is now.',
      schema: WebhookSchema,
      example: example(undefined, deps.now()),
    },
    refusals: { 409: 'Somebody else changes the webhook at the same time.' },
    async handle({ context, namespace, base }) {
      const view = await resumeWebhook(deps, { namespace, id: idParameter(context, 'id') });
      return context.json(webhookEntity(view, namespace, base));
    },
  });
}
