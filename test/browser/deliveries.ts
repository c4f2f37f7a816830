import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { cancelRetries } from '../../functions/actions/redeliver.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import { RETRY_DELAYS_SECONDS } from '../../functions/domain/schedule.ts';
import type { Webhook } from '../../functions/domain/webhook.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { busEvent } from '../support/deployment.ts';
import { work } from '../support/emit.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import type { Console } from './console.ts';

/** An event to emit: its type and its payload, as JSON or as its text. */
export type Emitting = { readonly type?: string; readonly payload: unknown; readonly id?: string };

const DAY_MS = 24 * 60 * 60 * 1000;

/** Puts events on the bus, one at the deployment's clock and each a second later than the one before, and makes their attempts. */
export async function emitAll(c: Console, events: readonly Emitting[]) {
  const all = events.map(({ type = 'build.finished', payload, id = randomUUID() }, index) => ({
    namespaceId: c.namespace.id,
    id,
    type,
    createdAt: new Date(c.clock.nowMs + index * 1000).toISOString(),
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  }));
  await c.send('events', all.map(busEvent));
  await c.drain('events', c.handlers.ingest);
  await work(c);
  return all;
}

/** A build that has finished. What its `answer` says, the receiver of `startObedient` answers. */
export function build(number: number, answer = 204, more: Readonly<Record<string, unknown>> = {}): Emitting {
  const url = `https://ci.acme.example/n/admin/demo/-/builds/${number}`;
  return {
    payload: { id: number + 88_000, number, status: answer === 204 ? 'passed' : 'failed', url, answer, ...more },
  };
}

/** A receiver that answers as each payload's `answer` says. */
export function startObedient(c: Console): Promise<Receiver> {
  return startReceiver((response, request) => {
    const { answer } = JSON.parse(request.body.toString()) as { answer?: number };
    const body = answer === 503 ? '{"error":"too many requests in flight","retry_in_s":240}' : '';
    const head = body ? { 'content-type': 'application/json' } : {};
    // By both clocks: the deployment's and the one that phases are taken by.
    const tookMs = answer === 503 ? 240 : 24;
    setTimeout(() => {
      c.clock.nowMs += tookMs;
      response.writeHead(answer ?? 204, head).end(body);
    }, tookMs);
  });
}

/** The pages of a webhook's log. */
export function logOf(webhook: Pick<Webhook, 'id'>): string {
  return `/console/n/admin/demo/-/webhooks/${webhook.id}/deliveries`;
}

/** The page of an event's delivery. */
export function pageOf(
  webhook: Pick<Webhook, 'id'>,
  event: { readonly id: string; readonly createdAt: string },
): string {
  return `${logOf(webhook)}/${deliveryId(event, webhook.id)}`;
}

/** A webhook whose log has a delivery of every kind, over some days that end now; the newest is held. */
export async function fillLog(c: Console, receiver: Receiver) {
  const endMs = c.clock.nowMs;
  c.clock.nowMs = endMs - 5 * DAY_MS;
  const webhook = await c.addWebhook({
    payload_url: `${receiver.url}/hooks/ci`,
    secret: 'a secret',
    events: ['build.finished', 'build.tagged', 'cron', 'variables'],
  });
  const [dead] = await emitAll(c, [
    { type: 'variables', payload: { answer: 500, action: 'created', variable: { key: 'DEPLOY_KEY' } } },
  ]);
  for (const seconds of RETRY_DELAYS_SECONDS) {
    c.clock.nowMs += seconds * 1000;
    await work(c);
    await emitAll(c, [{ type: 'cron', payload: { answer: 204, action: 'updated', cron: { name: 'nightly' } } }]);
  }
  c.clock.nowMs = endMs - 40 * 60_000;
  const [cancelled, good, retrying] = await emitAll(c, [build(1840, 500), build(1841), build(1842, 503)]);
  if (cancelled === undefined || good === undefined || retrying === undefined || dead === undefined)
    throw new Error('Nothing was emitted');
  const which = { namespace: c.namespace, webhookId: webhook.id, deliveryId: deliveryId(cancelled, webhook.id) };
  await cancelRetries(apiDeps(c.engines.settings, c.world), which);
  c.clock.nowMs = endMs - 60_000;
  await work(c);
  await emitAll(c, [
    { type: 'build.tagged', payload: { answer: 503, build: { number: 1841 }, tags: [{ name: 'v2.3.0' }] } },
    build(1843),
  ]);
  c.clock.nowMs = endMs;
  return { webhook, url: logOf(webhook), dead, retrying, good };
}

/** A webhook of its own, which this event alone is for, with so many deliveries of it. */
export async function hookWith(
  c: Console,
  receiver: Receiver,
  { count, type = 'ssh_keys' }: { readonly count: number; readonly type?: string },
) {
  const payload_url = `${receiver.url}/own/${crypto.randomUUID()}`;
  const webhook = await c.addWebhook({ payload_url, events: [type] });
  const events = await emitAll(
    c,
    Array.from({ length: count }, (_, nth) => ({
      type,
      payload: { action: 'created', key: { name: `key-${nth + 1}` } },
    })),
  );
  return {
    webhook,
    events,
    url: logOf(webhook),
    arrived: () => receiver.received.filter(({ path }) => payload_url.endsWith(path)),
  };
}

/** The rows of a log, and their texts. */
export const rows = (page: Page) => page.locator('.log tbody tr');
export const texts = (page: Page) => rows(page).allInnerTexts();
