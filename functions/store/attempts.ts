import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { paginateQuery, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { AuditedAttempt } from '../domain/audit.ts';
import type { Attempt, AttemptKey, Delivery } from '../domain/delivery.ts';
import { type AuditStretch, readForAudit } from './attempt-audit.ts';
import { attemptItem, attemptKey, DUE_SHARDS, readAttemptKey } from './attempt-item.ts';
import { type DeliveriesPage, readDelivery, readLatest, readPage } from './attempt-log.ts';
import { type DeliveryPage, dueQuery, type Stretch } from './attempt-queries.ts';
import { readStretch, type StretchRead } from './attempt-stretch.ts';
import { type Insertion, type Item, insertAll, type Table } from './table.ts';

/** An attempt to record, and when its successor is to be taken in hand, where it has one. */
export type Recording = { readonly attempt: Attempt; readonly dueAtMs?: number | undefined };

/** A failed attempt whose successor is due. */
export type DueAttempt = AttemptKey & { readonly dueAtMs: number; readonly nextAttemptAt: string };

export type AttemptStore = ReturnType<typeof attemptStore>;

/** The attempts of all deliveries: the log, and through the due index what is still to be tried. */
export function attemptStore(table: Table) {
  return {
    /** Records attempts; an attempt that is recorded already stays as it is. Answers in the order of `recordings`. */
    record: (recordings: readonly Recording[]): Promise<Insertion[]> =>
      insertAll(
        table,
        recordings.map(({ attempt, dueAtMs }) => attemptItem(attempt, dueAtMs)),
      ),

    /**
     * Says of an attempt that its successor has been recorded: nothing is due for it any more. Answers whether it had been
     * cancelled, while its successor was under way.
     */
    async settle(key: AttemptKey): Promise<{ readonly wasCancelled: boolean }> {
      const before = await updateIfHeld(table, key, {
        UpdateExpression: 'REMOVE due_shard, due_at',
        ConditionExpression: 'attribute_exists(pk)',
      });
      return { wasCancelled: before?.['status'] === 'cancelled' };
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
    cancel: async (key: AttemptKey): Promise<boolean> => {
      const before = await updateIfHeld(table, key, {
        UpdateExpression: 'SET #status = :cancelled REMOVE due_shard, due_at, next_attempt_at',
        ConditionExpression: 'attribute_exists(due_at)',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':cancelled': 'cancelled' },
      });
      return before !== undefined;
    },

    /**
     * Undertakes to send a due attempt's successor: until `untilMs` nobody else will. False where somebody else has
     * undertaken it, or it has been settled.
     */
    claim: async (due: DueAttempt, untilMs: number): Promise<boolean> => {
      const before = await updateIfHeld(table, due, {
        UpdateExpression: 'SET due_at = :until',
        ConditionExpression: 'due_at = :seen',
        ExpressionAttributeValues: { ':until': untilMs, ':seen': due.dueAtMs },
      });
      return before !== undefined;
    },

    /** A page of a webhook's deliveries, newest first. */
    page: (webhookId: number, options: DeliveryPage): Promise<DeliveriesPage> => readPage(table, webhookId, options),

    /** The next deliveries of a stretch of time, oldest first, as they stand at this moment. */
    stretch: (webhookId: number, stretch: Stretch): Promise<StretchRead> => readStretch(table, webhookId, stretch),

    /** The attempts of a stretch of time as an audit judges them, oldest delivery first, as they stand at this moment. */
    forAudit: (
      webhookId: number,
      stretch: AuditStretch,
    ): AsyncGenerator<AuditedAttempt & { readonly deliveryId: string }> => readForAudit(table, webhookId, stretch),

    /** One delivery with all its attempts; undefined where the log has none. */
    delivery: (webhookId: number, deliveryId: string, nowMs: number): Promise<Delivery | undefined> =>
      readDelivery(table, webhookId, { deliveryId, nowMs }),

    /** The last attempt of a webhook's newest delivery. */
    latest: (webhookId: number, nowMs: number): Promise<Attempt | undefined> => readLatest(table, webhookId, nowMs),
  };
}

type Change = {
  readonly UpdateExpression: string;
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
};

/** Changes an attempt where the condition holds; answers its item as it was before, or undefined where it did not hold. */
async function updateIfHeld(
  table: Table,
  key: AttemptKey,
  change: Change,
): Promise<Record<string, unknown> | undefined> {
  try {
    const { Attributes = {} } = await table.db.send(
      new UpdateCommand({ TableName: table.name, Key: attemptKey(key), ReturnValues: 'ALL_OLD', ...change }),
    );
    return Attributes;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}
