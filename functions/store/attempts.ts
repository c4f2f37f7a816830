import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { paginateQuery, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Attempt, AttemptKey, Delivery } from '../domain/delivery.ts';
import { attemptItem, attemptKey, DUE_SHARDS, dueShard, readAttempt, readAttemptKey } from './attempt-item.ts';
import { type Insertion, type Item, insertAll, TABLE_SCHEMA, type Table } from './table.ts';

/** An attempt to record, and when its successor is to be taken in hand, where it has one. */
export type Recording = { readonly attempt: Attempt; readonly dueAtMs?: number | undefined };

/** A failed attempt whose successor is due. */
export type DueAttempt = AttemptKey & { readonly dueAtMs: number; readonly nextAttemptAt: string };

export type AttemptStore = ReturnType<typeof attemptStore>;

const DUE_PAGE = 100;

/** The attempts of all deliveries: the log, and through the due index what is still to be tried. */
export function attemptStore(table: Table) {
  return {
    /** Records attempts; an attempt that is recorded already stays as it is. Answers in the order of `recordings`. */
    record: (recordings: readonly Recording[]): Promise<Insertion[]> =>
      insertAll(
        table,
        recordings.map(({ attempt, dueAtMs }) => attemptItem(attempt, dueAtMs)),
      ),

    /** Says of an attempt that its successor has been recorded: nothing is due for it any more. */
    async settle(key: AttemptKey): Promise<void> {
      const query = { UpdateExpression: 'REMOVE due_shard, due_at', ConditionExpression: 'attribute_exists(pk)' };
      await updateIfHeld(table, key, query);
    },

    /** The attempts whose successors are due until `untilMs`, shard by shard, oldest first. */
    async *due(untilMs: number): AsyncGenerator<DueAttempt[]> {
      for (let shard = 0; shard < DUE_SHARDS; shard++) {
        for await (const page of paginateQuery({ client: table.db }, dueQuery(table, shard, untilMs))) {
          yield (page.Items ?? []).map((item) => ({
            ...readAttemptKey(item as Item),
            dueAtMs: Number(item['due_at']),
            nextAttemptAt: String(item['next_attempt_at']),
          }));
        }
      }
    },

    /**
     * Cancels what is to follow an attempt: it is the delivery's last one, and says so. False where nothing was to follow
     * any more.
     */
    cancel: (key: AttemptKey): Promise<boolean> =>
      updateIfHeld(table, key, {
        UpdateExpression: 'SET #status = :cancelled REMOVE due_shard, due_at, next_attempt_at',
        ConditionExpression: 'attribute_exists(due_at)',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':cancelled': 'cancelled' },
      }),

    /**
     * Undertakes to send a due attempt's successor: until `untilMs` nobody else will. False where somebody else has
     * undertaken it, or it has been settled.
     */
    claim: (due: DueAttempt, untilMs: number): Promise<boolean> =>
      updateIfHeld(table, due, {
        UpdateExpression: 'SET due_at = :until',
        ConditionExpression: 'due_at = :seen',
        ExpressionAttributeValues: { ':until': untilMs, ':seen': due.dueAtMs },
      }),

    /** The deliveries of a webhook, newest first, older than the delivery `before` where one is named. */
    async page(
      webhookId: number,
      options: { readonly before?: string | undefined; readonly limit: number; readonly nowMs: number },
    ) {
      const query = { ...newestFirst(table, webhookId, options), Limit: options.limit * 2 };
      const deliveries: Delivery[] = [];
      for await (const page of paginateQuery({ client: table.db }, query)) {
        for (const item of page.Items ?? []) addNewestFirst(deliveries, readAttempt(item as Item));
        // One more than asked for: only then is the last one asked for known to be whole.
        if (deliveries.length > options.limit) break;
      }
      return { deliveries: deliveries.slice(0, options.limit), hasMore: deliveries.length > options.limit };
    },

    /** One delivery with all its attempts; undefined where the log has none. */
    async delivery(webhookId: number, deliveryId: string, nowMs: number): Promise<Delivery | undefined> {
      const deliveries: Delivery[] = [];
      for await (const page of paginateQuery(
        { client: table.db },
        oneDelivery(table, webhookId, { deliveryId, nowMs }),
      )) {
        for (const item of page.Items ?? []) addNewestFirst(deliveries, readAttempt(item as Item));
      }
      return deliveries[0];
    },

    /** The last attempt of a webhook's newest delivery. */
    async latest(webhookId: number, nowMs: number): Promise<Attempt | undefined> {
      const query = new QueryCommand({ ...newestFirst(table, webhookId, { nowMs }), Limit: 1 });
      const { Items = [] } = await table.db.send(query);
      return Items[0] && readAttempt(Items[0] as Item);
    },
  };
}

function dueQuery(table: Table, shard: number, untilMs: number) {
  const { name, partitionKey, sortKey } = TABLE_SCHEMA.dueIndex;
  return {
    TableName: table.name,
    IndexName: name,
    KeyConditionExpression: `${partitionKey} = :shard AND ${sortKey} <= :until`,
    ExpressionAttributeValues: { ':shard': dueShard(shard), ':until': untilMs },
    Limit: DUE_PAGE,
  };
}

/** Expired items may stand in the table for two days more (TTL): they are no longer part of the log. */
const NOT_EXPIRED = 'expires_at > :now';

function newestFirst(
  table: Table,
  webhookId: number,
  options: { readonly before?: string | undefined; readonly nowMs: number },
) {
  return {
    TableName: table.name,
    ScanIndexForward: false,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
    FilterExpression: NOT_EXPIRED,
    ExpressionAttributeValues: {
      ':pk': `WEBHOOK#${webhookId}`,
      ':first': 'DELIVERY#',
      // The attempts of `before` itself sort after its bare id.
      ':last': `DELIVERY#${options.before ?? '~'}`,
      ':now': options.nowMs / 1000,
    },
  };
}

function oneDelivery(table: Table, webhookId: number, which: { readonly deliveryId: string; readonly nowMs: number }) {
  return {
    TableName: table.name,
    ScanIndexForward: false,
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :delivery)',
    FilterExpression: NOT_EXPIRED,
    ExpressionAttributeValues: {
      ':pk': `WEBHOOK#${webhookId}`,
      ':delivery': `DELIVERY#${which.deliveryId}#`,
      ':now': which.nowMs / 1000,
    },
  };
}

/** Attempts come newest first; within a delivery they are kept first to last. */
function addNewestFirst(deliveries: Delivery[], attempt: Attempt): void {
  const last = deliveries.at(-1);
  if (last?.[0].deliveryId === attempt.deliveryId) deliveries[deliveries.length - 1] = [attempt, ...last];
  else deliveries.push([attempt]);
}

type Change = {
  readonly UpdateExpression: string;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
};

async function updateIfHeld(table: Table, key: AttemptKey, change: Change): Promise<boolean> {
  try {
    await table.db.send(new UpdateCommand({ TableName: table.name, Key: attemptKey(key), ...change }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
