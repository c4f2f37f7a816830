import { firstAttempt } from '../domain/delivery.ts';
import { writeMessage } from '../domain/delivery-message.ts';
import { type CiEvent, type EventReading, eventsIn } from '../domain/event.ts';
import { EVENT_SENT_AGAIN_MAX_DAYS, QUEUE_MESSAGE_MAX_BYTES } from '../domain/limits.ts';
import { type Verdicts, verdictOn, type Webhook } from '../domain/webhook.ts';
import type { EventRecord, EventStore } from '../store/events.ts';
import type { Insertion } from '../store/table.ts';
import type { WebhookStore } from '../store/webhooks.ts';
import { messageBytes, type OutgoingMessage, type Queue } from '../transport/queue.ts';
import { applyToDirectory, type DirectoryEventDeps } from './directory-events.ts';

export type DispatchDeps = {
  readonly directory: DirectoryEventDeps;
  readonly events: EventStore;
  readonly webhooks: Pick<WebhookStore, 'all'>;
  readonly deliveries: Pick<Queue, 'send'>;
  readonly unreadable: Pick<Queue, 'send'>;
  /** Told of events that are not wholly stored and sent, of one batch: their messages go back to their queue. */
  readonly onHandedBack: (events: readonly CiEvent[]) => void;
  /** Told where the dead-letter queue does not take what cannot be read: it goes back to its queue. */
  readonly onUnburied: (error: unknown) => void;
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
const SENT_AGAIN_MAX_MS = EVENT_SENT_AGAIN_MAX_DAYS * 24 * 60 * 60 * 1000;

/**
 * Takes a batch of the events queue and sends one message for each event and subscribed webhook of its namespace. Each
 * step may be done again: an event is opened once, under its own key, and the ids of deliveries are derived. Then the
 * directory learns what is for it: the news of a deletion goes out before the webhooks do. What cannot be read goes to the dead-letter queue
 * with the reason, once all else of its message is done. Answers, in the order of `messages`, which of them are done: those of which every
 * event is.
 */
export async function dispatch(deps: DispatchDeps, messages: readonly EventMessage[]): Promise<boolean[]> {
  const read = messages.flatMap(({ messageId, body }, from) =>
    eventsIn(body).map((reading) => ({ messageId, from, reading })),
  );
  const events = read.flatMap(({ reading, ...of }) =>
    reading.kind === 'event' ? [{ ...of, event: reading.event }] : [],
  );
  const dispatched = await openAndSend(deps, events);
  const isDispatched = ({ event }: Read) => !hasNamespace(event) || dispatched.has(identity(event));
  const unapplied = await applyToDirectory(
    deps.directory,
    events.filter(isDispatched).map(({ event }) => event),
  );
  const undone = new Set(
    events.filter((one) => !isDispatched(one) || unapplied.has(one.event)).map(({ from }) => from),
  );
  const unreadable = read.flatMap(({ reading, from }) =>
    reading.kind === 'unreadable' && !undone.has(from) ? [{ from, letter: deadLetter(reading) }] : [],
  );
  for (const { from } of await unburied(deps, unreadable)) undone.add(from);
  return messages.map((_, index) => !undone.has(index));
}

/** An event, and the message that brought it: the `from`th of the batch. */
type Read = { readonly messageId: string; readonly from: number; readonly event: CiEvent };

/** Opens the events of namespaces and sends their deliveries; answers the identities of those that are done. */
async function openAndSend(deps: DispatchDeps, read: readonly Read[]): Promise<Set<string>> {
  const events = new Map<string, Brought>();
  for (const { messageId, event } of read) {
    if (!hasNamespace(event)) continue;
    const id = identity(event);
    const others = events.get(id)?.messageIds ?? [];
    events.set(id, { event: events.get(id)?.event ?? event, messageIds: [messageId, ...others] });
  }
  return dispatchEvents(deps, [...events.values()]);
}

function hasNamespace(event: CiEvent): event is NamespaceEvent {
  return event.namespaceId !== null;
}

/** Two copies of an event in one batch are one event. */
function identity(event: CiEvent): string {
  return `${event.namespaceId}/${event.createdAt}/${event.id}`;
}

type Unreadable = { readonly from: number; readonly letter: OutgoingMessage };

/** Sends what is unreadable to the dead-letter queue; answers what is not there. */
async function unburied(deps: DispatchDeps, unreadable: readonly Unreadable[]): Promise<readonly Unreadable[]> {
  if (unreadable.length === 0) return [];
  try {
    const sent = await deps.unreadable.send(unreadable.map(({ letter }) => letter));
    return unreadable.filter((_, position) => !sent[position]);
  } catch (error) {
    deps.onUnburied(error);
    return unreadable;
  }
}

/** A dead letter with the reason, unless the message is so large that it leaves no room for one. */
function deadLetter({ body, reason }: Extract<EventReading, { kind: 'unreadable' }>): OutgoingMessage {
  const whole = { body, attributes: { reason } };
  return messageBytes(whole) > QUEUE_MESSAGE_MAX_BYTES ? { body } : whole;
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
  const undone = fanOuts.filter((one) => !done.includes(one));
  if (undone.length > 0) deps.onHandedBack(undone.map(({ event }) => event));
  return new Set(done.map(({ event }) => identity(event)));
}

/** The webhooks to send an event to, now: those of its first verdict; none while another message sees to them, or after weeks. */
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
  const ageMs = deps.now() - Date.parse(first.receivedAt);
  // Events are kept for longer than attempts: soon nobody would know what has been delivered.
  if (ageMs > SENT_AGAIN_MAX_MS) return [];
  return isOurs || ageMs > OPENER_LIVES_MS ? first.sentTo : [];
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
