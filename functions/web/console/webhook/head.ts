import { html } from 'hono/html';
import type { WebhookView } from '../../../actions/webhooks.ts';
import { isPaused } from '../../../domain/hold.ts';
import { offerOf } from '../../../domain/missed.ts';
import type { Html } from '../frame.ts';
import type { NamespaceVisit } from '../pages.ts';
import { crumbsWithin } from '../parts/crumbs.ts';
import { icon } from '../parts/icon.ts';
import { stateBadge } from '../parts/state.ts';
import { timeTag } from '../parts/time.ts';
import { missedFromMs } from './recovery-fields.ts';
import { stateSentence } from './state-sentence.ts';

export type WebhookTab = 'deliveries' | 'overview' | 'settings';

/** A page of a webhook's: its head, its tabs, and what the page is about. */
export function webhookPage(
  visit: NamespaceVisit,
  of: { readonly view: WebhookView; readonly here?: WebhookTab; readonly title?: string; readonly body: Html },
  status: 200 | 400 | 409 = 200,
): Promise<Response> {
  const { links, namespace } = visit;
  const { webhook } = of.view;
  return visit.show(
    {
      title: `${of.title ?? TITLES[of.here ?? 'overview']} of ${webhook.payloadUrl}`,
      crumbs: crumbsWithin(namespace, links, [
        { text: 'Webhooks', href: links.webhooks(namespace) },
        { text: new URL(webhook.payloadUrl).host },
      ]),
      body: html`${head(visit, of.view)}${missed(visit, of.view)}${tabs(visit, { id: webhook.id, here: of.here })}${of.body}`,
    },
    status,
  );
}

const TITLES: Readonly<Record<WebhookTab, string>> = {
  deliveries: 'Deliveries',
  overview: 'Overview',
  settings: 'Settings',
};

function head(visit: NamespaceVisit, view: WebhookView) {
  const { webhook } = view;
  return html`<div id="head" data-live><div class="head"><h1>${webhook.payloadUrl}</h1>${stateBadge(view)}
${visit.may('webhook:write') ? html`<div class="actions">${actions(visit, view)}</div>` : ''}</div>
<p class="lead">${stateSentence(view)}</p></div>`;
}

function actions({ links, namespace }: NamespaceVisit, { webhook, atMs }: WebhookView) {
  const url = links.webhook(namespace, webhook.id);
  const act = (name: string, text: string) =>
    html`<form method="post" action="${url}/${name}"><button class="button">${text}</button></form>`;
  if (!webhook.active) return act('activate', 'Activate');
  const recover = html`<a class="button" href="${url}/recoveries">Recover…</a>`;
  // A test of one that is paused would be refused.
  return isPaused(webhook, atMs)
    ? html`${act('resume', 'Resume')} <a class="button" href="${url}/pause">Change the pause…</a> ${recover}`
    : html`<a class="button" href="${url}/pause">Pause…</a> <a class="button" href="${url}/test">Send a test…</a> ${recover}`;
}

/** What it missed while it was inactive, and nobody has asked for yet. */
function missed({ links, namespace, may }: NamespaceVisit, { webhook, atMs }: WebhookView) {
  const offer = offerOf(webhook, atMs);
  if (offer === undefined) return '';
  const url = `${links.webhook(namespace, webhook.id)}/recoveries`;
  const since = new Date(offer.sinceMs).toISOString();
  const form = html`<form method="post" action="${url}"><input type="hidden" name="since" value="${since}">
<input type="hidden" name="status" value="missed"><button class="button">Recover what it missed</button></form>`;
  return html`<div class="notice wait">${icon('clock')}<div class="row">
<span>While it was inactive it may have missed events, since ${timeTag(missedFromMs(offer, webhook), atMs)}.</span>${may('webhook:write') ? form : ''}</div></div>`;
}

function tabs(
  { links, namespace, may }: NamespaceVisit,
  { id, here }: { readonly id: number; readonly here: WebhookTab | undefined },
) {
  const url = links.webhook(namespace, id);
  const tab = (name: WebhookTab, href: string) =>
    html`<li><a href="${href}"${name === here ? html` aria-current="page"` : ''}>${TITLES[name]}</a></li>`;
  return html`<nav class="tabs" aria-label="Webhook"><ul>${tab('deliveries', links.deliveries(namespace, id))}${tab('overview', url)}${
    may('webhook:write') ? tab('settings', `${url}/settings`) : ''
  }</ul></nav>`;
}
