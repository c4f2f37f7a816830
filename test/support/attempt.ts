import { randomUUID } from 'node:crypto';
import type { Attempt } from '../../functions/domain/delivery.ts';

/** An attempt that failed at 12:00 and is to be repeated at 12:05, of a new delivery of webhook 1, but for the differences. */
export function failedAttempt(differences: Partial<Attempt> = {}): Attempt {
  return {
    deliveryId: randomUUID(),
    webhookId: 1,
    namespaceId: 1,
    eventId: randomUUID(),
    eventCreatedAt: '2026-11-23T11:59:59.000Z',
    eventType: 'cron',
    number: 1,
    firstOfRun: 1,
    status: 'retrying',
    startedAt: '2026-11-23T12:00:00.000Z',
    durationMs: 12,
    nextAttemptAt: '2026-11-23T12:05:00.000Z',
    ...differences,
  };
}
