import { type Book, type BookedDelivery, type BookedEvent, during } from './book.ts';
import type { StoredItem, Version } from './items.ts';
import type { MemoryTable } from './table.ts';

type Recovered = { readonly last: StoredItem; readonly history: readonly Version[] };

/** What a finished recovery was asked to make and did not: all that was to be made all the while. */
export function recoveryViolations(table: MemoryTable, book: Book): string[] {
  return recoveriesOf(table).flatMap(({ last, history }) => {
    if (last['status'] === 'running') return [`A recovery runs for ever: ${last.pk} ${last.sk}`];
    if (last['status'] !== 'finished') return [];
    const isOf = ({ webhookId, event }: BookedDelivery) => last.pk === `WEBHOOK#${webhookId}` && isIn(last, event);
    const unmade = [...book.deliveries.values()].filter(
      (delivery) => isOf(delivery) && isLeft(delivery, last, history),
    );
    const unheard = book.missed.filter((delivery) => isOf(delivery) && isUnheard(delivery, { last, history }, book));
    return [...unmade, ...unheard].map(({ id }) => `The recovery ${last.sk} has not made the delivery ${id}`);
  });
}

/** What was missed is delivered to nobody who has not asked for it. */
export function unaskedFor(table: MemoryTable, { missed }: Book): string[] {
  const asked = recoveriesOf(table).filter(({ last }) => last['delivery_status'] === 'missed');
  const isAsked = ({ webhookId, event }: BookedDelivery) =>
    asked.some(({ last }) => last.pk === `WEBHOOK#${webhookId}` && isIn(last, event));
  return missed
    .filter((delivery) => delivery.attempts.length > 0 && !isAsked(delivery))
    .map(({ id, webhookId }) => `The delivery ${id} of webhook ${webhookId} was missed, and is made unasked`);
}

function recoveriesOf(table: MemoryTable): Recovered[] {
  return [...table.histories()].flatMap((history) => {
    const last = history.at(-1)?.item;
    return last?.sk.startsWith('RECOVERY#') === true ? [{ last, history }] : [];
  });
}

function isIn(recovery: StoredItem, { createdAt }: BookedEvent): boolean {
  return createdAt >= String(recovery['since']) && createdAt < String(recovery['until']);
}

function isLeft(delivery: BookedDelivery, recovery: StoredItem, history: readonly Version[]): boolean {
  const [beganMs = 0, endedMs = 0] = [history[0]?.atMs, history.at(-1)?.atMs];
  // Of what is held it makes the very attempt that is held, which may be held again, or cancelled.
  if (recovery['delivery_status'] === 'held') return false;
  const before = delivery.attempts.filter((attempt) => (attempt.history[0]?.atMs ?? 0) < beganMs);
  const last = before.at(-1);
  if (last === undefined || before.length < delivery.attempts.length) return false;
  const stood = last.history.filter(({ atMs }) => atMs <= endedMs).map(({ item }) => String(item?.['status']));
  const meant = recovery['delivery_status'] === 'missed' ? ['dead', 'cancelled'] : [recovery['delivery_status']];
  const startedAt = String(last.item['started_at']);
  return stood.every((status) => meant.includes(status)) && startedAt < String(recovery['created_at']);
}

/** Whether a missed event was there and subscribed to from the recovery's beginning to its end, and still has no delivery. */
function isUnheard({ webhookId, event, attempts }: BookedDelivery, { last, history }: Recovered, book: Book): boolean {
  const [beganMs = 0, endedMs = 0] = [history[0]?.atMs, history.at(-1)?.atMs];
  if (last['delivery_status'] !== 'missed' || attempts.length > 0 || event.openedAtMs >= beganMs) return false;
  const types = during(book.webhooks.get(webhookId)?.history ?? [], beganMs, endedMs).map(
    (state) => (state?.['events'] ?? []) as readonly unknown[],
  );
  return types.every((some) => some.length === 0 || some.includes(event.item['type']));
}
