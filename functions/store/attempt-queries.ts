import type { DeliverySummary } from '../domain/delivery.ts';
import { firstIdAt } from '../domain/id.ts';
import type { PageRequest } from '../domain/page.ts';
import type { Standing } from '../domain/recovery.ts';
import { SUMMARY_ATTRIBUTES } from './attempt-item.ts';
import type { Table } from './table.ts';

/** Which deliveries a page has; the times are those of their events. */
export type DeliveryPage = PageRequest & {
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  readonly lets?: ((delivery: DeliverySummary) => boolean) | undefined;
  readonly nowMs: number;
};

/** Which deliveries a recovery reads next: those of a stretch of time, after the delivery `after`. */
export type Stretch = {
  readonly after?: string | undefined;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly lets: (standing: Standing) => boolean;
  readonly limit: number;
  readonly nowMs: number;
};

/** Expired items may stand in the table for two days more (TTL): they are no longer part of the log. */
const NOT_EXPIRED = 'expires_at > :now';

/**
 * The attempts of a webhook's deliveries, newest first, or oldest first for a page that is read backwards; undefined where the
 * times and the cursor leave no room for any.
 */
export function inPage(table: Table, webhookId: number, options: Omit<DeliveryPage, 'limit' | 'lets'>) {
  const { cursor, nowMs } = options;
  const isBackwards = cursor?.direction === 'upto';
  const [since = '', until = '~'] = [options.sinceMs, options.untilMs].map((ms) =>
    ms === undefined ? undefined : firstIdAt(ms),
  );
  // The attempts of a delivery sort after its bare id: from there on it is in, and up to there it is out.
  const first = isBackwards && cursor.position > since ? cursor.position : since;
  const last = cursor?.direction === 'after' && cursor.position < until ? cursor.position : until;
  if (first > last) return undefined;
  return {
    TableName: table.name,
    ScanIndexForward: isBackwards,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
    FilterExpression: NOT_EXPIRED,
    ExpressionAttributeValues: {
      ':pk': `WEBHOOK#${webhookId}`,
      ':first': `DELIVERY#${first}`,
      ':last': `DELIVERY#${last}`,
      ':now': nowMs / 1000,
    },
  };
}

/** The same, without attempts that are held. */
export function allButHeld(range: NonNullable<ReturnType<typeof inPage>>) {
  return {
    ...range,
    FilterExpression: `${NOT_EXPIRED} AND #status <> :held`,
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: { ...range.ExpressionAttributeValues, ':held': 'held' },
  };
}

/** The same, of each attempt what lists show. */
export function summariesOf(range: NonNullable<ReturnType<typeof inPage>>) {
  // Some of their names are words of DynamoDB's own.
  const names = SUMMARY_ATTRIBUTES.map((name) => [`#${name}`, name] as const);
  return {
    ...range,
    ProjectionExpression: names.map(([alias]) => alias).join(','),
    ExpressionAttributeNames: Object.fromEntries(names),
  };
}

/**
 * The attempts of a webhook's deliveries, oldest first, without what was sent and answered. Read as they are at this moment:
 * recoveries act on what they find, and audits judge it. Undefined where the times and the cursor leave no room for any.
 */
export function oldestFirst(
  table: Table,
  webhookId: number,
  { after, sinceMs, untilMs, nowMs }: Pick<Stretch, 'after' | 'sinceMs' | 'untilMs' | 'nowMs'>,
) {
  // The attempts of `after` itself end before the tilde.
  const first = after === undefined ? firstIdAt(sinceMs) : `${after}~`;
  const last = firstIdAt(untilMs);
  if (first > last) return undefined;
  return {
    TableName: table.name,
    ConsistentRead: true,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
    FilterExpression: NOT_EXPIRED,
    ProjectionExpression:
      'pk, sk, namespace_id, event_id, event_created_at, event_type, first_of_run, test, #status, started_at',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ':pk': `WEBHOOK#${webhookId}`,
      ':first': `DELIVERY#${first}`,
      ':last': `DELIVERY#${last}`,
      ':now': nowMs / 1000,
    },
  };
}

/** The attempts of a webhook's deliveries from a time on, newest first, without what was sent and answered. */
export function recently(table: Table, webhookId: number, sinceMs: number) {
  return {
    TableName: table.name,
    ScanIndexForward: false,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
    ProjectionExpression: 'pk, sk, #status, started_at, duration_ms, response_status, next_attempt_at, #error.#class',
    ExpressionAttributeNames: { '#status': 'status', '#error': 'error', '#class': 'class' },
    ExpressionAttributeValues: {
      ':pk': `WEBHOOK#${webhookId}`,
      ':first': `DELIVERY#${firstIdAt(sinceMs)}`,
      ':last': 'DELIVERY#~',
    },
  };
}

/** The attempts of one delivery, last to first. Read as they are at this moment: what is to be redelivered is counted by the last one. */
export function oneDelivery(
  table: Table,
  webhookId: number,
  which: { readonly deliveryId: string; readonly nowMs: number },
) {
  return {
    TableName: table.name,
    ConsistentRead: true,
    ScanIndexForward: false,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
    FilterExpression: NOT_EXPIRED,
    ExpressionAttributeValues: {
      ':pk': `WEBHOOK#${webhookId}`,
      ':first': `DELIVERY#${which.deliveryId}#`,
      ':last': `DELIVERY#${which.deliveryId}#~`,
      ':now': which.nowMs / 1000,
    },
  };
}
