import { type DeliveryDeps, listDeliveries, showDelivery } from '../../actions/deliveries.ts';
import { notFound } from '../../actions/directory.ts';
import { cancelRetries, type RedeliverDeps, redeliver } from '../../actions/redeliver.ts';
import { isUuid } from '../../domain/id.ts';
import { linkNext, pageCursor, pageLimit } from '../page.ts';
import { deliveryEntity, deliverySummary, webhookUrl } from './entities.ts';
import { idParameter, type NamespaceRequest, type NamespaceRoute } from './routes.ts';

/** The routes of a webhook's deliveries: the log. */
export function deliveryRoutes(deps: DeliveryDeps & RedeliverDeps): readonly NamespaceRoute[] {
  return [
    {
      method: 'GET',
      path: '/webhooks/:id/deliveries',
      scope: 'webhook:read',
      async handle(request) {
        const { context, namespace } = request;
        const page = { limit: pageLimit(context), before: pageCursor(context, isUuid) };
        const of = { namespace, webhookId: idParameter(context, 'id') };
        const { deliveries, hasMore } = await listDeliveries(deps, of, page);
        const last = deliveries.at(-1);
        if (hasMore && last) linkNext(context, last[0].deliveryId);
        return context.json(deliveries.map((delivery) => deliverySummary(delivery, logUrl(request, of.webhookId))));
      },
    },
    {
      method: 'GET',
      path: '/webhooks/:id/deliveries/:delivery',
      scope: 'webhook:read',
      async handle(request) {
        const which = deliveryOf(request);
        const { delivery, payload } = await showDelivery(deps, which, which.deliveryId);
        return request.context.json(deliveryEntity(delivery, payload, logUrl(request, which.webhookId)));
      },
    },
    {
      method: 'POST',
      path: '/webhooks/:id/deliveries/:delivery/attempts',
      scope: 'webhook:write',
      async handle(request) {
        await redeliver(deps, deliveryOf(request));
        return request.context.body(null, 202);
      },
    },
    {
      method: 'DELETE',
      path: '/webhooks/:id/deliveries/:delivery/retries',
      scope: 'webhook:write',
      async handle(request) {
        await cancelRetries(deps, deliveryOf(request));
        return request.context.body(null, 204);
      },
    },
  ];
}

function deliveryOf({ context, namespace }: NamespaceRequest) {
  const deliveryId = context.req.param('delivery') ?? '';
  if (!isUuid(deliveryId)) throw notFound();
  return { namespace, webhookId: idParameter(context, 'id'), deliveryId };
}

function logUrl({ namespace, origin }: NamespaceRequest, webhookId: number): string {
  return `${webhookUrl(namespace, webhookId, origin)}/deliveries`;
}
