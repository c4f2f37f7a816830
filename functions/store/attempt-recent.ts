import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { AttemptError, DeliveryStatus } from '../domain/delivery.ts';
import type { RecentAttempt } from '../domain/statistics.ts';
import { readAttemptKey } from './attempt-item.ts';
import { recently } from './attempt-queries.ts';
import type { Item, Table } from './table.ts';

/** The newest attempts, up to `limit`, of events from `sinceMs` on. */
export type RecentStretch = { readonly sinceMs: number; readonly limit: number };

/** Some attempts, and whether there are more of them. */
export type RecentRead = { readonly attempts: readonly RecentAttempt[]; readonly isCut: boolean };

/** Reads the newest attempts of a webhook in one call, and so at most the 1 MB that DynamoDB reads in one. */
export async function readRecent(table: Table, webhookId: number, stretch: RecentStretch): Promise<RecentRead> {
  const query = { ...recently(table, webhookId, stretch.sinceMs), Limit: stretch.limit + 1 };
  const { Items = [], LastEvaluatedKey } = await table.db.send(new QueryCommand(query));
  const isCut = Items.length > stretch.limit || LastEvaluatedKey !== undefined;
  return { attempts: Items.slice(0, stretch.limit).map((item) => readRecentAttempt(item as Item)), isCut };
}

function readRecentAttempt(item: Item): RecentAttempt {
  return {
    deliveryId: readAttemptKey(item).deliveryId,
    nextAttemptAt: item['next_attempt_at'] as string | undefined,
    status: item['status'] as DeliveryStatus,
    startedAt: String(item['started_at']),
    durationMs: Number(item['duration_ms']),
    responseStatus: item['response_status'] as number | undefined,
    errorClass: (item['error'] as Pick<AttemptError, 'class'> | undefined)?.class,
  };
}
