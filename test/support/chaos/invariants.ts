import type { AttemptKey } from '../../../functions/domain/delivery.ts';
import { readMessage } from '../../../functions/domain/delivery-message.ts';
import { ATTEMPTS_MAX } from '../../../functions/domain/schedule.ts';
import { type Book, type BookedAttempt, type BookedDelivery, bookOf, during } from './book.ts';
import { isOwed, mayBeGivenUp } from './excuses.ts';
import type { SentEvent } from './operations.ts';
import { postViolations } from './posts.ts';
import type { Profile } from './profile.ts';
import type { MemoryQueues } from './queues.ts';
import type { Arrival, Receivers } from './receivers.ts';
import { recoveryViolations, unaskedFor } from './recoveries.ts';
import type { Requests } from './requests.ts';
import type { Handled } from './system.ts';
import type { MemoryTable } from './table.ts';
import { unsentViolations } from './unsent.ts';

/** A run that has come to rest. */
export type FinishedRun = {
  readonly table: MemoryTable;
  readonly queues: MemoryQueues;
  readonly receivers: Receivers;
  readonly requests: Requests;
  readonly sent: readonly SentEvent[];
  readonly profile: Profile;
  /** What the deliveries queue held, and the invocations that were given it. */
  readonly handled: ReadonlyMap<string, Handled>;
  /** Whether the functions' clock ever went back. */
  readonly hasJumpedBack: boolean;
};

/**
 * What of the system's promises does not hold at the end of a run, one sentence each. The law above all: accepted events times
 * matching webhooks = succeeded + dead + cancelled, for nothing is pending any more; and what succeeded did arrive.
 */
export function violations(run: FinishedRun): string[] {
  const book = bookOf(run.table);
  const payloads = new Map(run.sent.map(({ id, payload }) => [id, payload]));
  const { ledger } = run.receivers;
  const deliveries = [...book.deliveries.values()];
  const isAsked = askedFor(run, book);
  const isExcused = mayBeGivenUp(run);
  return [
    ...run.sent.flatMap((event) => acceptance(event, book)),
    ...deliveries.filter(isAsked).flatMap(conclusion),
    ...deliveries.flatMap((delivery) => sequence(delivery, run)),
    ...deliveries.flatMap((delivery) => [
      ...truth(delivery, ledger),
      ...unsentViolations(delivery, { book, isExcused }),
    ]),
    ...(run.profile.isTidy
      ? [
          ...deliveries.flatMap((delivery) => onceOnly(delivery, ledger)),
          ...deliveries.filter(isOwed(run, book)).flatMap(success),
          ...sentTwice(run, book),
        ]
      : []),
    ...book.unpromised.map((key) => `The log has a delivery that no event promises: ${key}`),
    ...book.due.map(({ pk, sk }) => `Something is due for ever: ${pk} ${sk}`),
    ...ledger.flatMap((arrival) => postViolations(arrival, { book, payloads, isClockTrue: !run.profile.jumps })),
    ...promisesToUsers(run, book),
    ...(run.hasJumpedBack ? [] : recoveryViolations(run.table, book)),
    ...unaskedFor(run.table, book),
  ];
}

/** Every accepted event is opened, with a verdict that fits the webhooks of its time. */
function acceptance(event: SentEvent, book: Book): string[] {
  const name = `The event ${event.id}`;
  const opened = book.events.find(({ id, createdAt }) => id === event.id && createdAt === event.createdAt);
  if (opened === undefined) return [`${name} was accepted and is not in the table`];
  return [...book.webhooks].flatMap(([id, { namespaceId, history }]) => {
    if (namespaceId !== event.namespaceId) return [];
    const states = during(history, event.sentAtMs, opened.openedAtMs);
    const matching = states.map((state) => {
      const types = (state?.['events'] ?? []) as readonly string[];
      const isThere = state?.['active'] === true && state['deleted_by'] === undefined;
      return isThere && (types.length === 0 || types.includes(event.type));
    });
    const isSent = opened.sentTo.includes(id);
    if (!isSent && !matching.includes(false)) return [`${name} was not sent to webhook ${id}, which matches it`];
    return isSent && !matching.includes(true) ? [`${name} was sent to webhook ${id}, which does not match it`] : [];
  });
}

/** A ping whose request had no good answer promises nothing. */
function askedFor({ requests }: FinishedRun, book: Book): (delivery: BookedDelivery) => boolean {
  const pings = new Set(requests.promises.pings.map(({ deliveryId }) => deliveryId));
  return ({ id }) => book.deliveries.get(id)?.event.item['test'] !== true || pings.has(id);
}

/** Every delivery that was promised has ended in the open. */
function conclusion({ id, webhookId, attempts }: BookedDelivery): string[] {
  const status = attempts.at(-1)?.item['status'];
  if (status === 'succeeded' || status === 'dead' || status === 'cancelled') return [];
  return [`The delivery ${id} of webhook ${webhookId} ended ${status === undefined ? 'without a trace' : status}`];
}

/** What has no excuse has succeeded. */
function success({ id, webhookId, attempts }: BookedDelivery): string[] {
  const status = attempts.at(-1)?.item['status'];
  if (status === 'succeeded') return [];
  return [`The delivery ${id} ended ${status}, though webhook ${webhookId} was active and its receiver well`];
}

/** Attempts follow each other as the schedule says, and what is written of one that was made stays, but for its being cancelled. */
function sequence(delivery: BookedDelivery, run: FinishedRun): string[] {
  const name = `The delivery ${delivery.id}`;
  return delivery.attempts.flatMap((attempt, index) => {
    const before = delivery.attempts[index - 1];
    const found: string[] = [];
    if (attempt.number !== index + 1) found.push(`${name} lacks attempt ${index + 1}`);
    if (!changedOnlyToCancelled(attempt)) found.push(`${name} has another attempt ${attempt.number} than before`);
    if (attempt.number - firstOfRun(attempt) >= ATTEMPTS_MAX) found.push(`${name} has too many attempts in a run`);
    if (before === undefined || firstOfRun(attempt) !== firstOfRun(before)) return found;
    const made = before.history.find(({ item }) => item?.['status'] !== 'held');
    const dueAt = made?.item?.['next_attempt_at'];
    if (dueAt === undefined) found.push(`${name} goes on after attempt ${before.number}, which was its last`);
    const isEarly = String(attempt.item['started_at']) < String(dueAt);
    const isSent = attempt.item['wire'] !== undefined;
    if (isEarly && isSent && !run.hasJumpedBack) found.push(`${name} makes attempt ${attempt.number} too early`);
    return found;
  });
}

function firstOfRun({ item }: BookedAttempt): number {
  return Number(item['first_of_run'] ?? 1);
}

function changedOnlyToCancelled({ history }: BookedAttempt): boolean {
  const statuses = history.map(({ item }) => item?.['status']);
  return statuses.every((status, index) => {
    const before = index === 0 ? status : statuses[index - 1];
    const wasHeld = history[index - 1]?.item?.['was_held'] === true;
    // One that is cancelled while its POST is under way, once it is no longer held, says what that came to.
    if (wasHeld) return before === 'held' || status !== 'held';
    return status === before || (before === 'retrying' && status === 'cancelled');
  });
}

/** No delivery succeeds without a POST of its own id that was answered with a 2xx; nor more often than that. */
function truth({ id, attempts }: BookedDelivery, ledger: readonly Arrival[]): string[] {
  const succeeded = attempts.filter(({ item }) => item['status'] === 'succeeded').length;
  const taken = ledger.filter(({ headers, status = 0 }) => {
    return headers['x-djinn-ci-delivery'] === id && status >= 200 && status < 300;
  }).length;
  return succeeded > taken ? [`The delivery ${id} succeeded ${succeeded} times, and arrived ${taken} times`] : [];
}

/** Where nothing fails every attempt is one POST. */
function onceOnly({ id, attempts }: BookedDelivery, ledger: readonly Arrival[]): string[] {
  const made = attempts.filter(({ item }) => item['wire'] !== undefined).length;
  const arrived = ledger.filter(({ headers }) => headers['x-djinn-ci-delivery'] === id).length;
  return made === arrived ? [] : [`The delivery ${id} has ${made} attempts, and arrived ${arrived} times`];
}

/** Where nothing fails every attempt but the first, whose event may come again, and those that were held, is sent once. */
function sentTwice({ queues }: FinishedRun, book: Book): string[] {
  const wasHeld = ({ deliveryId, number }: AttemptKey) =>
    book.deliveries.get(deliveryId)?.attempts[number - 1]?.history.some(({ item }) => item?.['status'] === 'held');
  const twice = [...queues.timesSent].filter(([body, times]) => {
    const key = readMessage(body);
    return times > 1 && key !== undefined && key.number > 1 && !wasHeld(key);
  });
  return twice.map(([body, times]) => `A message was sent ${times} times: ${body}`);
}

function promisesToUsers({ requests }: FinishedRun, { deliveries }: Book): string[] {
  const { pings, redeliveries } = requests.promises;
  return [
    ...pings
      .filter(({ deliveryId }) => !deliveries.has(deliveryId))
      .map(({ deliveryId }) => `The ping ${deliveryId} was answered and is not in the table`),
    ...redeliveries
      .filter(({ deliveryId, lastNumber }) => !isMadeAfter(deliveries.get(deliveryId), lastNumber))
      .map(({ deliveryId }) => `A redelivery of ${deliveryId} was answered and not made`),
  ];
}

/** Whether a delivery has gone on after an attempt; a redelivery of one that was held was that very attempt. */
function isMadeAfter(delivery: BookedDelivery | undefined, lastNumber: number): boolean {
  const last = delivery?.attempts.at(-1);
  if (last === undefined || last.number > lastNumber) return last !== undefined;
  return last.history.some(({ item }) => item?.['status'] === 'held');
}
