import { listDeliveries, showDelivery } from '../../../functions/actions/deliveries.ts';
import { recentAttempts } from '../../../functions/actions/recent.ts';
import { startRecovery } from '../../../functions/actions/recoveries.ts';
import { deliveryId } from '../../../functions/domain/id.ts';
import { CHART_ATTEMPTS_MAX } from '../../../functions/domain/limits.ts';
import type { Webhook } from '../../../functions/domain/webhook.ts';
import { consoleDeps } from '../../../functions/runtime/console-deps.ts';
import { attemptItem } from '../../../functions/store/attempt-item.ts';
import type { Item } from '../../../functions/store/table.ts';
import type { Deployment } from '../../support/deployment.ts';
import { attemptOf } from '../../web/attempts.ts';
import { eventId } from '../cost/payload.ts';
import type { Dimension, Probe } from './dimension.ts';
import { plant } from './plant.ts';

/** A delivery a second, back from now, of which one in so many is dead. */
const EVERY_MS = 1_000;
const DEAD_EVERY = 100;
const PAGE = 25;
const RECENT_MS = 10 * 60_000;

/** The log of one webhook. */
export const attempts: Dimension = {
  title: 'Attempts in the table',
  unit: 'attempts',
  sizes: { full: [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000], quick: [1, 10, 100, 1_000] },
  grower: async (deployment) => {
    const webhook = await deployment.addWebhook({ payload_url: 'http://127.0.0.1:8080/' });
    let planted = 0;
    return async (size) => {
      await plant(deployment.table, items(deployment, webhook, { from: planted, to: size }));
      planted = size;
      return probes(deployment, webhook, size);
    };
  },
};

function eventAt({ nth, nowMs }: { readonly nth: number; readonly nowMs: number }) {
  return { id: eventId(nth), createdAt: new Date(nowMs - (nth + 1) * EVERY_MS).toISOString() };
}

function* items(
  { clock: { nowMs } }: Deployment,
  { id: webhookId, namespaceId }: Webhook,
  { from, to }: { readonly from: number; readonly to: number },
): Generator<Item> {
  for (let nth = from; nth < to; nth++) {
    const event = eventAt({ nth, nowMs });
    const attempt = attemptOf({
      deliveryId: deliveryId(event, webhookId),
      webhookId,
      namespaceId,
      eventId: event.id,
      eventCreatedAt: event.createdAt,
      startedAt: event.createdAt,
      status: nth % DEAD_EVERY === DEAD_EVERY / 2 ? 'dead' : 'succeeded',
      connection: { dnsMs: 12, connectMs: 31, tlsMs: 48, firstByteMs: 200, httpVersion: '1.1' },
    });
    yield attemptItem(attempt, undefined);
  }
}

function probes(deployment: Deployment, webhook: Webhook, size: number): readonly Probe[] {
  const { clock, namespace, engines, world, handlers } = deployment;
  const deps = consoleDeps(engines.settings, world);
  const of = { namespace, webhookId: webhook.id };
  const nowMs = clock.nowMs;
  const oldest = eventAt({ nth: size - 1, nowMs });
  const sinceAll = new Date(Date.parse(oldest.createdAt) - EVERY_MS).toISOString();
  const recover = async (since: string) => {
    const { id } = await startRecovery(deps, of, { since, status: 'dead' });
    for (;;) {
      const recovery = await deps.recoveries.find({ webhookId: webhook.id, id }, clock.nowMs);
      if (recovery?.status !== 'running') break;
      clock.nowMs += 60_000;
      await handlers.recover({});
    }
    clock.nowMs = nowMs;
  };
  const list = (filter: Parameters<typeof listDeliveries>[2]['filter']) =>
    listDeliveries(deps, of, { limit: PAGE, filter });
  return [
    { name: 'the first page of the log', run: () => list({}) },
    {
      name: 'a page from the oldest day',
      run: () => list({ untilMs: Date.parse(oldest.createdAt) + PAGE * EVERY_MS }),
    },
    { name: 'a page of dead ones, one in a hundred', run: () => list({ status: 'dead' }) },
    { name: 'one delivery', run: () => showDelivery(deps, of, deliveryId(oldest, webhook.id)) },
    { name: 'the chart of a day', run: () => recentAttempts(deps, [webhook], { limit: CHART_ATTEMPTS_MAX }) },
    { name: 'a run of the schedule of retries', run: () => handlers.retry({}) },
    { name: 'a recovery of ten minutes', run: () => recover(new Date(nowMs - RECENT_MS).toISOString()) },
    { name: 'a recovery of all', run: () => recover(sinceAll) },
  ];
}
