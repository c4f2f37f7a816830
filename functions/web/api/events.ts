import * as v from 'valibot';
import { notFound } from '../../actions/directory.ts';
import { type EventDeps, listEvents, showEvent } from '../../actions/events.ts';
import { EVENT_TYPES } from '../../domain/catalogue.ts';
import { EVENT_NAME_PATTERN, readEventName } from '../../domain/event.ts';
import { linkNeighbours, pageQuery, pageRequest } from '../page.ts';
import { oneOf, time } from '../query.ts';
import { namespaceUrl } from './entities.ts';
import { EXAMPLE_BASE, EXAMPLE_DELIVERY, EXAMPLE_EVENT, EXAMPLE_NAMESPACE, EXAMPLE_PAYLOAD } from './examples.ts';
import { eventEntity, eventSummary } from './log-entities.ts';
import { EventSchema, EventSummarySchema } from './log-schemas.ts';
import { NAMESPACE_PATH, namespaceRoute, type Route, type RouteDeps } from './route.ts';

const EVENTS = `${NAMESPACE_PATH}/-/events`;

type Deps = RouteDeps & EventDeps;

/** The routes of what happened in a namespace, and of who was told of it. */
export function eventRoutes(deps: Deps): readonly Route[] {
  return [listRoute(deps), showRoute(deps)];
}

function listRoute(deps: Deps): Route {
  return namespaceRoute(deps, {
    name: 'listEvents',
    group: 'Events',
    method: 'GET',
    path: EVENTS,
    access: 'webhook:read',
    summary: 'What happened in a namespace, newest first.',
    description: 'A page may be short, even empty, and have a next one, where a filter lets little through.',
    query: {
      ...pageQuery(EVENT_NAME_PATTERN),
      event: oneOf('event', EVENT_TYPES, 'Of which type events are.'),
      since: time('since', 'Only events from this time on.'),
      until: time('until', 'Only events before this time.'),
    },
    answer: {
      status: 200,
      description: 'Events.',
      schema: v.array(EventSummarySchema),
      example: [eventSummary(EXAMPLE_EVENT, EXAMPLE_NAMESPACE, EXAMPLE_BASE)],
      isPage: true,
    },
    async handle({ context, namespace, query, base }) {
      const filter = { type: query.event, sinceMs: query.since, untilMs: query.until };
      const { events, ...neighbours } = await listEvents(deps, namespace, { ...pageRequest(query), filter });
      linkNeighbours(context, `${namespaceUrl(namespace, base)}/-/events`, neighbours);
      return context.json(events.map((event) => eventSummary(event, namespace, base)));
    },
  });
}

function showRoute(deps: Deps): Route {
  const [{ deliveryId, webhookId }] = EXAMPLE_DELIVERY;
  const verdicts = [
    { webhookId: 2, verdict: 'not_subscribed' },
    { webhookId, verdict: 'succeeded', deliveryId },
  ] as const;
  const example = { event: EXAMPLE_EVENT, payload: EXAMPLE_PAYLOAD, verdicts };
  return namespaceRoute(deps, {
    name: 'showEvent',
    group: 'Events',
    method: 'GET',
    path: `${EVENTS}/:event`,
    access: 'webhook:read',
    summary: 'An event with its payload and the verdict on every webhook: why one was called, or was not.',
    answer: {
      status: 200,
      description: 'The event.',
      schema: EventSchema,
      example: eventEntity(example, EXAMPLE_NAMESPACE, EXAMPLE_BASE),
    },
    async handle({ context, namespace, base }) {
      const name = readEventName(context.req.param('event') ?? '');
      if (name === undefined) throw notFound();
      return context.json(eventEntity(await showEvent(deps, namespace, name), namespace, base));
    },
  });
}
