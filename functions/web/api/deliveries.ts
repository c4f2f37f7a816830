import { type DeliveryDeps, listDeliveries, showDelivery } from '../../actions/deliveries.ts';
import { notFound } from '../../actions/directory.ts';
import { isUuid } from '../../domain/id.ts';
import { linkNext, pageCursor, pageLimit } from '../page.ts';
import { deliveryEntity, deliverySummary, webhookUrl } from './entities.ts';
import { idParameter, type NamespaceRequest, type NamespaceRoute } from './routes.ts';

/** The routes of a webhook's deliveries: the log. */
export function deliveryRoutes(deps: DeliveryDeps): readonly NamespaceRoute[] {
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
        const { context, namespace } = request;
        const deliveryId = context.req.param('delivery') ?? '';
        if (!isUuid(deliveryId)) throw notFound();
        const of = { namespace, webhookId: idParameter(context, 'id') };
        const { delivery, payload } = await showDelivery(deps, of, deliveryId);
        return context.json(deliveryEntity(delivery, payload, logUrl(request, of.webhookId)));
      },
    },
  ];
}

function logUrl({ namespace, origin }: NamespaceRequest, webhookId: number): string {
  return `${webhookUrl(namespace, webhookId, origin)}/deliveries`;
}
