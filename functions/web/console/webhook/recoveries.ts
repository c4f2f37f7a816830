import { html } from 'hono/html';
import { cancelRecovery, listRecoveries, type RecoveryDeps, startRecovery } from '../../../actions/recoveries.ts';
import { showWebhook, type WebhookDeps, type WebhookView } from '../../../actions/webhooks.ts';
import { RefusalError } from '../../../domain/errors.ts';
import { PAGE_DEFAULT_ROWS } from '../../../domain/limits.ts';
import { type Cursor, readCursor } from '../../../domain/page.ts';
import type { Recovery } from '../../../domain/recovery.ts';
import { readForm } from '../../form.ts';
import { idParameter, uuidParameter } from '../../parameters.ts';
import { isLogCursor } from '../log-filter.ts';
import { liveToggle } from '../log-page.ts';
import { type NamespaceVisit, namespacePage, type PageDeps, type PageRoute } from '../pages.ts';
import { pager } from '../parts/pager.ts';
import { recoveryTable } from '../parts/recovery-table.ts';
import { count } from '../words.ts';
import { type FormProblem, formProblem, NO_PROBLEM, problemNotice } from './form-problem.ts';
import { webhookPage } from './head.ts';
import { notNow } from './not-now.ts';
import { likelyRecovery, type RecoveryFields, readRecoveryFields, recoveryRequest } from './recovery-fields.ts';
import { RECOVERY_IDS, recoveryForm } from './recovery-form.ts';
import { refusedAsFlash } from './refused.ts';

type Deps = PageDeps & WebhookDeps & RecoveryDeps;

const PATH = '/-/webhooks/:id/recoveries';

/** Redelivery in bulk: what can be asked for, what was, and how far that is. */
export function recoveryRoutes(deps: Deps): readonly PageRoute[] {
  return [
    namespacePage(deps, {
      method: 'GET',
      path: PATH,
      access: 'webhook:read',
      async handle(visit) {
        const view = await showWebhook(deps, visit.namespace, idParameter(visit.context, 'id'));
        return show(deps, visit, view, { fields: likelyRecovery(view), problem: NO_PROBLEM });
      },
    }),
    namespacePage(deps, { method: 'POST', path: PATH, access: 'webhook:write', handle: (visit) => start(deps, visit) }),
    namespacePage(deps, {
      method: 'POST',
      path: `${PATH}/:recovery/cancel`,
      access: 'webhook:write',
      handle: (visit) => cancel(deps, visit),
    }),
  ];
}

async function start(deps: Deps, visit: NamespaceVisit): Promise<Response> {
  const { namespace, context } = visit;
  const fields = readRecoveryFields(await readForm(context.req.raw));
  const view = await showWebhook(deps, namespace, idParameter(context, 'id'));
  const webhookId = view.webhook.id;
  try {
    const recovery = await startRecovery(deps, { namespace, webhookId }, recoveryRequest(fields, view));
    return visit.goTo(urlOf(visit, webhookId), { kind: 'done', text: begun(recovery) });
  } catch (error) {
    return show(deps, visit, view, { fields, problem: formProblem(error) });
  }
}

function begun({ status, deliveriesRedelivered }: Recovery): string {
  if (status === 'running') return 'The recovery has begun. It goes on by itself, minute by minute.';
  if (deliveriesRedelivered === 0) return 'The recovery is finished: there was nothing to send again.';
  return `The recovery is finished: ${count(deliveriesRedelivered, 'delivery is', 'deliveries are')} on the way again.`;
}

async function cancel(deps: Deps, visit: NamespaceVisit): Promise<Response> {
  const { namespace, context } = visit;
  const of = { namespace, webhookId: idParameter(context, 'id'), recoveryId: uuidParameter(context, 'recovery') };
  const back = urlOf(visit, of.webhookId);
  return refusedAsFlash(visit, back, async () => {
    await cancelRecovery(deps, of);
    return visit.goTo(back, { kind: 'done', text: 'The recovery is cancelled. What it has sent so far goes on.' });
  });
}

function urlOf({ links, namespace }: NamespaceVisit, webhookId: number): string {
  return `${links.webhook(namespace, webhookId)}/recoveries`;
}

async function show(
  deps: Deps,
  visit: NamespaceVisit,
  view: WebhookView,
  { fields, problem }: { readonly fields: RecoveryFields; readonly problem: FormProblem },
): Promise<Response> {
  const { namespace, context, nowMs, may } = visit;
  const { webhook } = view;
  const page = { cursor: cursorOf(context.req.query('cursor')), limit: PAGE_DEFAULT_ROWS };
  const { rows, ...neighbours } = await listRecoveries(deps, { namespace, webhookId: webhook.id }, page);
  const cancelUrl = may('webhook:write') ? (id: string) => `${urlOf(visit, webhook.id)}/${id}/cancel` : undefined;
  const list =
    rows.length === 0
      ? html`<p class="quiet">There are none.</p>`
      : html`${recoveryTable(rows, { nowMs, cancelUrl })}${pager(neighbours, { url: new URL(context.req.url), words: ['Newer', 'Older'] })}`;
  // It goes on in the background: whoever waits for its end need not ask.
  const live = rows.some(({ status }) => status === 'running')
    ? html`<span class="live">${liveToggle()}<a class="button unscripted" href="${urlOf(visit, webhook.id)}">Refresh</a></span>`
    : '';
  const inner = webhook.active ? recoveryForm(visit, view, { fields, problem }) : notNow(visit, view);
  const form = html`${problemNotice(problem, RECOVERY_IDS)}<section class="panel form"><h2>Recover deliveries</h2>
<p>What the receiver has missed is sent again in the background, oldest first.</p>${inner}</section>`;
  const body = html`${may('webhook:write') ? form : ''}<section><div class="toolbar"><h2>Recoveries so far</h2>${live}</div><div id="recoveries" data-live>${list}</div></section>`;
  return webhookPage(visit, { view, title: 'Recoveries', body }, problem.status);
}

function cursorOf(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined;
  if (isLogCursor(text)) return readCursor(text);
  throw new RefusalError('invalid_parameter', 'The URL names a page of the list that there cannot be');
}
