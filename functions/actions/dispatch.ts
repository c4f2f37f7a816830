import type { AttemptKey } from '../domain/delivery.ts';
import { writeMessage } from '../domain/delivery.ts';
import { type CiEvent, readEvent } from '../domain/event.ts';
import { deliveryId } from '../domain/id.ts';
import { verdictOn, type Webhook } from '../domain/webhook.ts';
import type { EventRecord, EventStore, Verdicts } from '../store/events.ts';
import type { WebhookStore } from '../store/webhooks.ts';
import type { Queue } from '../transport/queue.ts';

export type DispatchDeps = {
  readonly events: EventStore;
  readonly webhooks: Pick<WebhookStore, 'all'>;
  readonly deliveries: Pick<Queue, 'send'>;
  readonly unreadable: Pick<Queue, 'send'>;
  readonly now: () => number;
};

type NamespaceEvent = CiEvent & { readonly namespaceId: number };

/**
 * Takes a batch of the events queue and sends one message for each event and subscribed webhook of its namespace. Each
 * step may be done again: an event is opened once, under its own key, and the ids of deliveries are derived. What cannot
 * be read goes to the dead-letter queue with the reason. Answers, in the order of `bodies`, which messages are done.
 */
export async function dispatch(deps: DispatchDeps, bodies: readonly string[]): Promise<boolean[]> {
  const readings = bodies.map(readEvent);
  const events = new Map<string, NamespaceEvent>();
  for (const reading of readings) {
    if (reading.kind === 'event' && hasNamespace(reading.event)) events.set(identity(reading.event), reading.event);
  }
  const [buried, dispatched] = await Promise.all([
    bury(
      deps,
      bodies.map((body, index) => ({ body, reading: readings[index] })),
    ),
    dispatchEvents(deps, [...events.values()]),
  ]);
  return readings.map((reading, index) => {
    if (reading.kind === 'unreadable') return buried[index] ?? false;
    return !hasNamespace(reading.event) || dispatched.has(identity(reading.event));
  });
}

function hasNamespace(event: CiEvent): event is NamespaceEvent {
  return event.namespaceId !== null;
}

/** Two copies of an event in one batch are one event. */
function identity(event: CiEvent): string {
  return `${event.namespaceId}/${event.createdAt}/${event.id}`;
}

type Read = { readonly body: string; readonly reading: ReturnType<typeof readEvent> | undefined };

/** Sends the unreadable messages to the dead-letter queue; answers for each message whether it is there. */
async function bury(deps: DispatchDeps, messages: readonly Read[]): Promise<boolean[]> {
  const unreadable = messages.flatMap(({ body, reading }, index) =>
    reading?.kind === 'unreadable' ? [{ index, message: { body, attributes: { reason: reading.reason } } }] : [],
  );
  const sent = unreadable.length === 0 ? [] : await deps.unreadable.send(unreadable.map(({ message }) => message));
  const isBuried = messages.map(() => false);
  unreadable.forEach(({ index }, position) => {
    isBuried[index] = sent[position] ?? false;
  });
  return isBuried;
}

/** Opens the events and sends their deliveries; answers the identities of those that are done. */
async function dispatchEvents(deps: DispatchDeps, events: readonly NamespaceEvent[]): Promise<Set<string>> {
  if (events.length === 0) return new Set();
  const records = await judge(deps, events);
  const opened = await deps.events.open(records);
  const fanOuts = await Promise.all(
    records.map(async ({ event, verdicts }, index) => ({
      event,
      ids: await sentTo(deps, event, opened[index] === 'exists', verdicts),
    })),
  );
  const isOpen = fanOuts.map((_, index) => opened[index] !== 'failed');
  const messages = fanOuts.flatMap(({ event, ids }, index) =>
    isOpen[index] ? ids.map((webhookId) => ({ index, key: firstAttempt(event, webhookId) })) : [],
  );
  const sent = await deps.deliveries.send(
    messages.map(({ key }) => ({ body: writeMessage(key), groupId: key.webhookId.toString() })),
  );
  const incomplete = new Set(messages.filter((_, position) => !sent[position]).map(({ index }) => index));
  return new Set(events.filter((_, index) => isOpen[index] && !incomplete.has(index)).map(identity));
}

/** The verdict on every webhook of each event's namespace, each namespace read once. */
async function judge(deps: DispatchDeps, events: readonly NamespaceEvent[]): Promise<EventRecord[]> {
  const ids = [...new Set(events.map(({ namespaceId }) => namespaceId))];
  const lists = await Promise.all(ids.map(async (id) => [id, await deps.webhooks.all(id)] as const));
  const webhooks = new Map(lists);
  const receivedAt = new Date(deps.now()).toISOString();
  return events.map((event) => ({
    event,
    verdicts: verdictsOn(webhooks.get(event.namespaceId) ?? [], event),
    receivedAt,
  }));
}

function verdictsOn(webhooks: readonly Webhook[], event: CiEvent): Verdicts {
  const groups = Object.groupBy(webhooks, (webhook) => verdictOn(webhook, event.type));
  return Object.fromEntries(Object.entries(groups).map(([verdict, list]) => [verdict, list.map(({ id }) => id)]));
}

/** An event that came before goes to the webhooks that it went to then: its first verdicts stand. */
async function sentTo(deps: DispatchDeps, event: NamespaceEvent, cameBefore: boolean, verdicts: Verdicts) {
  return (cameBefore ? await deps.events.sentTo(event) : verdicts.sent) ?? [];
}

function firstAttempt(event: NamespaceEvent, webhookId: number): AttemptKey {
  return {
    deliveryId: deliveryId(event, webhookId),
    webhookId,
    namespaceId: event.namespaceId,
    eventId: event.id,
    eventCreatedAt: event.createdAt,
    eventType: event.type,
    number: 1,
  };
}
