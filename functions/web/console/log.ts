import { type AboutDeps, aboutDeliveries } from '../../actions/abouts.ts';
import { type DeliveryDeps, listDeliveries } from '../../actions/deliveries.ts';
import { type RedeliverDeps, type Redelivered, redeliverAll } from '../../actions/redeliver.ts';
import { showWebhook, type WebhookDeps } from '../../actions/webhooks.ts';
import { RefusalError } from '../../domain/errors.ts';
import { isUuid } from '../../domain/id.ts';
import { LOG_PAGE_ROWS } from '../../domain/limits.ts';
import { readForm } from '../form.ts';
import { idParameter } from '../parameters.ts';
import type { Flash } from './flash.ts';
import { readLogQuery } from './log-filter.ts';
import { type LogPage, logBody, logProblem } from './log-page.ts';
import { type NamespaceVisit, namespacePage, type PageDeps, type PageRoute } from './pages.ts';
import { webhookPage } from './webhook/head.ts';
import { count } from './words.ts';

export type LogDeps = PageDeps & WebhookDeps & DeliveryDeps & AboutDeps & RedeliverDeps;

/** The log of a webhook's deliveries. */
export function logRoutes(deps: LogDeps): readonly PageRoute[] {
  return [
    namespacePage(deps, {
      method: 'GET',
      path: '/-/webhooks/:id/deliveries',
      access: 'webhook:read',
      handle: (visit) => showLog(deps, visit),
    }),
    namespacePage(deps, {
      method: 'POST',
      path: '/-/webhooks/:id/deliveries',
      access: 'webhook:write',
      handle: (visit) => redeliverSelected(deps, visit),
    }),
  ];
}

async function showLog(deps: LogDeps, visit: NamespaceVisit): Promise<Response> {
  const { context, links, namespace, nowMs, goTo } = visit;
  const webhookId = idParameter(context, 'id');
  const url = links.deliveries(namespace, webhookId);
  const parameters = new URL(context.req.url).searchParams;
  const reading = readLogQuery(parameters, nowMs);
  if ('errors' in reading) {
    const view = await showWebhook(deps, namespace, webhookId);
    return webhookPage(visit, { view, here: 'deliveries', body: logProblem({ url, ...reading }) }, 400);
  }
  const { filter, cursor, deliveryId } = reading.query;
  if (deliveryId !== undefined) return goTo(links.delivery(namespace, webhookId, deliveryId));
  // A form sends its empty fields, too; a URL that somebody shares need not have them.
  const filled = [...parameters].filter(([, value]) => value !== '');
  if (filled.length < parameters.size) return goTo(withQuery(url, new URLSearchParams(filled)));
  const [view, { deliveries, ...neighbours }] = await Promise.all([
    showWebhook(deps, namespace, webhookId),
    listDeliveries(deps, { namespace, webhookId }, { filter, cursor, limit: LOG_PAGE_ROWS }),
  ]);
  const abouts = await aboutDeliveries(deps, deliveries);
  const log: LogPage = { url, ...reading, webhook: view.webhook, deliveries, abouts, neighbours };
  return webhookPage(visit, { view, here: 'deliveries', body: logBody(visit, log) });
}

/** Redelivers what was selected on a page of the log, and goes back to it. */
async function redeliverSelected(deps: LogDeps, visit: NamespaceVisit): Promise<Response> {
  const { context, namespace } = visit;
  const webhookId = idParameter(context, 'id');
  const form = await readForm(context.req.raw);
  const deliveryIds = form.all('delivery').filter(isUuid);
  const back = backToLog(visit, webhookId, form.text('log'));
  if (deliveryIds.length > LOG_PAGE_ROWS) {
    throw new RefusalError('invalid_parameter', `Select at most ${LOG_PAGE_ROWS} deliveries`);
  }
  if (deliveryIds.length === 0) {
    return visit.goTo(back, {
      kind: 'refused',
      text: 'Nothing was selected. Tick the deliveries that are to be made again.',
    });
  }
  return visit.goTo(
    back,
    await sayRefusal(async () => said(await redeliverAll(deps, { namespace, webhookId, deliveryIds }))),
  );
}

function said({ asked, unknown, failed }: Redelivered): Flash {
  const parts = [
    ...(asked > 0 ? [`${count(asked, 'delivery', 'deliveries')} will be made again in a moment.`] : []),
    ...(unknown > 0 ? [`${count(unknown, 'delivery is', 'deliveries are')} not in the log any more.`] : []),
    ...(failed > 0 ? [`${count(failed, 'delivery', 'deliveries')} could not be sent: try them once more.`] : []),
  ];
  return { kind: asked > 0 && failed === 0 ? 'done' : 'refused', text: parts.join(' ') };
}

/** What is said after an action: that it was done, or, where the webhook is in no state for it, why it was not. */
export async function sayRefusal(act: () => Promise<Flash>): Promise<Flash> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof RefusalError) || error.code !== 'conflict') throw error;
    return { kind: 'refused', text: `${error.message}.` };
  }
}

/** The page of the log that a form was on, by its query. */
export function backToLog({ links, namespace }: NamespaceVisit, webhookId: number, query: string): string {
  return withQuery(links.deliveries(namespace, webhookId), new URLSearchParams(query));
}

function withQuery(url: string, query: URLSearchParams): string {
  return query.size === 0 ? url : `${url}?${query}`;
}
