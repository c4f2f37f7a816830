import { type PingDeps, ping } from '../../actions/ping.ts';
import {
  changeWebhook,
  createWebhook,
  deleteWebhook,
  listWebhooks,
  showWebhook,
  type WebhookDeps,
} from '../../actions/webhooks.ts';
import { parsePing } from '../../domain/webhook-input.ts';
import { readJsonObject } from '../body.ts';
import { linkNext, pageCursor, pageLimit } from '../page.ts';
import { webhookEntity, webhookUrl } from './entities.ts';
import { idParameter, type NamespaceRoute } from './routes.ts';

/** The routes of a namespace's webhooks (contract, section 4). */
export function webhookRoutes(deps: WebhookDeps & PingDeps): readonly NamespaceRoute[] {
  return [
    {
      method: 'GET',
      path: '/webhooks',
      scope: 'webhook:read',
      async handle({ context, namespace, origin }) {
        const limit = pageLimit(context);
        const afterId = Number(pageCursor(context, isWebhookCursor) ?? 0);
        const { views, hasMore } = await listWebhooks(deps, namespace, { afterId, limit });
        const last = views.at(-1);
        if (hasMore && last) linkNext(context, last.webhook.id.toString());
        return context.json(views.map((view) => webhookEntity(view, namespace, origin)));
      },
    },
    {
      method: 'POST',
      path: '/webhooks',
      scope: 'webhook:write',
      async handle({ context, caller, namespace, origin }) {
        const body = await readJsonObject(context.req.raw);
        const view = await createWebhook(deps, { caller, namespace }, body);
        return context.json(webhookEntity(view, namespace, origin), 201);
      },
    },
    {
      method: 'GET',
      path: '/webhooks/:id',
      scope: 'webhook:read',
      async handle({ context, namespace, origin }) {
        const view = await showWebhook(deps, namespace, idParameter(context, 'id'));
        return context.json(webhookEntity(view, namespace, origin));
      },
    },
    {
      method: 'PATCH',
      path: '/webhooks/:id',
      scope: 'webhook:write',
      async handle({ context, namespace, origin }) {
        const of = { namespace, id: idParameter(context, 'id') };
        const view = await changeWebhook(deps, of, await readJsonObject(context.req.raw));
        return context.json(webhookEntity(view, namespace, origin));
      },
    },
    {
      method: 'DELETE',
      path: '/webhooks/:id',
      scope: 'webhook:delete',
      async handle({ context, namespace }) {
        await deleteWebhook(deps, { namespace, id: idParameter(context, 'id') });
        return context.body(null, 204);
      },
    },
    {
      method: 'POST',
      path: '/webhooks/:id/pings',
      scope: 'webhook:write',
      async handle({ context, namespace, origin }) {
        const which = { namespace, webhookId: idParameter(context, 'id') };
        const id = await ping(deps, which, parsePing(await readJsonObject(context.req.raw)));
        return context.json({ id, url: `${webhookUrl(namespace, which.webhookId, origin)}/deliveries/${id}` }, 202);
      },
    },
  ];
}

function isWebhookCursor(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}
