import type { Context } from 'hono';
import { type DeliveryDeps, type DeliveryFilter, listDeliveries, showDelivery } from '../../actions/deliveries.ts';
import { notFound } from '../../actions/directory.ts';
import { cancelRetries, type RedeliverDeps, redeliver } from '../../actions/redeliver.ts';
import { EVENT_TYPES } from '../../domain/catalogue.ts';
import { DELIVERY_STATUSES } from '../../domain/delivery.ts';
import { RefusalError } from '../../domain/errors.ts';
import { isUuid } from '../../domain/id.ts';
import { instantOf } from '../../domain/timestamp.ts';
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
        const page = { limit: pageLimit(context), before: pageCursor(context, isUuid), filter: readFilter(context) };
        const of = { namespace, webhookId: idParameter(context, 'id') };
        const { deliveries, next } = await listDeliveries(deps, of, page);
        if (next !== undefined) linkNext(context, next);
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

/** The filters of a list: `status`, `event`, `since` and `until`. */
function readFilter(context: Context): DeliveryFilter {
  const status = oneOf(context, 'status', DELIVERY_STATUSES);
  const type = oneOf(context, 'event', EVENT_TYPES);
  return { status, type, sinceMs: time(context, 'since'), untilMs: time(context, 'until') };
}

function oneOf<T extends string>(context: Context, name: string, values: readonly T[]): T | undefined {
  const text = context.req.query(name);
  const value = values.find((one) => one === text);
  if (text !== undefined && value === undefined) {
    throw new RefusalError('invalid_parameter', `${name} must be one of ${values.join(', ')}`);
  }
  return value;
}

function time(context: Context, name: string): number | undefined {
  const text = context.req.query(name);
  const instant = text === undefined ? undefined : instantOf(text);
  if (text !== undefined && instant === undefined) {
    throw new RefusalError('invalid_parameter', `${name} must be a time such as 2026-11-23T12:00:00Z`);
  }
  return instant === undefined ? undefined : Date.parse(instant);
}

function deliveryOf({ context, namespace }: NamespaceRequest) {
  const deliveryId = context.req.param('delivery') ?? '';
  if (!isUuid(deliveryId)) throw notFound();
  return { namespace, webhookId: idParameter(context, 'id'), deliveryId };
}

function logUrl({ namespace, origin }: NamespaceRequest, webhookId: number): string {
  return `${webhookUrl(namespace, webhookId, origin)}/deliveries`;
}
