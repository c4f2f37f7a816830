import { html } from 'hono/html';
import { pauseWebhook } from '../../../actions/pause.ts';
import { showWebhook, type WebhookDeps, type WebhookView } from '../../../actions/webhooks.ts';
import { isPaused } from '../../../domain/hold.ts';
import { PAUSE_MAX_DAYS } from '../../../domain/limits.ts';
import { readForm } from '../../form.ts';
import { idParameter } from '../../parameters.ts';
import { type NamespaceVisit, namespacePage, type PageDeps, type PageRoute } from '../pages.ts';
import { choice } from '../parts/choice.ts';
import { describedBy, notes } from '../parts/field.ts';
import { instantTyped } from '../typed-time.ts';
import { exactTime } from '../words.ts';
import { type FormProblem, formProblem, NO_PROBLEM, problemNotice } from './form-problem.ts';
import { webhookPage } from './head.ts';
import { notNow } from './not-now.ts';

type Deps = PageDeps & WebhookDeps;

const PATH = '/-/webhooks/:id/pause';
const HOUR_MS = 3_600_000;

/** How long a pause may be, in words, by the name that the form has for it. */
const SPANS = {
  '1h': { label: '1 hour', hours: 1 },
  '4h': { label: '4 hours', hours: 4 },
  '1d': { label: '1 day', hours: 24 },
  '3d': { label: '3 days', hours: 3 * 24 },
  longest: { label: `${PAUSE_MAX_DAYS} days, the longest that there is`, hours: PAUSE_MAX_DAYS * 24 },
} as const;

type Typed = { readonly span: string; readonly until: string };

/** Pausing a webhook, or changing until when it is paused. */
export function pauseRoutes(deps: Deps): readonly PageRoute[] {
  const at = { path: PATH, access: 'webhook:write' } as const;
  return [
    namespacePage(deps, {
      ...at,
      method: 'GET',
      async handle(visit) {
        const view = await showWebhook(deps, visit.namespace, idParameter(visit.context, 'id'));
        return show(visit, view, { typed: { span: '1h', until: '' }, problem: NO_PROBLEM });
      },
    }),
    namespacePage(deps, { ...at, method: 'POST', handle: (visit) => pause(deps, visit) }),
  ];
}

async function pause(deps: Deps, visit: NamespaceVisit): Promise<Response> {
  const { namespace, links, context } = visit;
  const form = await readForm(context.req.raw);
  const typed = { span: form.text('span'), until: form.text('until') };
  const view = await showWebhook(deps, namespace, idParameter(context, 'id'));
  const of = { namespace, id: view.webhook.id };
  const hours = Object.entries(SPANS).find(([name]) => name === typed.span)?.[1].hours;
  const until = hours === undefined ? instantTyped(typed.until) : new Date(endOf(view, hours)).toISOString();
  try {
    const { webhook } = await pauseWebhook(deps, of, until === '' ? {} : { until });
    const text = `Paused until ${exactTime(webhook.pause?.untilMs ?? view.atMs)}. Its deliveries are held until then.`;
    return visit.goTo(links.webhook(namespace, of.id), { kind: 'done', text });
  } catch (error) {
    return show(visit, view, { typed, problem: formProblem(error) });
  }
}

/** When a pause of so many hours from now ends: at most as late as one may, which counts from when it began. */
function endOf({ webhook, atMs }: WebhookView, hours: number): number {
  const sinceMs = webhook.pause && isPaused(webhook, atMs) ? webhook.pause.sinceMs : atMs;
  return Math.min(atMs + hours * HOUR_MS, sinceMs + PAUSE_MAX_DAYS * 24 * HOUR_MS);
}

function show(
  visit: NamespaceVisit,
  view: WebhookView,
  { typed, problem }: { readonly typed: Typed; readonly problem: FormProblem },
): Promise<Response> {
  const { webhook, atMs } = view;
  const isChange = isPaused(webhook, atMs);
  const title = isChange ? 'Change the pause' : 'Pause';
  const inner = webhook.active ? pauseForm(visit, view, { typed, problem }) : notNow(visit, view);
  const body = html`${problemNotice(problem, { until: 'until' })}<section class="panel form"><h2>${title}</h2>${inner}</section>`;
  return webhookPage(visit, { view, title, body }, problem.status);
}

function pauseForm(
  { links, namespace }: NamespaceVisit,
  view: WebhookView,
  { typed, problem }: { readonly typed: Typed; readonly problem: FormProblem },
) {
  const { webhook, atMs } = view;
  const url = links.webhook(namespace, webhook.id);
  const spans = Object.entries(SPANS).map(([value, { label, hours }]) => {
    const small = `until ${exactTime(endOf(view, hours))}`;
    return choice({ name: 'span', value, label, small, isChosen: value === typed.span });
  });
  return html`<p>Nothing is sent meanwhile. Deliveries are held, not dropped: they are sent when the pause ends, oldest first.</p>
<form method="post" action="${url}/pause" novalidate><fieldset><legend>For how long</legend>${spans}
${choice({
  name: 'span',
  value: 'exact',
  label: 'Until an exact time',
  isChosen: !Object.hasOwn(SPANS, typed.span),
  more: untilInput(typed.until, { problem, atMs }),
})}</fieldset>
<div class="buttons"><button class="button primary">${isPaused(webhook, atMs) ? 'Change' : 'Pause'}</button><a class="button" href="${url}">Cancel</a></div></form>`;
}

function untilInput(typed: string, { problem, atMs }: { readonly problem: FormProblem; readonly atMs: number }) {
  const errors = problem.errors['until'];
  const of = { id: 'until', errors, hint: `In UTC, where it is ${exactTime(atMs).slice(0, 16)} now.` };
  return html`<label class="visually-hidden" for="until">Until (UTC)</label>
<input id="until" name="until" value="${typed}" placeholder="2026-11-23 18:00" autocomplete="off" spellcheck="false"${errors ? ' autofocus' : ''}${describedBy(of)}>${notes(of)}`;
}
