import type { EventType } from '../domain/catalogue.ts';
import type { DeliveryStatus } from '../domain/delivery.ts';
import { deliveryId } from '../domain/id.ts';
import { DELIVERY_RETENTION_DAYS } from '../domain/limits.ts';
import type { Namespace } from '../domain/namespace.ts';
import type { Neighbours, PageRequest } from '../domain/page.ts';
import type { Verdict } from '../domain/webhook.ts';
import type { AttemptStore } from '../store/attempts.ts';
import type { EventKey, EventStore, EventSummary } from '../store/events.ts';
import { notFound } from './directory.ts';

export type { EventSummary };

export type EventDeps = {
  readonly events: Pick<EventStore, 'page' | 'find' | 'payload'>;
  readonly attempts: Pick<AttemptStore, 'delivery'>;
  readonly now: () => number;
};

/**
 * What became of an event for one webhook: where its delivery stands, `queued` before its first attempt, `expired` once none of its
 * attempts is kept any more; or why there is none. One that it missed while it was inactive has one once that has been recovered.
 */
export type EventVerdict = {
  readonly webhookId: number;
  readonly verdict: DeliveryStatus | 'queued' | 'expired' | Exclude<Verdict, 'sent'>;
  readonly deliveryId?: string | undefined;
};

/** An event, its payload while that is kept, and the verdict on every webhook. */
export type EventView = {
  readonly event: EventSummary;
  readonly payload: Uint8Array | undefined;
  readonly verdicts: readonly EventVerdict[];
};

/** Deliveries that are looked up at once. */
const LOOKUPS = 20;
const DELIVERY_KEPT_MS = DELIVERY_RETENTION_DAYS * 24 * 60 * 60 * 1000;

/** Which events a list shows, by their type and time: `sinceMs` included, `untilMs` not. */
export type EventFilter = {
  readonly type?: EventType | undefined;
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
};

/** A page of what happened in a namespace, newest first: of all, where no filter is given. */
export async function listEvents(
  deps: EventDeps,
  namespace: Namespace,
  { filter, ...page }: PageRequest & { readonly filter?: EventFilter },
): Promise<{ readonly events: EventSummary[] } & Neighbours> {
  const options = { ...filter, ...page, nowMs: deps.now() };
  const { rows: events, ...neighbours } = await deps.events.page(namespace.id, options);
  return { events, ...neighbours };
}

/** One event with its payload and the verdict on every webhook that its namespace had: why one was called, or was not. */
export async function showEvent(
  deps: EventDeps,
  namespace: Namespace,
  at: Omit<EventKey, 'namespaceId'>,
): Promise<EventView> {
  const key = { ...at, namespaceId: namespace.id };
  const event = await deps.events.find(key, deps.now());
  if (event === undefined) throw notFound();
  const deliveries = deliveriesOf(event);
  const statuses = new Map<string, DeliveryStatus>();
  for (let from = 0; from < deliveries.length; from += LOOKUPS) {
    await Promise.all(
      deliveries.slice(from, from + LOOKUPS).map(async ({ webhookId, deliveryId: id }) => {
        const status = (await deps.attempts.delivery(webhookId, id, deps.now()))?.at(-1)?.status;
        if (status !== undefined) statuses.set(id, status);
      }),
    );
  }
  return {
    event,
    payload: await deps.events.payload(key),
    verdicts: verdictsOf({ event, statuses, nowMs: deps.now() }),
  };
}

/** The deliveries that an event has, or that it has once it has been recovered: what there is to look up of it. */
export function deliveriesOf(event: EventSummary): { readonly webhookId: number; readonly deliveryId: string }[] {
  const { sent = [], inactive = [] } = event.verdicts;
  return [...sent, ...inactive].map((webhookId) => ({ webhookId, deliveryId: deliveryId(event, webhookId) }));
}

/** What is known of an event at a time: `statuses` are where those of its deliveries stand of which attempts are kept. */
type Known = {
  readonly event: EventSummary;
  readonly statuses: ReadonlyMap<string, DeliveryStatus>;
  readonly nowMs: number;
};

/** The verdict on every webhook that an event's namespace had, by id. */
export function verdictsOf({ event, statuses, nowMs }: Known): EventVerdict[] {
  const { sent = [], inactive = [], not_subscribed: notSubscribed = [] } = event.verdicts;
  const standing = (webhookId: number, otherwise: 'queued' | 'expired' | 'inactive'): EventVerdict => {
    const id = deliveryId(event, webhookId);
    const verdict = statuses.get(id) ?? otherwise;
    const isThere = verdict !== 'inactive' && verdict !== 'expired';
    return { webhookId, verdict, ...(isThere && { deliveryId: id }) };
  };
  // Events are kept for longer than attempts, which are begun as soon as there is an event.
  const isOld = nowMs - Date.parse(event.receivedAt) > DELIVERY_KEPT_MS;
  const verdicts: EventVerdict[] = [
    ...notSubscribed.map((webhookId) => ({ webhookId, verdict: 'not_subscribed' as const })),
    ...sent.map((webhookId) => standing(webhookId, isOld ? 'expired' : 'queued')),
    ...inactive.map((webhookId) => standing(webhookId, 'inactive')),
  ];
  return verdicts.sort((a, b) => a.webhookId - b.webhookId);
}
