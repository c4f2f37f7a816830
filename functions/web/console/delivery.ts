import { html } from 'hono/html';
import { showAttempt, showDelivery } from '../../actions/deliveries.ts';
import { cancelRetries, redeliver } from '../../actions/redeliver.ts';
import { checkSignature, type SignatureCheckDeps } from '../../actions/signature-check.ts';
import { showWebhook, type WebhookView } from '../../actions/webhooks.ts';
import { aboutEvent } from '../../domain/about.ts';
import type { Attempt, Delivery } from '../../domain/delivery.ts';
import { RefusalError, ValidationError } from '../../domain/errors.ts';
import { isUuid, timeOfId } from '../../domain/id.ts';
import { DELIVERY_RETENTION_DAYS } from '../../domain/limits.ts';
import { readForm } from '../form.ts';
import { idParameter } from '../parameters.ts';
import { type DeliveryView, deliveryBody, deliveryTitle } from './delivery-page.ts';
import type { Flash } from './flash.ts';
import type { Page } from './frame.ts';
import { backToLog, type LogDeps, sayRefusal } from './log.ts';
import { liveToggle } from './log-page.ts';
import { type NamespaceVisit, namespacePage, type PageRoute } from './pages.ts';
import { crumbsWithin } from './parts/crumbs.ts';
import { standingOf } from './parts/delivery-state.ts';
import { payloadFile } from './payload-file.ts';
import type { SignatureBox } from './signature-box.ts';

type Deps = LogDeps & SignatureCheckDeps;

const PATH = '/-/webhooks/:id/deliveries/:delivery';
const DAY_MS = 24 * 60 * 60 * 1000;

/** The page of a delivery, and what can be done from it. */
export function deliveryRoutes(deps: Deps): readonly PageRoute[] {
  const read = { method: 'GET', access: 'webhook:read' } as const;
  const write = { method: 'POST', access: 'webhook:write' } as const;
  return [
    namespacePage(deps, { ...read, path: PATH, handle: (visit) => show(deps, visit) }),
    namespacePage(deps, { ...read, path: `${PATH}/payload`, handle: (visit) => download(deps, visit) }),
    // Where whoever had to sign in again comes back to.
    namespacePage(deps, { ...read, path: `${PATH}/signature`, handle: (visit) => visit.goTo(urlOf(visit)) }),
    namespacePage(deps, { ...write, path: `${PATH}/signature`, handle: (visit) => judge(deps, visit) }),
    namespacePage(deps, {
      ...write,
      path: `${PATH}/redeliver`,
      handle: (visit) =>
        act(visit, { run: (which) => redeliver(deps, which), done: 'It will be made again in a moment.' }),
    }),
    namespacePage(deps, {
      ...write,
      path: `${PATH}/cancel`,
      handle: (visit) =>
        act(visit, { run: (which) => cancelRetries(deps, which), done: 'Cancelled: no further attempt will be made.' }),
    }),
  ];
}

/** The delivery that a path names, which may not be there. */
function whichOf({ context, namespace }: NamespaceVisit) {
  return { namespace, webhookId: idParameter(context, 'id'), deliveryId: context.req.param('delivery') ?? '' };
}

function urlOf(visit: NamespaceVisit): string {
  const { namespace, webhookId, deliveryId } = whichOf(visit);
  return visit.links.delivery(namespace, webhookId, encodeURIComponent(deliveryId));
}

async function show(deps: Deps, visit: NamespaceVisit): Promise<Response> {
  const found = await find(deps, visit);
  if (!('delivery' in found)) return visit.show(missingPage(visit, found.view), 404);
  const { delivery } = found;
  const asked = visit.context.req.query('attempt');
  const attempt = asked === undefined ? standingOf(delivery) : await attemptOf(deps, visit, { delivery, asked });
  if (attempt === undefined) {
    return visit.goTo(urlOf(visit), {
      kind: 'refused',
      text: 'This delivery has no such attempt. Here is its last one.',
    });
  }
  return visit.show(deliveryFrame(visit, { ...found, attempt, showsCurl: visit.context.req.query('curl') === 'show' }));
}

/** The attempt that is asked for by its number; undefined where there is none, or no longer. */
async function attemptOf(
  deps: Deps,
  visit: NamespaceVisit,
  { delivery, asked }: { readonly delivery: Delivery; readonly asked: string },
): Promise<Attempt | undefined> {
  const shown = delivery.find(({ number }) => `${number}` === asked);
  if (shown !== undefined || !ATTEMPT_NUMBER.test(asked)) return shown;
  return showAttempt(deps, whichOf(visit), { deliveryId: delivery[0].deliveryId, number: Number(asked) });
}

const ATTEMPT_NUMBER = /^[1-9]\d{0,3}$/;

type Found = { readonly view: WebhookView } & (Pick<DeliveryView, 'delivery' | 'payload' | 'about'> | object);

async function find(deps: Deps, visit: NamespaceVisit): Promise<Found> {
  const { namespace, webhookId, deliveryId } = whichOf(visit);
  const looking = isUuid(deliveryId) ? orMissing(showDelivery(deps, { namespace, webhookId }, deliveryId)) : undefined;
  const [view, found] = await Promise.all([showWebhook(deps, namespace, webhookId), looking]);
  if (found === undefined) return { view };
  const { delivery, payload } = found;
  return { view, delivery, payload, about: payload && aboutEvent(delivery[0].eventType, payload) };
}

/** What there may not be, or not yet. */
async function orMissing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof RefusalError && error.code === 'not_found') return undefined;
    throw error;
  }
}

function deliveryFrame(visit: NamespaceVisit, shown: DeliveryView): Page {
  return {
    title: deliveryTitle(shown),
    crumbs: deliveryCrumbs(visit, shown.view),
    body: deliveryBody(visit, shown),
  };
}

function deliveryCrumbs(visit: NamespaceVisit, { webhook }: WebhookView) {
  const { links, namespace } = visit;
  return crumbsWithin(namespace, links, [
    { text: 'Webhooks', href: links.webhooks(namespace) },
    { text: new URL(webhook.payloadUrl).host, href: links.deliveries(namespace, webhook.id) },
    { text: 'Delivery' },
  ]);
}

/** A delivery that the log does not have: not yet, or no longer. */
function missingPage(visit: NamespaceVisit, view: WebhookView): Page {
  const { links, namespace, nowMs } = visit;
  const { deliveryId } = whichOf(visit);
  const isOld = isUuid(deliveryId) && timeOfId(deliveryId) < nowMs - DELIVERY_RETENTION_DAYS * DAY_MS;
  const log = html`<a class="button" href="${links.deliveries(namespace, view.webhook.id)}">To the log</a>`;
  const toggle = html`<span class="live">${liveToggle()}<a class="button unscripted" href="">Refresh</a></span>`;
  const mayCome = isUuid(deliveryId) && !isOld;
  const text = isOld
    ? `It is of more than ${DELIVERY_RETENTION_DAYS} days ago, and deliveries stay in the log for ${DELIVERY_RETENTION_DAYS} days.`
    : mayCome
      ? `If it has just been made, such as a test, it will be here after its first attempt, in some seconds. Otherwise it is none of this webhook's, or older than ${DELIVERY_RETENTION_DAYS} days.`
      : 'This is no id of a delivery: it has 36 characters, as they stand in X-Djinn-CI-Delivery.';
  return {
    title: 'No such delivery',
    crumbs: deliveryCrumbs(visit, view),
    body: html`<div id="delivery"${mayCome ? html` data-live` : ''}><section class="empty"><h1>${mayCome ? 'Not in the log yet' : 'Not in the log'}</h1><p>${text}</p></section></div>
<div class="toolbar">${mayCome ? toggle : ''}${log}</div><div id="attempt"${mayCome ? html` data-live` : ''}></div>`,
  };
}

async function download(deps: Deps, visit: NamespaceVisit): Promise<Response> {
  const found = await find(deps, visit);
  if (!('payload' in found) || found.payload === undefined) {
    const gone = 'The payload is no longer kept, or not there yet.';
    return visit.goTo(urlOf(visit), { kind: 'refused', text: gone });
  }
  return payloadFile(visit, `${found.delivery[0].eventType}-${found.delivery[0].deliveryId}`, found.payload);
}

/** Says at the box what is wrong with a signature that somebody's code has computed. */
async function judge(deps: Deps, visit: NamespaceVisit): Promise<Response> {
  const form = await readForm(visit.context.req.raw);
  const found = await find(deps, visit);
  if (!('delivery' in found)) return visit.show(missingPage(visit, found.view), 404);
  const { delivery } = found;
  const asked = form.text('attempt');
  const attempt = (await attemptOf(deps, visit, { delivery, asked })) ?? standingOf(delivery);
  const pasted = form.text('signature');
  const signature = await judged(pasted, () =>
    checkSignature(deps, { ...whichOf(visit), attempt: attempt.number }, pasted),
  );
  return visit.show(
    deliveryFrame(visit, { ...found, attempt, signature, showsCurl: false }),
    'error' in signature ? 400 : 200,
  );
}

async function judged(pasted: string, judge: () => ReturnType<typeof checkSignature>): Promise<SignatureBox> {
  try {
    return { pasted, verdict: await judge() };
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    return { pasted, error: error.message };
  }
}

type Act = { readonly run: (which: ReturnType<typeof whichOf>) => Promise<void>; readonly done: string };

/** Does what a button says, and goes back to the page that it was on. */
async function act(visit: NamespaceVisit, { run, done }: Act): Promise<Response> {
  const form = await readForm(visit.context.req.raw);
  const which = whichOf(visit);
  if (!isUuid(which.deliveryId)) throw new RefusalError('not_found', 'There is no such delivery');
  const back = form.has('log') ? backToLog(visit, which.webhookId, form.text('log')) : urlOf(visit);
  const flash = await sayRefusal(async (): Promise<Flash> => {
    await run(which);
    return { kind: 'done', text: done };
  });
  return visit.goTo(back, flash);
}
