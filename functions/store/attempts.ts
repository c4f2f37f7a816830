import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { paginateQuery, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Attempt, AttemptKey, Delivery } from '../domain/delivery.ts';
import { attemptItem, attemptKey, DUE_SHARDS, readAttempt, readAttemptKey } from './attempt-item.ts';
import { type DeliveryPage, dueQuery, newestFirst, oneDelivery } from './attempt-queries.ts';
import { type Insertion, type Item, insertAll, type Table } from './table.ts';

/** An attempt to record, and when its successor is to be taken in hand, where it has one. */
export type Recording = { readonly attempt: Attempt; readonly dueAtMs?: number | undefined };

/** A failed attempt whose successor is due. */
export type DueAttempt = AttemptKey & { readonly dueAtMs: number; readonly nextAttemptAt: string };

export type AttemptStore = ReturnType<typeof attemptStore>;

const ATTEMPTS_PER_PAGE_MAX = 2_000;

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

    /**
     * A page of a webhook's deliveries, newest first: up to `limit` that the filter lets through. A filter that lets little
     * through ends a page early, after 2,000 attempts, so that no request reads the whole log. `next` is where the next page
     * begins; absent where there is none.
     */
    async page(
      webhookId: number,
      options: DeliveryPage,
    ): Promise<{ readonly deliveries: Delivery[]; readonly next?: string }> {
      const range = newestFirst(table, webhookId, options);
      if (range === undefined) return { deliveries: [] };
      const query = { ...range, Limit: options.limit * 2 };
      const read: Delivery[] = [];
      let attempts = 0;
      for await (const page of paginateQuery({ client: table.db }, query)) {
        for (const item of page.Items ?? []) addNewestFirst(read, readAttempt(item as Item));
        attempts += page.Items?.length ?? 0;
        const isEnd = page.LastEvaluatedKey === undefined;
        // The last one that was read is known to be whole only when another follows it, or the end.
        const whole = isEnd ? read : read.slice(0, -1);
        const passed = whole.filter((delivery) => options.lets?.(delivery) ?? true);
        if (passed.length > options.limit) {
          const deliveries = passed.slice(0, options.limit);
          return { deliveries, next: idOf(deliveries.at(-1)) };
        }
        if (isEnd) return { deliveries: passed };
        if (attempts >= ATTEMPTS_PER_PAGE_MAX && whole.length > 0)
          return { deliveries: passed, next: idOf(whole.at(-1)) };
      }
      return { deliveries: [] };
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
      const range = newestFirst(table, webhookId, { nowMs });
      if (range === undefined) return undefined;
      const { Items = [] } = await table.db.send(new QueryCommand({ ...range, Limit: 1 }));
      return Items[0] && readAttempt(Items[0] as Item);
    },
  };
}

function idOf(delivery: Delivery | undefined): string {
  if (delivery === undefined) throw new Error('A page without deliveries has no last one');
  return delivery[0].deliveryId;
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
