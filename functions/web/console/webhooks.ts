import { html } from 'hono/html';
import { type Recent, type RecentDeps, recentAttempts } from '../../actions/recent.ts';
import { listWebhooks, type WebhookDeps, type WebhookView } from '../../actions/webhooks.ts';
import { SPARKLINE_ATTEMPTS_MAX, WEBHOOKS_PER_NAMESPACE_MAX } from '../../domain/limits.ts';
import { statisticsOf } from '../../domain/statistics.ts';
import type { Webhook } from '../../domain/webhook.ts';
import { type NamespaceVisit, namespacePage, type PageDeps, type PageRoute } from './pages.ts';
import { authorName } from './parts/author.ts';
import { namespaceCrumbs } from './parts/crumbs.ts';
import { icon } from './parts/icon.ts';
import { situation } from './parts/situation.ts';
import { sparkline } from './parts/sparkline.ts';
import { stateBadge } from './parts/state.ts';
import { table } from './parts/table.ts';
import { timeTag } from './parts/time.ts';
import { count, duration, percent, span } from './words.ts';

type Deps = PageDeps & WebhookDeps & RecentDeps;

/** The Webhooks tab: the webhooks of a namespace, each with how it does. */
export function webhookListRoutes(deps: Deps): readonly PageRoute[] {
  const read = { method: 'GET', access: 'webhook:read' } as const;
  return [
    // What is left of a page's URL, or made of a namespace's name by hand.
    namespacePage(deps, { ...read, path: '', handle: ({ goTo, links, namespace }) => goTo(links.webhooks(namespace)) }),
    namespacePage(deps, {
      ...read,
      path: '/-/webhooks',
      async handle(visit) {
        const { views } = await listWebhooks(deps, visit.namespace, { limit: WEBHOOKS_PER_NAMESPACE_MAX });
        const webhooks = views.map(({ webhook }) => webhook);
        const recent = await recentAttempts(deps, webhooks, { limit: SPARKLINE_ATTEMPTS_MAX });
        return visit.show({
          title: `Webhooks of ${visit.namespace.path}`,
          crumbs: namespaceCrumbs(visit.namespace, visit.links),
          tabs: { namespace: visit.namespace, here: 'webhooks' },
          body: views.length === 0 ? noWebhooks(visit) : webhookTable(visit, views, recent),
        });
      },
    }),
  ];
}

function createButton({ links, namespace, may }: NamespaceVisit) {
  return may('webhook:write')
    ? html`<a class="button primary" href="${links.newWebhook(namespace)}">Create webhook</a>`
    : '';
}

function noWebhooks(visit: NamespaceVisit) {
  const { links, namespace } = visit;
  return html`<section class="empty"><h1>No webhooks yet</h1>
<p>A webhook tells another system what happens here: a build is submitted, starts or finishes, an image or a variable changes. Each event is a
signed <code>POST</code> to a URL of yours, tried until it succeeds.</p>
<p>${createButton(visit)}</p>
<p><a href="${links.apiDocs}#listEventTypes">What a payload looks like</a> · <a href="${links.events(namespace)}">What has happened here so far</a></p></section>`;
}

const COLUMNS = [
  { name: 'State' },
  { name: 'Payload URL', kind: 'url' },
  { name: 'Events' },
  { name: 'Author' },
  { name: 'Last 24 hours' },
  { name: 'Last response', kind: 'number' },
] as const;

function webhookTable(visit: NamespaceVisit, views: readonly WebhookView[], recent: ReadonlyMap<number, Recent>) {
  const rows = views.map((view) => webhookRow(visit, view, recent.get(view.webhook.id)));
  return html`<div class="head"><h1>Webhooks</h1><span class="quiet">${views.length} of ${WEBHOOKS_PER_NAMESPACE_MAX}</span>
<div class="actions">${createButton(visit)}</div></div>
${table({ label: 'Webhooks', columns: COLUMNS, rows })}`;
}

function webhookRow({ links, namespace, nowMs }: NamespaceVisit, view: WebhookView, recent: Recent | undefined) {
  const { webhook } = view;
  const url = links.deliveries(namespace, webhook.id);
  return [
    stateBadge(view),
    html`<a href="${url}">${webhook.payloadUrl}</a><small>${situation(view, recent)}</small>`,
    subscriptions(webhook),
    authorName(webhook, namespace),
    recent ? lastDay(recent) : '',
    lastResponse(view, nowMs),
  ];
}

function subscriptions({ events }: Pick<Webhook, 'events'>) {
  const [first, ...rest] = events;
  if (first === undefined) return 'all events';
  if (rest.length === 0) return first;
  return html`${first}<small>and ${rest.length} more</small>`;
}

/** What was attempted, in bars and in words. Of a busy webhook it is a shorter time, which is said. */
function lastDay(recent: Recent) {
  const { bars, total, failed, successShare } = statisticsOf(recent.attempts, recent);
  const time = span(recent.untilMs - recent.fromMs);
  if (successShare === undefined)
    return html`<small>${recent.isCut ? 'of the newest none was sent yet' : 'nothing'}</small>`;
  const label = `${count(total, 'attempt')} in the last ${time}, ${failed} of them failed`;
  const words = `${total}${recent.isCut ? ` in ${time}` : ''} · ${percent(successShare)}`;
  return html`${sparkline(bars, label)}<small>${words}</small>`;
}

function lastResponse({ lastAttempt }: WebhookView, nowMs: number) {
  if (lastAttempt === undefined) return '';
  const { response, error, startedAt, durationMs } = lastAttempt;
  const answer = response
    ? html`<span class="mono">${response.status}</span>`
    : html`${icon('warning')} ${error?.class ?? ''}`;
  return html`${answer} in ${duration(durationMs)}<small>${timeTag(startedAt, nowMs)}</small>`;
}
