import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { AttemptError, DeliveryStatus } from '../domain/delivery.ts';
import type { MeasuredAttempt } from '../domain/statistics.ts';
import { recently } from './attempt-queries.ts';
import type { Table } from './table.ts';

/** The newest attempts, up to `limit`, of events from `sinceMs` on. */
export type RecentStretch = { readonly sinceMs: number; readonly limit: number };

/** Some attempts, and whether there are more of them. */
export type RecentRead = { readonly attempts: readonly MeasuredAttempt[]; readonly isCut: boolean };

/** Reads the newest attempts of a webhook in one call, and so at most the 1 MB that DynamoDB reads in one. */
export async function readRecent(table: Table, webhookId: number, stretch: RecentStretch): Promise<RecentRead> {
  const query = { ...recently(table, webhookId, stretch.sinceMs), Limit: stretch.limit + 1 };
  const { Items = [], LastEvaluatedKey } = await table.db.send(new QueryCommand(query));
  const isCut = Items.length > stretch.limit || LastEvaluatedKey !== undefined;
  return { attempts: Items.slice(0, stretch.limit).map(readMeasured), isCut };
}

function readMeasured(item: Readonly<Record<string, unknown>>): MeasuredAttempt {
  return {
    status: item['status'] as DeliveryStatus,
    startedAt: String(item['started_at']),
    durationMs: Number(item['duration_ms']),
    responseStatus: item['response_status'] as number | undefined,
    errorClass: (item['error'] as Pick<AttemptError, 'class'> | undefined)?.class,
  };
}
