import { html } from 'hono/html';
import { type Recent, type RecentDeps, recentAttempts } from '../../../actions/recent.ts';
import { showWebhook, type WebhookDeps, type WebhookView } from '../../../actions/webhooks.ts';
import { CHART_ATTEMPTS_MAX } from '../../../domain/limits.ts';
import { isHttps } from '../../../domain/webhook.ts';
import { idParameter } from '../../parameters.ts';
import { type NamespaceVisit, namespacePage, type PageDeps, type PageRoute } from '../pages.ts';
import { authorName } from '../parts/author.ts';
import { charts } from '../parts/charts.ts';
import { timeTag } from '../parts/time.ts';
import { span } from '../words.ts';
import { webhookPage } from './head.ts';

type Deps = PageDeps & WebhookDeps & RecentDeps & { readonly allowInsecureTls: boolean };

/** A webhook at a glance: how it did of late, and what it is set to. */
export function overviewRoutes(deps: Deps): readonly PageRoute[] {
  return [
    namespacePage(deps, {
      method: 'GET',
      path: '/-/webhooks/:id',
      access: 'webhook:read',
      async handle(visit) {
        const view = await showWebhook(deps, visit.namespace, idParameter(visit.context, 'id'));
        const recent = await recentAttempts(deps, [view.webhook], { limit: CHART_ATTEMPTS_MAX });
        return webhookPage(visit, {
          view,
          here: 'overview',
          body: html`${lately(recent.get(view.webhook.id))}${settings(deps, visit, view)}${steps(visit, view)}`,
        });
      },
    }),
  ];
}

/** Of a busy webhook it is a shorter time than a day, which the heading says. */
function lately(recent: Recent | undefined) {
  const time = recent?.isCut ? span(recent.untilMs - recent.fromMs) : '24 hours';
  return html`<section class="panel"><h2>The last ${time}</h2>${recent ? charts(recent) : ''}</section>`;
}

function settings(deps: Deps, visit: NamespaceVisit, { webhook }: WebhookView) {
  const { nowMs, namespace } = visit;
  const facts = [
    ['Payload URL', html`<code>${webhook.payloadUrl}</code>`],
    ['Events', webhook.events.length === 0 ? 'all, those of later releases included' : webhook.events.join(', ')],
    ['Secret', secret(visit, webhook)],
    ['TLS certificates', certificates(webhook, deps)],
    ['Created', html`${timeTag(webhook.createdAt, nowMs)} by ${authorName(webhook, namespace)}`],
    ['Id', html`<code>${webhook.id}</code>`],
  ] as const;
  return html`<section class="panel"><h2>What it is set to</h2><dl class="facts">${facts.map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl></section>`;
}

/** What is rarely done, each with what it means. */
function steps({ links, namespace, may }: NamespaceVisit, { webhook }: WebhookView) {
  const url = links.webhook(namespace, webhook.id);
  const turn = (name: string, button: string, means: string) =>
    html`<li><span>${means}</span><form method="post" action="${url}/${name}"><button class="button">${button}</button></form></li>`;
  const write = webhook.active
    ? turn(
        'deactivate',
        'Deactivate',
        'Inactive, it is sent nothing, and what still waits is cancelled. What it misses can be recovered once it is active again.',
      )
    : turn(
        'activate',
        'Activate',
        'Active, it is sent what happens from then on, and what failed before counts no more. What it missed can be recovered.',
      );
  const remove = html`<li><span>Deleted, it is gone for good: with its log, and with what still waits.</span><a class="button danger" href="${url}/delete">Delete…</a></li>`;
  if (!may('webhook:write') && !may('webhook:delete')) return '';
  return html`<section class="panel"><h2>What else can be done</h2><ul class="plain steps">${may('webhook:write') ? write : ''}${
    may('webhook:delete') ? remove : ''
  }</ul></section>`;
}

function secret({ nowMs }: NamespaceVisit, { sealedSecret, previousSecret }: WebhookView['webhook']) {
  if (sealedSecret === undefined) return 'none: receivers cannot tell whether a delivery comes from here';
  const isBeside = previousSecret !== undefined && Date.parse(previousSecret.until) > nowMs;
  return isBeside
    ? html`there is one; the one before it signs, too, until ${timeTag(previousSecret.until, nowMs)}`
    : 'there is one';
}

function certificates(webhook: WebhookView['webhook'], { allowInsecureTls }: Deps): string {
  if (!isHttps(webhook)) return 'none: http is not encrypted, and anybody in between can read along';
  return webhook.ssl || !allowInsecureTls ? 'verified' : 'not verified: anybody in between can read along';
}
