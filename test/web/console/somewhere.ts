import { showDelivery } from '../../../functions/actions/deliveries.ts';
import { startRecovery } from '../../../functions/actions/recoveries.ts';
import { apiDeps } from '../../../functions/runtime/web-deps.ts';
import { failedAttempt } from '../../support/attempt.ts';
import { headersOf } from '../api.ts';
import type { Pages } from './pages.ts';

export type Route = Pages['routes'][number];
/** What the parameters of paths are, by name. */
export type Values = Readonly<Record<string, string>>;

const DELIVERY = '019b0000-0000-7000-8000-000000000001';
const EVENT = { id: '5b0c9c5e-3d5f-4c3f-8f43-7d3c1f3b7c11', createdAt: '2026-11-23T11:59:59.000Z' };
/** Nobody needs to be signed in for these. */
const OPEN = ['GET /console/sign-in', 'POST /console/sign-in', 'POST /console/sign-out'];

export function named({ method, path }: Route): string {
  return `${method} ${path}`;
}

/** The routes that are for whoever is signed in. */
export function closedRoutes(pages: Pages): readonly Route[] {
  return pages.routes.filter((route) => !OPEN.includes(named(route)));
}

/** The routes of a namespace's pages. */
export function namespaceRoutes(pages: Pages): readonly Route[] {
  return pages.routes.filter(({ path }) => path.includes(':path'));
}

/** Puts an event into the namespace. */
export async function openEvent(pages: Pages): Promise<void> {
  const event = { ...EVENT, type: 'cron', namespaceId: pages.namespace.id, payload: '{}' } as const;
  await pages.events.open([{ event, verdicts: {}, receivedAt: EVENT.createdAt, openedBy: 'test' }]);
}

let webhooks = 0;

/** Where a webhook is that nothing was ever sent to. */
export async function somewhereNew(pages: Pages): Promise<Values> {
  webhooks += 1;
  const { id } = await pages.addWebhook({ payload_url: `https://a.example/${webhooks}` });
  return { username: 'admin', path: 'demo', id: `${id}` };
}

/** A webhook of its own for a call, with a delivery that waits for its next attempt, and a recovery. Answers what a path to it is made of. */
export async function somewhere(pages: Pages): Promise<Values> {
  const values = await somewhereNew(pages);
  const at = { namespace: pages.namespace, webhookId: Number(values['id']) };
  const which = { webhookId: at.webhookId, namespaceId: at.namespace.id, deliveryId: DELIVERY };
  const attempt = failedAttempt(which);
  await pages.attempts.record([{ attempt, dueAtMs: Date.parse(attempt.nextAttemptAt ?? '') }]);
  const recovery = await startRecovery(depsOf(pages), at, { since: '2026-11-01T00:00:00Z' });
  const event = `${EVENT.createdAt}~${EVENT.id}`;
  return { ...values, delivery: DELIVERY, event, recovery: recovery.id };
}

export async function removeFrom(pages: Pages, { id }: Values): Promise<void> {
  const webhook = await pages.webhooks.get(pages.namespace.id, Number(id));
  if (webhook) await pages.webhooks.remove(webhook);
}

/** All that a form could have changed: how the webhook and its delivery are stored, and what was sent off since this was last asked. */
export async function stateOf(pages: Pages, { id }: Values): Promise<readonly unknown[]> {
  const which = { namespace: pages.namespace, webhookId: Number(id) };
  return [
    await pages.webhooks.get(pages.namespace.id, which.webhookId),
    await showDelivery(depsOf(pages), which, DELIVERY),
    await pages.receive('deliveries'),
  ];
}

function depsOf({ engines, world }: Pages) {
  return apiDeps(engines.settings, world);
}

export function pathOf({ path }: Route, values: Values): string {
  return path.replaceAll(/:(\w+)/g, (_, name) => encodeURIComponent(values[name] ?? ''));
}

/** What would make a form do something, whichever it is. */
const FIELDS = { delivery: DELIVERY, event: 'cron', until: '2026-11-24 12:00', from: 'day', status: 'retrying' };

/** Opens a page, or sends a form. */
export function call(
  pages: Pages,
  route: Route,
  { values, ...visit }: { readonly values: Values } & Parameters<Pages['get']>[1],
): Promise<Response> {
  const path = pathOf(route, values);
  return route.method === 'GET' ? pages.get(path, visit) : pages.post(path, FIELDS, visit);
}

/** What whoever is here can tell answers apart by. */
export async function seen(response: Response): Promise<readonly unknown[]> {
  return [response.status, headersOf(response), await response.text()];
}

/** Where a page leads: its links, and its forms that can be sent. */
export function waysFrom(page: string): readonly string[] {
  const links = [...page.matchAll(/<a [^>]*?href="([^"]*)"/g)].map(([, to = '']) => `GET ${to.split(/[?#]/, 1)[0]}`);
  const forms = [...page.matchAll(/<form method="post" action="([^"]*)"(.*?)<\/form>/gs)];
  const sent = forms.filter(([, , inner = '']) => /<button(?![^>]* type="button")/.test(inner));
  const others = [...page.matchAll(/ formaction="([^"]*)"/g)];
  return [...links, ...[...sent, ...others].map(([, to = '']) => `POST ${to}`)];
}
