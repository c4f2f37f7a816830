import * as v from 'valibot';
import { type DeliveryDeps, listDeliveries, showDelivery } from '../../actions/deliveries.ts';
import { cancelRetries, type RedeliverDeps, redeliver } from '../../actions/redeliver.ts';
import { EVENT_TYPES } from '../../domain/catalogue.ts';
import { DELIVERY_STATUSES } from '../../domain/delivery.ts';
import { UUID_PATTERN } from '../../domain/id.ts';
import { linkNeighbours, pageQuery, pageRequest } from '../page.ts';
import { uuidParameter } from '../parameters.ts';
import { oneOf, time } from '../query.ts';
import { webhookUrl } from './entities.ts';
import { EXAMPLE_BASE, EXAMPLE_DELIVERY, EXAMPLE_NAMESPACE, EXAMPLE_PAYLOAD } from './examples.ts';
import { deliveryEntity, deliverySummary } from './log-entities.ts';
import { DeliverySchema, DeliverySummarySchema } from './log-schemas.ts';
import { type Located, NAMESPACE_PATH, namespaceRoute, type Route, type RouteDeps, webhookOf } from './route.ts';

const DELIVERIES = `${NAMESPACE_PATH}/-/webhooks/:id/deliveries`;
const DELIVERY = `${DELIVERIES}/:delivery`;
const EXAMPLE_URL = `${webhookUrl(EXAMPLE_NAMESPACE, EXAMPLE_DELIVERY[0].webhookId, EXAMPLE_BASE)}/deliveries`;

type Deps = RouteDeps & DeliveryDeps & RedeliverDeps;

/** The routes of a webhook's deliveries: the log. */
export function deliveryRoutes(deps: Deps): readonly Route[] {
  return [listRoute(deps), showRoute(deps), redeliverRoute(deps), cancelRoute(deps)];
}

function listRoute(deps: Deps): Route {
  return namespaceRoute(deps, {
    name: 'listDeliveries',
    group: 'Deliveries',
    method: 'GET',
    path: DELIVERIES,
    access: 'webhook:read',
    summary: 'The deliveries of a webhook, newest first.',
    description:
      'A page may be short, even empty, and have a next one, where a filter lets little through. A delivery is in the log from its first attempt on.',
    query: {
      ...pageQuery(UUID_PATTERN),
      status: oneOf('status', DELIVERY_STATUSES, 'Where deliveries stand.'),
      event: oneOf('event', EVENT_TYPES, 'Of which type their events are.'),
      since: time('since', 'Only of events from this time on.'),
      until: time('until', 'Only of events before this time.'),
    },
    answer: {
      status: 200,
      description: 'Deliveries.',
      schema: v.array(DeliverySummarySchema),
      example: [deliverySummary(EXAMPLE_DELIVERY, EXAMPLE_URL)],
      isPage: true,
    },
    async handle(request) {
      const { context, query } = request;
      const filter = { status: query.status, type: query.event, sinceMs: query.since, untilMs: query.until };
      const of = webhookOf(request);
      const { deliveries, ...neighbours } = await listDeliveries(deps, of, { ...pageRequest(query), filter });
      const url = logUrl(request, of.webhookId);
      linkNeighbours(context, url, neighbours);
      return context.json(deliveries.map((delivery) => deliverySummary(delivery, url)));
    },
  });
}

function showRoute(deps: Deps): Route {
  return namespaceRoute(deps, {
    name: 'showDelivery',
    group: 'Deliveries',
    method: 'GET',
    path: DELIVERY,
    access: 'webhook:read',
    summary: 'A delivery with its payload and its attempts, first to last.',
    answer: {
      status: 200,
      description: 'The delivery.',
      schema: DeliverySchema,
      example: deliveryEntity(EXAMPLE_DELIVERY, EXAMPLE_PAYLOAD, EXAMPLE_URL),
    },
    async handle(request) {
      const which = deliveryOf(request);
      const { delivery, payload } = await showDelivery(deps, which, which.deliveryId);
      return request.context.json(deliveryEntity(delivery, payload, logUrl(request, which.webhookId)));
    },
  });
}

function redeliverRoute(deps: Deps): Route {
  return namespaceRoute(deps, {
    name: 'redeliver',
    group: 'Deliveries',
    method: 'POST',
    path: `${DELIVERY}/attempts`,
    access: 'webhook:write',
    summary: 'Makes a delivery again, at once, under the same id and with a schedule of its own.',
    description: 'It takes no body. Of a delivery that waits for its next attempt it is that attempt.',
    answer: { status: 202, description: 'The attempt will be made.' },
    refusals: { 409: 'The webhook is inactive or paused.' },
    async handle(request) {
      await redeliver(deps, deliveryOf(request));
      return request.context.body(null, 202);
    },
  });
}

function cancelRoute(deps: Deps): Route {
  return namespaceRoute(deps, {
    name: 'cancelRetries',
    group: 'Deliveries',
    method: 'DELETE',
    path: `${DELIVERY}/retries`,
    access: 'webhook:write',
    summary: 'Cancels the attempts of a delivery that are still to come.',
    answer: { status: 204, description: 'No further attempt will be made.' },
    refusals: { 409: 'Nothing of the delivery is still to come.' },
    async handle(request) {
      await cancelRetries(deps, deliveryOf(request));
      return request.context.body(null, 204);
    },
  });
}

function deliveryOf(request: Located) {
  return { ...webhookOf(request), deliveryId: uuidParameter(request.context, 'delivery') };
}

function logUrl({ namespace, base }: Located, webhookId: number): string {
  return `${webhookUrl(namespace, webhookId, base)}/deliveries`;
}
