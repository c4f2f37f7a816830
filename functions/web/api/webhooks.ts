import * as v from 'valibot';
import { type PingDeps, ping } from '../../actions/ping.ts';
import {
  changeWebhook,
  createWebhook,
  deleteWebhook,
  listWebhooks,
  showWebhook,
  type WebhookDeps,
} from '../../actions/webhooks.ts';
import { REQUEST_BODY_MAX_BYTES, WEBHOOKS_PER_NAMESPACE_MAX } from '../../domain/limits.ts';
import { parsePing, WebhookChangeSchema, WebhookDraftSchema, WebhookPingSchema } from '../../domain/webhook-input.ts';
import { readJsonObject } from '../body.ts';
import { linkNeighbours, pageQuery, pageRequest } from '../page.ts';
import { idParameter } from '../parameters.ts';
import { pageThatFits } from './answer-size.ts';
import { namespaceUrl, webhookEntity, webhookUrl } from './entities.ts';
import { EXAMPLE_BASE, EXAMPLE_DELIVERY, EXAMPLE_NAMESPACE, EXAMPLE_WEBHOOK } from './examples.ts';
import { DeliveryReferenceSchema } from './log-schemas.ts';
import { NAMESPACE_PATH, namespaceRoute, type Route, type RouteDeps } from './route.ts';
import { type WebhookEntity, WebhookSchema } from './schemas.ts';

const WEBHOOKS = `${NAMESPACE_PATH}/-/webhooks`;
const WEBHOOK = `${WEBHOOKS}/:id`;
const EXAMPLE = webhookEntity(
  { webhook: EXAMPLE_WEBHOOK, lastAttempt: EXAMPLE_DELIVERY[1], atMs: Date.parse('2026-03-09T14:10:00Z') },
  EXAMPLE_NAMESPACE,
  EXAMPLE_BASE,
);
const NEW = { ...EXAMPLE, last_response: null };

type Deps = RouteDeps & WebhookDeps & PingDeps;

/** The routes of a namespace's webhooks (contract, section 4). */
export function webhookRoutes(deps: Deps): readonly Route[] {
  return [listRoute(deps), createRoute(deps), showRoute(deps), changeRoute(deps), deleteRoute(deps), pingRoute(deps)];
}

function listRoute(deps: Deps): Route {
  return namespaceRoute(deps, {
    name: 'listWebhooks',
    group: 'Webhooks',
    method: 'GET',
    path: WEBHOOKS,
    access: 'webhook:read',
    summary: 'The webhooks of a namespace, by id.',
    query: pageQuery('[1-9]\\d{0,14}'),
    answer: { status: 200, description: 'Webhooks.', schema: v.array(WebhookSchema), example: [EXAMPLE], isPage: true },
    async handle({ context, namespace, query, base }) {
      const page = pageRequest(query);
      const { views, ...read } = await listWebhooks(deps, namespace, page);
      const all = views.map((view) => webhookEntity(view, namespace, base));
      // Each has its namespace in it, and all that are above that.
      const fits = { cursor: page.cursor, positionOf: ({ id }: WebhookEntity) => `${id}` };
      const { rows, ...neighbours } = pageThatFits({ rows: all, ...read }, fits);
      linkNeighbours(context, `${namespaceUrl(namespace, base)}/-/webhooks`, neighbours);
      return context.json(rows);
    },
  });
}

function createRoute(deps: Deps): Route {
  return namespaceRoute(deps, {
    name: 'createWebhook',
    group: 'Webhooks',
    method: 'POST',
    path: WEBHOOKS,
    access: 'webhook:write',
    summary: 'Creates a webhook.',
    description:
      'It is called for all events, those of later releases included, unless `events` names some. A secret of 16 bytes or more is advised.',
    body: {
      schema: WebhookDraftSchema,
      example: {
        payload_url: 'https://receiver.example/hook',
        secret: 'correct horse battery staple',
        events: ['images'],
      },
      maxBytes: REQUEST_BODY_MAX_BYTES,
    },
    answer: { status: 201, description: 'The webhook.', schema: WebhookSchema, example: NEW, hasLocation: true },
    refusals: {
      409: `The namespace has ${WEBHOOKS_PER_NAMESPACE_MAX} webhooks, or many others create some at the same time.`,
    },
    async handle({ context, caller, namespace, base }) {
      const body = await readJsonObject(context.req.raw);
      const view = await createWebhook(deps, { caller, namespace }, body);
      const entity = webhookEntity(view, namespace, base);
      return context.json(entity, 201, { location: entity.url });
    },
  });
}

function showRoute(deps: Deps): Route {
  return namespaceRoute(deps, {
    name: 'showWebhook',
    group: 'Webhooks',
    method: 'GET',
    path: WEBHOOK,
    access: 'webhook:read',
    summary: 'A webhook.',
    answer: { status: 200, description: 'The webhook.', schema: WebhookSchema, example: EXAMPLE },
    async handle({ context, namespace, base }) {
      const view = await showWebhook(deps, namespace, idParameter(context, 'id'));
      return context.json(webhookEntity(view, namespace, base));
    },
  });
}

function changeRoute(deps: Deps): Route {
  return namespaceRoute(deps, {
    name: 'changeWebhook',
    group: 'Webhooks',
    method: 'PATCH',
    path: WEBHOOK,
    access: 'webhook:write',
    summary: 'Changes what is named of a webhook.',
    description:
      'What is omitted keeps its value. An empty list of `events` means all; `remove_secret` removes the secret. Naming `active`, or another `payload_url`, starts the webhook over: what failed before counts no more.',
    body: { schema: WebhookChangeSchema, example: { active: false }, maxBytes: REQUEST_BODY_MAX_BYTES },
    answer: { status: 200, description: 'The webhook as it is now.', schema: WebhookSchema, example: EXAMPLE },
    refusals: { 409: 'Somebody else changes the webhook at the same time.' },
    async handle({ context, namespace, base }) {
      const of = { namespace, id: idParameter(context, 'id') };
      const view = await changeWebhook(deps, of, await readJsonObject(context.req.raw));
      return context.json(webhookEntity(view, namespace, base));
    },
  });
}

function deleteRoute(deps: Deps): Route {
  return namespaceRoute(deps, {
    name: 'deleteWebhook',
    group: 'Webhooks',
    method: 'DELETE',
    path: WEBHOOK,
    access: 'webhook:delete',
    summary: 'Deletes a webhook, and cancels what is still to come of its deliveries.',
    answer: { status: 204, description: 'It is deleted.' },
    refusals: { 409: 'Somebody else changes the webhook at the same time.' },
    async handle({ context, namespace }) {
      await deleteWebhook(deps, { namespace, id: idParameter(context, 'id') });
      return context.body(null, 204);
    },
  });
}

function pingRoute(deps: Deps): Route {
  const id = EXAMPLE_DELIVERY[0].deliveryId;
  return namespaceRoute(deps, {
    name: 'pingWebhook',
    group: 'Webhooks',
    method: 'POST',
    path: `${WEBHOOK}/pings`,
    access: 'webhook:write',
    summary: 'Tries a webhook out with the sample of an event type.',
    description: 'The delivery is marked as a test, goes to this webhook alone, and whatever it subscribes to.',
    body: { schema: WebhookPingSchema, example: { event: 'images' }, maxBytes: REQUEST_BODY_MAX_BYTES },
    answer: {
      status: 202,
      description: 'The delivery, which will be in the log after its first attempt.',
      schema: DeliveryReferenceSchema,
      example: { id, url: `${EXAMPLE.url}/deliveries/${id}` },
    },
    refusals: { 409: 'The webhook is inactive or paused.' },
    async handle({ context, namespace, base }) {
      const which = { namespace, webhookId: idParameter(context, 'id') };
      const id = await ping(deps, which, parsePing(await readJsonObject(context.req.raw)));
      return context.json({ id, url: `${webhookUrl(namespace, which.webhookId, base)}/deliveries/${id}` }, 202);
    },
  });
}
