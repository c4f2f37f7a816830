import { firstAttempt } from '../domain/delivery.ts';
import { writeMessage } from '../domain/delivery-message.ts';
import { type CiEvent, type EventReading, eventsIn } from '../domain/event.ts';
import { type Verdicts, verdictOn, type Webhook } from '../domain/webhook.ts';
import type { EventRecord, EventStore } from '../store/events.ts';
import type { Insertion } from '../store/table.ts';
import type { WebhookStore } from '../store/webhooks.ts';
import type { Queue } from '../transport/queue.ts';
import { applyToDirectory, type DirectoryEventDeps } from './directory-events.ts';

export type DispatchDeps = {
  readonly directory: DirectoryEventDeps;
  readonly events: EventStore;
  readonly webhooks: Pick<WebhookStore, 'all'>;
  readonly deliveries: Pick<Queue, 'send'>;
  readonly unreadable: Pick<Queue, 'send'>;
  readonly now: () => number;
};

/** A message of the events queue. Its id stays the same when it is received again. */
export type EventMessage = { readonly messageId: string; readonly body: string };

type NamespaceEvent = CiEvent & { readonly namespaceId: number };
/** An event of a batch, and the ids of all messages of the batch that brought it. */
type Brought = { readonly event: NamespaceEvent; readonly messageIds: readonly [string, ...string[]] };

/**
 * How long the message that opened an event is certainly still on its way: from when it was received three minutes, its
 * visibility timeout, of which the opening may have come half a minute late. Until then it, and no other copy of the event,
 * sends the deliveries. A copy that comes later sends them again: it may be that very message, sent back from the dead-letter
 * queue under another id. Where that was not needed, the messages find their attempts recorded.
 */
const OPENER_LIVES_MS = 150_000;

/**
 * Takes a batch of the events queue and sends one message for each event and subscribed webhook of its namespace. Each
 * step may be done again: an event is opened once, under its own key, and the ids of deliveries are derived. Then the
 * directory learns what is for it: the news of a deletion goes out before the webhooks do. What cannot be read goes to the dead-letter queue
 * with the reason. Answers, in the order of `messages`, which of them are done: those of which every event is.
 */
export async function dispatch(deps: DispatchDeps, messages: readonly EventMessage[]): Promise<boolean[]> {
  const read = messages.flatMap(({ messageId, body }, from) =>
    eventsIn(body).map((reading) => ({ messageId, from, reading })),
  );
  const isDone = await openAndSend(deps, read);
  const events = read.flatMap(({ reading }, index) =>
    reading.kind === 'event' && isDone[index] ? [{ event: reading.event, index }] : [],
  );
  const unapplied = await applyToDirectory(
    deps.directory,
    events.map(({ event }) => event),
  );
  for (const { event, index } of events) if (unapplied.has(event)) isDone[index] = false;
  const undone = new Set(read.filter((_, index) => !isDone[index]).map(({ from }) => from));
  return messages.map((_, index) => !undone.has(index));
}

/** What was read of a message: the `from`th of the batch. */
type Read = { readonly messageId: string; readonly from: number; readonly reading: EventReading };

async function openAndSend(deps: DispatchDeps, read: readonly Read[]): Promise<boolean[]> {
  const events = new Map<string, Brought>();
  for (const { messageId, reading } of read) {
    if (reading.kind !== 'event' || !hasNamespace(reading.event)) continue;
    const { event } = reading;
    const id = identity(event);
    const others = events.get(id)?.messageIds ?? [];
    events.set(id, { event: events.get(id)?.event ?? event, messageIds: [messageId, ...others] });
  }
  const [buried, dispatched] = await Promise.all([bury(deps, read), dispatchEvents(deps, [...events.values()])]);
  return read.map(({ reading }, index) => {
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

/** Sends what is unreadable to the dead-letter queue; answers for each reading whether it is there. */
async function bury(deps: DispatchDeps, read: readonly Read[]): Promise<boolean[]> {
  const unreadable = read.flatMap(({ reading }, index) => {
    if (reading.kind !== 'unreadable') return [];
    const { body, reason } = reading;
    return [{ index, message: { body, attributes: { reason } } }];
  });
  const sent = unreadable.length === 0 ? [] : await deps.unreadable.send(unreadable.map(({ message }) => message));
  const isBuried = read.map(() => false);
  unreadable.forEach(({ index }, position) => {
    isBuried[index] = sent[position] ?? false;
  });
  return isBuried;
}

/** Opens the events and sends their deliveries; answers the identities of those that are done. */
async function dispatchEvents(deps: DispatchDeps, brought: readonly Brought[]): Promise<Set<string>> {
  if (brought.length === 0) return new Set();
  const records = await judge(deps, brought);
  const opened = await deps.events.open(records);
  const fanOuts = await Promise.all(
    records.map(async (record, index) => ({
      event: record.event,
      isOpen: opened[index] !== 'failed',
      ids: await sendTo(deps, { record, messageIds: brought[index]?.messageIds ?? [] }, opened[index]),
    })),
  );
  const messages = fanOuts.flatMap(({ event, ids }) => ids.map((webhookId) => firstAttempt(event, webhookId)));
  const sent = await deps.deliveries.send(
    messages.map((key) => ({ body: writeMessage(key), groupId: key.webhookId.toString() })),
  );
  const incomplete = new Set(messages.filter((_, position) => !sent[position]).map(({ eventId }) => eventId));
  const done = fanOuts.filter(({ event, isOpen }) => isOpen && !incomplete.has(event.id));
  return new Set(done.map(({ event }) => identity(event)));
}

/** The webhooks to send an event to, now: those of its first verdict, and none while another message sees to them. */
async function sendTo(
  deps: DispatchDeps,
  { record, messageIds }: { readonly record: EventRecord; readonly messageIds: readonly string[] },
  opened: Insertion | undefined,
): Promise<readonly number[]> {
  if (opened === 'inserted') return record.verdicts.sent ?? [];
  const first = opened === 'exists' ? await deps.events.opening(record.event) : undefined;
  if (first === undefined) return [];
  // Any of the copies in this batch: all of them are done together.
  const isOurs = messageIds.includes(first.openedBy);
  const isOld = deps.now() - Date.parse(first.receivedAt) > OPENER_LIVES_MS;
  return isOurs || isOld ? first.sentTo : [];
}

/** The verdict on every webhook of each event's namespace, each namespace read once. */
async function judge(deps: DispatchDeps, brought: readonly Brought[]): Promise<EventRecord[]> {
  const ids = [...new Set(brought.map(({ event }) => event.namespaceId))];
  const lists = await Promise.all(ids.map(async (id) => [id, await deps.webhooks.all(id)] as const));
  const webhooks = new Map(lists);
  const receivedAt = new Date(deps.now()).toISOString();
  return brought.map(({ event, messageIds }) => ({
    event,
    verdicts: verdictsOn(webhooks.get(event.namespaceId) ?? [], event),
    receivedAt,
    openedBy: messageIds[0],
  }));
}

function verdictsOn(webhooks: readonly Webhook[], event: CiEvent): Verdicts {
  const groups = Object.groupBy(webhooks, (webhook) => verdictOn(webhook, event.type));
  return Object.fromEntries(Object.entries(groups).map(([verdict, list]) => [verdict, list.map(({ id }) => id)]));
}
