import type { EventType } from '../domain/catalogue.ts';
import type { Attempt, Delivery, DeliveryStatus, DeliverySummary } from '../domain/delivery.ts';
import type { Namespace } from '../domain/namespace.ts';
import type { Neighbours, PageRequest } from '../domain/page.ts';
import type { DeliveryPage } from '../store/attempt-queries.ts';
import type { AttemptStore } from '../store/attempts.ts';
import type { EventKey, EventStore } from '../store/events.ts';
import type { WebhookStore } from '../store/webhooks.ts';
import { notFound } from './directory.ts';

export type DeliveryDeps = {
  readonly webhooks: Pick<WebhookStore, 'get'>;
  readonly attempts: Pick<AttemptStore, 'page' | 'delivery' | 'attempt'>;
  readonly events: Pick<EventStore, 'payload'>;
  readonly now: () => number;
};

/** Which deliveries a list shows. The times are those of their events: `sinceMs` included, `untilMs` not. */
export type DeliveryFilter = {
  readonly status?: DeliveryStatus | undefined;
  readonly type?: EventType | undefined;
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
};

function passes({ status, type }: DeliveryFilter): DeliveryPage['lets'] {
  if (status === undefined && type === undefined) return undefined;
  return (delivery) =>
    (status === undefined || delivery.at(-1)?.status === status) &&
    (type === undefined || delivery[0].eventType === type);
}

type Of = { readonly namespace: Namespace; readonly webhookId: number };

/** A page of a webhook's deliveries, newest first, without what was sent and answered. */
export async function listDeliveries(
  deps: DeliveryDeps,
  of: Of,
  { filter, ...page }: PageRequest & { readonly filter: DeliveryFilter },
): Promise<{ readonly deliveries: DeliverySummary[] } & Neighbours> {
  await reachWebhook(deps, of);
  const { sinceMs, untilMs } = filter;
  const options = { ...page, sinceMs, untilMs, lets: passes(filter), nowMs: deps.now() };
  const { rows: deliveries, ...neighbours } = await deps.attempts.page(of.webhookId, options);
  return { deliveries, ...neighbours };
}

/** One delivery with its attempts, the newest 30 of them, and the payload that each of them sent. */
export async function showDelivery(
  deps: DeliveryDeps,
  of: Of,
  deliveryId: string,
): Promise<{ readonly delivery: Delivery; readonly payload: Uint8Array | undefined }> {
  await reachWebhook(deps, of);
  const delivery = await deps.attempts.delivery(of.webhookId, deliveryId, deps.now());
  if (delivery === undefined) throw notFound();
  const [{ namespaceId, eventId: id, eventCreatedAt: createdAt }] = delivery;
  const key: EventKey = { namespaceId, id, createdAt };
  return { delivery, payload: await deps.events.payload(key) };
}

/** One attempt of a delivery, also where that has so many that it is shown without this one. */
export async function showAttempt(
  deps: DeliveryDeps,
  of: Of,
  which: { readonly deliveryId: string; readonly number: number },
): Promise<Attempt | undefined> {
  await reachWebhook(deps, of);
  return deps.attempts.attempt({ webhookId: of.webhookId, ...which }, deps.now());
}

/** The log is found by the webhook's id alone: whether the webhook is of this namespace is asked first. */
async function reachWebhook(deps: DeliveryDeps, { namespace, webhookId }: Of): Promise<void> {
  if ((await deps.webhooks.get(namespace.id, webhookId)) === undefined) throw notFound();
}
