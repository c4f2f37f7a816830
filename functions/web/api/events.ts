import { notFound } from '../../actions/directory.ts';
import { type EventDeps, listEvents, showEvent } from '../../actions/events.ts';
import { eventName, readEventName } from '../../domain/event.ts';
import { linkNext, pageCursor, pageLimit } from '../page.ts';
import { eventSummary, eventVerdict } from './entities.ts';
import type { NamespaceRoute } from './routes.ts';

/** The routes of what happened in a namespace, and of who was told of it. */
export function eventRoutes(deps: EventDeps): readonly NamespaceRoute[] {
  return [
    {
      method: 'GET',
      path: '/events',
      scope: 'webhook:read',
      async handle({ context, namespace, origin }) {
        const limit = pageLimit(context);
        const cursor = pageCursor(context, (text) => readEventName(text) !== undefined);
        const before = cursor === undefined ? undefined : readEventName(cursor);
        const { events, hasMore } = await listEvents(deps, namespace, { limit, before });
        const last = events.at(-1);
        if (hasMore && last) linkNext(context, eventName(last));
        return context.json(events.map((event) => eventSummary(event, namespace, origin)));
      },
    },
    {
      method: 'GET',
      path: '/events/:event',
      scope: 'webhook:read',
      async handle({ context, namespace, origin }) {
        const name = readEventName(context.req.param('event') ?? '');
        if (name === undefined) throw notFound();
        const { event, payload, verdicts } = await showEvent(deps, namespace, name);
        return context.json({
          ...eventSummary(event, namespace, origin),
          payload: payload ? Buffer.from(payload).toString('utf8') : null,
          verdicts: verdicts.map((verdict) => eventVerdict(verdict, namespace, origin)),
        });
      },
    },
  ];
}
