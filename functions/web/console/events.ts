import { html } from 'hono/html';
import * as v from 'valibot';
import { type AboutDeps, aboutEvents } from '../../actions/abouts.ts';
import { type EventDeps, type EventSummary, listEvents } from '../../actions/events.ts';
import { type EventOverview, type OverviewDeps, verdictOverview } from '../../actions/verdict-overview.ts';
import type { About } from '../../domain/about.ts';
import { EVENT_TYPES, type EventType } from '../../domain/catalogue.ts';
import { EVENT_NAME_PATTERN, eventName } from '../../domain/event.ts';
import { EVENT_RETENTION_DAYS } from '../../domain/limits.ts';
import type { Neighbours } from '../../domain/page.ts';
import { pageQuery, pageRequest } from '../page.ts';
import { readQuery } from '../query.ts';
import { type NamespaceVisit, namespacePage, type PageDeps, type PageRoute } from './pages.ts';
import { aboutText } from './parts/about.ts';
import { badge } from './parts/badge.ts';
import { namespaceCrumbs } from './parts/crumbs.ts';
import { pager } from './parts/pager.ts';
import { select } from './parts/select.ts';
import { table } from './parts/table.ts';
import { timeTag } from './parts/time.ts';
import { verdictCounts } from './parts/verdict-list.ts';
import { count } from './words.ts';

const QUERY = {
  ...pageQuery(EVENT_NAME_PATTERN),
  event: v.optional(v.picklist(['', ...EVENT_TYPES], `event must be one of ${EVENT_TYPES.join(', ')}`)),
};

type Deps = PageDeps & EventDeps & AboutDeps & OverviewDeps;

/** The Events tab: what happened in a namespace, and what each webhook was told of it. */
export function eventListRoutes(deps: Deps): readonly PageRoute[] {
  return [
    namespacePage(deps, {
      method: 'GET',
      path: '/-/events',
      access: 'webhook:read',
      async handle(visit) {
        const query = readQuery(visit.context, QUERY);
        const filter = { type: query.event === '' ? undefined : query.event };
        const { events, ...neighbours } = await listEvents(deps, visit.namespace, { ...pageRequest(query), filter });
        const [abouts, overviews] = await Promise.all([aboutEvents(deps, events), verdictOverview(deps, events)]);
        const isFirst = query.cursor === undefined;
        const url = new URL(visit.context.req.url);
        return visit.show({
          title: `Events of ${visit.namespace.path}`,
          crumbs: namespaceCrumbs(visit.namespace, visit.links),
          tabs: { namespace: visit.namespace, here: 'events' },
          body:
            events.length === 0 && isFirst && neighbours.next === undefined && filter.type === undefined
              ? noEvents(visit)
              : html`<div class="head"><h1>Events</h1><span class="quiet">what happened here, newest first</span></div>
${typeFilter(visit, filter.type)}
${events.length === 0 ? html`<p class="empty">${noMore(isFirst, neighbours)}</p>` : eventTable(visit, overviews, abouts)}
${pager(neighbours, { url, words: ['Newer', 'Older'] })}`,
        });
      },
    }),
  ];
}

/** Which type of events is shown: a form whose field stands in the URL. */
function typeFilter({ links, namespace }: NamespaceVisit, type: EventType | undefined) {
  const url = links.events(namespace);
  const options = EVENT_TYPES.map((one) => [one, one] as const);
  return html`<form method="get" action="${url}" class="filters" role="search" aria-label="Events">
${select({ name: 'event', label: 'Event', all: 'All', options, chosen: type ?? '' })}
<div class="buttons"><button class="button">Filter</button>${type ? html`<a class="button" href="${url}">Clear</a>` : ''}</div></form>`;
}

/** Why a page is empty: a filter reads so many events in one go, and may find none among them. */
function noMore(isFirst: boolean, { next }: Neighbours): string {
  if (next !== undefined) return 'None of those that were looked at is of this type. Older ones may be.';
  return isFirst ? 'There are no events of this type.' : 'There are no more events this way.';
}

function noEvents({ links, namespace }: NamespaceVisit) {
  return html`<section class="empty"><h1>Nothing has happened yet</h1>
<p>Each build that is submitted, each image, variable or key that changes in this namespace stands here for ${EVENT_RETENTION_DAYS} days, with what every webhook was
told of it, and why one was not.</p>
<p>To see one now: <code>npm run ctl -- event emit build.finished --namespace ${namespace.owner.username}/${namespace.path}</code></p>
<p><a class="button" href="${links.webhooks(namespace)}">Go to the webhooks</a></p></section>`;
}

const COLUMNS = [
  { name: 'Event', kind: 'url' },
  { name: 'About' },
  { name: 'Webhooks' },
  { name: 'When', kind: 'number' },
] as const;

function eventTable(
  { links, namespace, nowMs }: NamespaceVisit,
  overviews: readonly EventOverview[],
  abouts: ReadonlyMap<string, About>,
) {
  const rows = overviews.map(({ event, verdicts }) => [
    html`<a href="${links.event(namespace, event)}">${event.type}</a>${marks(event)}`,
    aboutText(abouts.get(eventName(event))),
    verdicts === undefined
      ? html`<span class="quiet">sent to ${count(event.verdicts.sent?.length ?? 0, 'webhook')}</span>`
      : verdictCounts(verdicts),
    timeTag(event.createdAt, nowMs),
  ]);
  return table({ label: 'Events', columns: COLUMNS, rows });
}

/** What is special about an event. */
export function marks({ isTest, offCatalogue }: EventSummary) {
  return html`${isTest ? html` ${badge({ tone: 'quiet', sign: 'ring', text: 'test' })}` : ''}${
    offCatalogue === undefined ? '' : html` ${badge({ tone: 'wait', sign: 'warning', text: 'unusual payload' })}`
  }`;
}
