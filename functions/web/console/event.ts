import { html } from 'hono/html';
import { notFound } from '../../actions/directory.ts';
import { type EventDeps, type EventView, showEvent } from '../../actions/events.ts';
import { type WebhookUrlDeps, webhookUrls } from '../../actions/webhook-urls.ts';
import { aboutEvent } from '../../domain/about.ts';
import { readEventName } from '../../domain/event.ts';
import { marks } from './events.ts';
import { type NamespaceVisit, namespacePage, type PageDeps, type PageRoute } from './pages.ts';
import { aboutText } from './parts/about.ts';
import { crumbsWithin } from './parts/crumbs.ts';
import { icon } from './parts/icon.ts';
import { timeTag } from './parts/time.ts';
import { verdictTable } from './parts/verdict-list.ts';
import { payloadBox, payloadFile } from './payload-file.ts';
import { bytes } from './words.ts';

type Deps = PageDeps & EventDeps & WebhookUrlDeps;

const PATH = '/-/events/:event';

/** The page of an event: which webhooks were told of it, and why others were not. */
export function eventRoutes(deps: Deps): readonly PageRoute[] {
  const read = { method: 'GET', access: 'webhook:read' } as const;
  return [
    namespacePage(deps, { ...read, path: PATH, handle: (visit) => show(deps, visit) }),
    namespacePage(deps, { ...read, path: `${PATH}/payload`, handle: (visit) => download(deps, visit) }),
  ];
}

function find(deps: Deps, visit: NamespaceVisit): Promise<EventView> {
  const name = readEventName(visit.context.req.param('event') ?? '');
  if (name === undefined) throw notFound();
  return showEvent(deps, visit.namespace, name);
}

async function show(deps: Deps, visit: NamespaceVisit): Promise<Response> {
  const [view, urls] = await Promise.all([find(deps, visit), webhookUrls(deps, visit.namespace)]);
  return visit.show({
    title: `${view.event.type} in ${visit.namespace.path}`,
    crumbs: crumbsWithin(visit.namespace, visit.links, [
      { text: 'Events', href: visit.links.events(visit.namespace) },
      { text: view.event.type },
    ]),
    body: eventBody(visit, view, urls),
  });
}

async function download(deps: Deps, visit: NamespaceVisit): Promise<Response> {
  const { event, payload } = await find(deps, visit);
  return payload === undefined
    ? visit.goTo(visit.links.event(visit.namespace, event), { kind: 'refused', text: GONE })
    : payloadFile(visit, `${event.type}-${event.id}`, payload);
}

const GONE = 'The payload is no longer kept.';

function eventBody(visit: NamespaceVisit, view: EventView, urls: ReadonlyMap<number, string>) {
  const { event, payload, verdicts } = view;
  const about = payload === undefined ? undefined : aboutEvent(event.type, payload);
  return html`<div class="head"><h1>${event.type}${about ? html` · ${aboutText(about)}` : ''}</h1>${marks(event)}</div>
<p class="lead">Happened ${timeTag(event.createdAt, visit.nowMs)}, received ${timeTag(event.receivedAt, visit.nowMs)},
${bytes(event.payloadBytes)}. Event <code>${event.id}</code></p>
${event.offCatalogue === undefined ? '' : unusual(event.offCatalogue)}
<h2>What became of it</h2>
${verdicts.length === 0 ? html`<p class="quiet">The namespace had no webhook when it came.</p>` : verdictTable(visit, verdicts, urls)}
${payload === undefined ? html`<h2>Payload</h2><p class="quiet">${GONE}</p>` : payloadBox(payload, `${visit.links.event(visit.namespace, event)}/payload`, 2)}`;
}

function unusual(what: string) {
  return html`<p class="notice wait">${icon('warning')}<span>The payload is not quite as documented, and was delivered as it is: ${what}</span></p>`;
}
