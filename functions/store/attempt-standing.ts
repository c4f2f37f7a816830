import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { DeliveryStatus } from '../domain/delivery.ts';
import { timeOfId } from '../domain/id.ts';
import { DELIVERY_RETENTION_DAYS } from '../domain/limits.ts';
import { attemptKey, readAttemptKey } from './attempt-item.ts';
import { oneDelivery } from './attempt-queries.ts';
import { getAll, type Table } from './table.ts';

export type WhichDelivery = { readonly webhookId: number; readonly deliveryId: string };

/** Queries that are under way at once. */
const QUERIES = 20;
const KEPT_MS = DELIVERY_RETENTION_DAYS * 24 * 60 * 60 * 1000;

/**
 * Reads where deliveries stand, by their ids. Most have one attempt: it comes by its key, a hundred in a call, and that there is no second
 * one, which may be a redelivery of what succeeded, comes along. Only of the others the last one is looked for, and of those whose first two
 * may have expired.
 */
export async function readStandings(
  table: Table,
  deliveries: readonly WhichDelivery[],
  nowMs: number,
): Promise<ReadonlyMap<string, DeliveryStatus>> {
  const keys = deliveries.flatMap((delivery) => [1, 2].map((number) => attemptKey({ ...delivery, number })));
  const items = await getAll(table, keys, { attributes: ['status', 'expires_at'] });
  const kept = items.filter((item) => Number(item['expires_at']) > nowMs / 1000);
  const attempts = kept
    .map((item) => ({ ...readAttemptKey(item), status: item['status'] as DeliveryStatus }))
    .sort((a, b) => a.number - b.number);
  const standings = new Map(attempts.map(({ deliveryId, status }) => [deliveryId, status]));
  const mayHaveLater = ({ deliveryId }: WhichDelivery) =>
    !standings.has(deliveryId) && timeOfId(deliveryId) < nowMs - KEPT_MS;
  const longer = [...attempts.filter(({ number }) => number === 2), ...deliveries.filter(mayHaveLater)];
  for (let from = 0; from < longer.length; from += QUERIES) {
    await Promise.all(
      longer.slice(from, from + QUERIES).map(async (delivery) => {
        const status = await lastStatus(table, delivery, nowMs);
        if (status !== undefined) standings.set(delivery.deliveryId, status);
      }),
    );
  }
  return standings;
}

async function lastStatus(
  table: Table,
  { webhookId, deliveryId }: WhichDelivery,
  nowMs: number,
): Promise<DeliveryStatus | undefined> {
  const query = {
    ...oneDelivery(table, webhookId, { deliveryId, nowMs }),
    ConsistentRead: false,
    ProjectionExpression: '#status',
    ExpressionAttributeNames: { '#status': 'status' },
    Limit: 1,
  };
  const { Items = [] } = await table.db.send(new QueryCommand(query));
  return Items[0]?.['status'] as DeliveryStatus | undefined;
}
