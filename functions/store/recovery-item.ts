import { RECOVERY_RETENTION_DAYS } from '../domain/limits.ts';
import type { Recoverable, Recovery, RecoveryStatus } from '../domain/recovery.ts';
import type { Item, Key } from './table.ts';

/** What names a recovery. */
export type RecoveryKey = Pick<Recovery, 'webhookId' | 'id'>;

/**
 * A recovery that runs, as whoever works on it holds it: until `dueAtMs` nobody else will, and what has been written since by
 * somebody else is found out by it.
 */
export type RunningRecovery = Recovery & { readonly dueAtMs: number };

/** The partition of the due index that recoveries stand in while they run: one of their own. */
export const RECOVERIES_SHARD = 'RECOVERIES';

const DAY_SECONDS = 24 * 60 * 60;

/** Where a recovery stands in the table: beside its webhook's deliveries, by when it was asked for. */
export function recoveryKey({ webhookId, id }: RecoveryKey): Key {
  return { pk: `WEBHOOK#${webhookId}`, sk: `RECOVERY#${id}` };
}

/** What is in the table while a recovery of the webhook runs, so that there is one at a time. */
export function runningKey({ webhookId }: Pick<RecoveryKey, 'webhookId'>): Key {
  return { pk: `WEBHOOK#${webhookId}`, sk: 'RECOVERING' };
}

/** Writes a running recovery as its item. */
export function recoveryItem(recovery: RunningRecovery): Item {
  return {
    ...recoveryKey(recovery),
    v: 1,
    namespace_id: recovery.namespaceId,
    status: recovery.status,
    since: recovery.filter.since,
    until: recovery.filter.until,
    delivery_status: recovery.filter.status,
    created_at: recovery.createdAt,
    due_shard: RECOVERIES_SHARD,
    due_at: recovery.dueAtMs,
    ...progressAttributes(recovery),
  };
}

/** What changes of a recovery while it runs. */
export function progressAttributes(recovery: Recovery) {
  return {
    last_delivery: recovery.cursor,
    last_event: recovery.eventCursor,
    deliveries_read: recovery.deliveriesRead,
    deliveries_redelivered: recovery.deliveriesRedelivered,
    updated_at: recovery.updatedAt,
  };
}

/** The second from which on an ended recovery is no longer shown. */
export function expiryOf(finishedAt: string): number {
  return Math.ceil(Date.parse(finishedAt) / 1000) + RECOVERY_RETENTION_DAYS * DAY_SECONDS;
}

/** Reads which recovery an item is, from the item or from its shadow in the due index. */
export function readRecoveryKey(item: Item): RecoveryKey {
  return { webhookId: Number(item.pk.split('#', 2)[1]), id: item.sk.split('#', 2)[1] ?? '' };
}

/** Reads a recovery from its item. */
export function readRecovery(item: Item): Recovery {
  return {
    ...readRecoveryKey(item),
    namespaceId: Number(item['namespace_id']),
    status: item['status'] as RecoveryStatus,
    filter: {
      since: String(item['since']),
      until: String(item['until']),
      status: item['delivery_status'] as Recoverable,
    },
    cursor: item['last_delivery'] as string | undefined,
    eventCursor: item['last_event'] as string | undefined,
    deliveriesRead: Number(item['deliveries_read']),
    deliveriesRedelivered: Number(item['deliveries_redelivered']),
    reason: item['reason'] as string | undefined,
    createdAt: String(item['created_at']),
    updatedAt: String(item['updated_at']),
    finishedAt: item['finished_at'] as string | undefined,
  };
}

/** Reads a recovery that runs. */
export function readRunning(item: Item): RunningRecovery {
  return { ...readRecovery(item), dueAtMs: Number(item['due_at']) };
}
