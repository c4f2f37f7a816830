import { readMessage } from '../../../functions/domain/delivery-message.ts';
import { QUEUES } from '../../../infra/queues.ts';
import { type Book, type BookedAttempt, type BookedDelivery, during } from './book.ts';
import type { FinishedRun } from './invariants.ts';
import type { StoredItem } from './items.ts';

const RECEIVES_MAX = QUEUES.find(({ name }) => name === 'deliveries')?.deadLetter?.maxReceives ?? 0;

/**
 * Whether trouble that was drawn may explain that an attempt was given up as our own fault: a message of it was received as often as it may be, and
 * each time by an invocation that was killed, or one of whose calls did not go well. Nothing explains it where nothing fails.
 */
export function mayBeGivenUp({ profile, handled }: FinishedRun): (id: string, number: number) => boolean {
  const explained = new Set<string>();
  for (const { body, tasks } of handled.values()) {
    const key = readMessage(body);
    const isExplained = tasks.length >= RECEIVES_MAX && tasks.every(({ isTroubled }) => isTroubled);
    if (key !== undefined && isExplained) explained.add(`${key.deliveryId}/${key.number}`);
  }
  return (id, number) => !profile.isTidy && explained.has(`${id}/${number}`);
}

/**
 * Deliveries that have no excuse: nobody has cancelled them, and as long as they took their webhook was active and their receiver well.
 * Where nothing fails these succeed.
 */
export function isOwed({ receivers, requests }: FinishedRun, book: Book): (delivery: BookedDelivery) => boolean {
  const cancelled = new Set(requests.promises.cancellations);
  return ({ id, webhookId, event, attempts }) => {
    const untilMs = endMs(attempts.at(-1));
    if (cancelled.has(id) || untilMs === undefined) return false;
    const states = during(book.webhooks.get(webhookId)?.history ?? [], event.openedAtMs, untilMs);
    const urls = new Set(states.map((state) => String(state?.['payload_url'])));
    return states.every(isActive) && [...urls].every((url) => receivers.wasWell(url, event.openedAtMs, untilMs));
  };
}

function endMs(last: BookedAttempt | undefined): number | undefined {
  return last?.history.at(-1)?.atMs;
}

function isActive(state: StoredItem | undefined): boolean {
  return state?.['active'] === true && state['deleted_by'] === undefined;
}
