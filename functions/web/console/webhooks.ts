import { html } from 'hono/html';
import { listWebhooks, type WebhookDeps, type WebhookView } from '../../actions/webhooks.ts';
import { WEBHOOKS_PER_NAMESPACE_MAX } from '../../domain/limits.ts';
import type { Namespace } from '../../domain/namespace.ts';
import type { Webhook } from '../../domain/webhook.ts';
import type { Crumb } from './frame.ts';
import type { Links } from './links.ts';
import { type NamespaceVisit, namespacePage, type PageDeps, type PageRoute } from './pages.ts';
import { icon } from './parts/icon.ts';
import { stateBadge } from './parts/state.ts';
import { table } from './parts/table.ts';
import { timeTag } from './parts/time.ts';
import { duration, relativeTime } from './words.ts';

type Deps = PageDeps & WebhookDeps;

/** The Webhooks tab: the webhooks of a namespace, each with how it does. */
export function webhookListRoutes(deps: Deps): readonly PageRoute[] {
  return [
    namespacePage(deps, {
      method: 'GET',
      path: '/-/webhooks',
      access: 'webhook:read',
      async handle(visit) {
        const { views } = await listWebhooks(deps, visit.namespace, { limit: WEBHOOKS_PER_NAMESPACE_MAX });
        return visit.show({
          title: `Webhooks of ${visit.namespace.path}`,
          crumbs: namespaceCrumbs(visit.namespace, visit.links),
          tabs: { namespace: visit.namespace, here: 'webhooks' },
          body: views.length === 0 ? noWebhooks(visit) : webhookTable(visit, views),
        });
      },
    }),
  ];
}

/** The way to a namespace: its owner, its parents, itself. */
export function namespaceCrumbs({ owner, path }: Namespace, links: Links): readonly Crumb[] {
  const names = path.split('/');
  const steps = names.map((text, index) => ({
    text,
    href: links.webhooks({ owner, path: names.slice(0, index + 1).join('/') }),
  }));
  const parents = steps.slice(0, -1);
  return [{ text: owner.username, href: links.root }, ...parents, { text: names.at(-1) ?? '' }];
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

function webhookTable(visit: NamespaceVisit, views: readonly WebhookView[]) {
  return html`<div class="head"><h1>Webhooks</h1><span class="quiet">${views.length} of ${WEBHOOKS_PER_NAMESPACE_MAX}</span>
<div class="actions">${createButton(visit)}</div></div>
${table({
  label: 'Webhooks',
  columns: [
    { name: 'State' },
    { name: 'Payload URL', kind: 'url' },
    { name: 'Events' },
    { name: 'Author' },
    { name: 'Last response', kind: 'number' },
  ],
  rows: views.map((view) => webhookRow(visit, view)),
})}`;
}

function webhookRow({ links, namespace, nowMs }: NamespaceVisit, view: WebhookView) {
  const { webhook } = view;
  return [
    stateBadge(view),
    html`<a href="${links.deliveries(namespace, webhook.id)}">${webhook.payloadUrl}</a><small>${situation(view)}</small>`,
    subscriptions(webhook),
    webhook.authorName ??
      (webhook.authorId === namespace.owner.id ? namespace.owner.username : `user ${webhook.authorId}`),
    lastResponse(view, nowMs),
  ];
}

/** In a few words, what of a webhook is worth knowing beside its state. */
function situation({ webhook, lastAttempt, atMs }: WebhookView): string {
  const expires = lastAttempt?.connection?.certificateExpiresAt;
  const daysLeft = expires === undefined ? undefined : Math.floor((Date.parse(expires) - atMs) / (24 * 3_600_000));
  const certificate =
    daysLeft === undefined ? [] : [daysLeft < 0 ? 'certificate expired' : `certificate valid ${daysLeft} days`];
  const { failing } = webhook.health ?? {};
  return [
    ...(webhook.deactivation ? [webhook.deactivation.reason === 'gone' ? 'answered 410 Gone' : 'only failed'] : []),
    ...(failing && webhook.active ? [`failing since ${relativeTime(failing.sinceMs, atMs)}`] : []),
    ...(webhook.pause && webhook.active && atMs < webhook.pause.untilMs
      ? [`resumes ${relativeTime(webhook.pause.untilMs, atMs)}`]
      : []),
    webhook.sealedSecret === undefined ? 'not signed' : 'signed',
    ...certificate,
  ].join(' · ');
}

function subscriptions({ events }: Pick<Webhook, 'events'>) {
  const [first, ...rest] = events;
  if (first === undefined) return 'all events';
  if (rest.length === 0) return first;
  return html`${first}<small>and ${rest.length} more</small>`;
}

function lastResponse({ lastAttempt }: WebhookView, nowMs: number) {
  if (lastAttempt === undefined) return '';
  const { response, error, startedAt, durationMs } = lastAttempt;
  const answer = response
    ? html`<span class="mono">${response.status}</span>`
    : html`${icon('warning')} ${error?.class ?? ''}`;
  return html`${answer} in ${duration(durationMs)}<small>${timeTag(startedAt, nowMs)}</small>`;
}
