import type { BookedDelivery } from './book.ts';
import type { StoredItem, Version } from './items.ts';
import type { MemoryTable } from './table.ts';

/** What a finished recovery was asked to make again and did not: every delivery that stood so all the while. */
export function recoveryViolations(table: MemoryTable, deliveries: readonly BookedDelivery[]): string[] {
  return [...table.histories()].flatMap((history) => {
    const [first] = history;
    const last = history.at(-1)?.item;
    if (first?.item?.sk.startsWith('RECOVERY#') !== true) return [];
    if (last?.['status'] === 'running') return [`A recovery runs for ever: ${last.pk} ${last.sk}`];
    if (last?.['status'] !== 'finished') return [];
    return deliveries
      .filter((delivery) => last.pk === `WEBHOOK#${delivery.webhookId}` && isMissed(delivery, last, history))
      .map(({ id }) => `The recovery ${last.sk} has not made the delivery ${id} again`);
  });
}

function isMissed(delivery: BookedDelivery, recovery: StoredItem, history: readonly Version[]): boolean {
  const [beganMs = 0, endedMs = 0] = [history[0]?.atMs, history.at(-1)?.atMs];
  // Of what is held it makes the very attempt that is held, which may be held again, or cancelled.
  if (recovery['delivery_status'] === 'held') return false;
  const { createdAt } = delivery.event;
  if (createdAt < String(recovery['since']) || createdAt >= String(recovery['until'])) return false;
  const before = delivery.attempts.filter((attempt) => (attempt.history[0]?.atMs ?? 0) < beganMs);
  const last = before.at(-1);
  if (last === undefined || before.length < delivery.attempts.length) return false;
  const stood = last.history.filter(({ atMs }) => atMs <= endedMs).map(({ item }) => item?.['status']);
  const startedAt = String(last.item['started_at']);
  return stood.every((status) => status === recovery['delivery_status']) && startedAt < String(recovery['created_at']);
}
