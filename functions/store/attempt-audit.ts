import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { AuditedAttempt } from '../domain/audit.ts';
import type { DeliveryStatus } from '../domain/delivery.ts';
import { readAttemptKey } from './attempt-item.ts';
import { oldestFirst } from './attempt-queries.ts';
import type { Item, Table } from './table.ts';

/** Which deliveries to read: those of a webhook's events from `sinceMs` until before `untilMs`. */
export type AuditStretch = { readonly sinceMs: number; readonly untilMs: number; readonly nowMs: number };

/**
 * Reads the attempts of a webhook's deliveries, oldest delivery first and each delivery's first to last, a page at a time. As
 * they are at this moment, and in the order in which they are written: of a delivery that goes on meanwhile no half is seen.
 */
export async function* readForAudit(
  table: Table,
  webhookId: number,
  stretch: AuditStretch,
): AsyncGenerator<AuditedAttempt & { readonly deliveryId: string }> {
  const query = oldestFirst(table, webhookId, stretch);
  if (query === undefined) return;
  const ProjectionExpression = `${query.ProjectionExpression}, next_attempt_at, due_shard, due_at`;
  for await (const { Items = [] } of paginateQuery({ client: table.db }, { ...query, ProjectionExpression })) {
    for (const item of Items) yield readOne(item as Item);
  }
}

/** An attempt is in the index of what is due with both of the index's keys, or not at all. */
function readOne(item: Item): AuditedAttempt & { readonly deliveryId: string } {
  const { deliveryId, number, firstOfRun } = readAttemptKey(item);
  const status = item['status'] as DeliveryStatus;
  const isDue = item['due_shard'] !== undefined && item['due_at'] !== undefined;
  // What is held is not due at a time; its place in the order stands for one.
  const next = status === 'held' ? isoOf(item['due_at']) : item['next_attempt_at'];
  return { deliveryId, number, firstOfRun, status, nextAttemptAt: isDue && next ? String(next) : undefined };
}

function isoOf(ms: unknown): string | undefined {
  return ms === undefined ? undefined : new Date(Number(ms)).toISOString();
}
