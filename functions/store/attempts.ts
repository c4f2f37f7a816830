import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { AuditedAttempt } from '../domain/audit.ts';
import { type Attempt, type AttemptKey, type Delivery, type DeliveryStatus, isRedelivery } from '../domain/delivery.ts';
import { type AuditStretch, readForAudit } from './attempt-audit.ts';
import { type DueAttempt, type HeldAttempt, readDue, readHeld } from './attempt-due.ts';
import { attemptKey, expiryFrom, readAttemptKey } from './attempt-item.ts';
import { type Latest, readDelivery, readLatest, readOne } from './attempt-log.ts';
import { type DeliveriesPage, readPage } from './attempt-page.ts';
import type { DeliveryPage, Stretch } from './attempt-queries.ts';
import { type RecentRead, type RecentStretch, readRecent } from './attempt-recent.ts';
import { type Recording, recordAll } from './attempt-record.ts';
import { readStandings, type WhichDelivery } from './attempt-standing.ts';
import { readStretch, type StretchRead } from './attempt-stretch.ts';
import { getAll, type Insertion, type Table } from './table.ts';

export type AttemptStore = ReturnType<typeof attemptStore>;

/** The attempts of all deliveries: the log, and through the due index what is still to be tried. */
export function attemptStore(table: Table) {
  return {
    /**
     * Records attempts. One that is recorded already stays as it is; one that was held takes its place. Answers in the order of
     * `recordings`.
     */
    record: (recordings: readonly Recording[]): Promise<Insertion[]> => recordAll(table, recordings),

    /**
     * Says of an attempt that its successor has been recorded: nothing is due for it any more. Answers whether it had been
     * cancelled, while its successor was under way.
     */
    settle: (key: AttemptKey): Promise<{ readonly wasCancelled: boolean }> => settle(table, key),

    /** A page of the attempts whose successors are due until `untilMs`, oldest first, and which are due after all that it has. */
    due: (untilMs: number): AsyncGenerator<DueAttempt[]> => readDue(table, untilMs),

    /** The attempts of a webhook that are held, and that nobody has undertaken to send until after `untilMs`: the oldest, up to `limit`. */
    held: (webhookId: number, untilMs: number, limit: number): Promise<HeldAttempt[]> =>
      readHeld(table, { webhookId, untilMs, limit }),

    /**
     * Cancels what is to follow an attempt: it is the delivery's last one, and says so. False where nothing was to follow
     * any more, or where the log has an attempt of another run under its number. What was held is in the log for 30 days more, at most,
     * as all that is made of the delivery from now on: else it would be the last one once that has expired.
     */
    cancel: (key: AttemptKey, nowMs: number): Promise<boolean> => cancel(table, key, nowMs),

    /**
     * Undertakes to send a due attempt's successor, or a held attempt: until `untilMs` nobody else will. False where somebody else has
     * undertaken it, or it has been settled.
     */
    claim: async (due: HeldAttempt, untilMs: number): Promise<boolean> => {
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

    /** Which of a webhook's deliveries have their first attempt in the log, made or held, at this moment. */
    begun: async (webhookId: number, deliveryIds: readonly string[]): Promise<ReadonlySet<string>> => {
      const keys = deliveryIds.map((deliveryId) => attemptKey({ webhookId, deliveryId, number: 1 }));
      const items = await getAll(table, keys, { consistent: true });
      return new Set(items.map((item) => readAttemptKey(item).deliveryId));
    },

    /** The attempts of a stretch of time as an audit judges them, oldest delivery first, as they stand at this moment. */
    forAudit: (
      webhookId: number,
      stretch: AuditStretch,
    ): AsyncGenerator<AuditedAttempt & { readonly deliveryId: string }> => readForAudit(table, webhookId, stretch),

    /** One delivery with its attempts, the newest 30 of them; undefined where the log has none. */
    delivery: (webhookId: number, deliveryId: string, nowMs: number): Promise<Delivery | undefined> =>
      readDelivery(table, webhookId, { deliveryId, nowMs }),

    /** Where deliveries stand, by their ids; those that the log does not have are not among them. */
    standings: (deliveries: readonly WhichDelivery[], nowMs: number): Promise<ReadonlyMap<string, DeliveryStatus>> =>
      readStandings(table, deliveries, nowMs),

    /** One attempt, as it stands at this moment; undefined where the log does not have it. */
    attempt: (
      key: Pick<AttemptKey, 'webhookId' | 'deliveryId' | 'number'>,
      nowMs: number,
    ): Promise<Attempt | undefined> => readOne(table, key, nowMs),

    /** How a webhook did last. */
    latest: (webhookId: number, nowMs: number): Promise<Latest> => readLatest(table, webhookId, nowMs),

    /** The attempts of a webhook's deliveries of events from a time on, newest event first, in one call: for statistics. */
    recent: (webhookId: number, stretch: RecentStretch): Promise<RecentRead> => readRecent(table, webhookId, stretch),
  };
}

async function settle(table: Table, key: AttemptKey): Promise<{ readonly wasCancelled: boolean }> {
  const before = await updateIfHeld(table, key, {
    UpdateExpression: 'REMOVE due_shard, due_at',
    ConditionExpression: 'attribute_exists(pk)',
  });
  return { wasCancelled: before?.['status'] === 'cancelled' };
}

/** What is held is kept for longer than what begins now, and takes a second call; all else that has a successor is not, and takes one. */
async function cancel(table: Table, key: AttemptKey, nowMs: number): Promise<boolean> {
  const ofRun = isRedelivery(key) ? 'first_of_run = :run' : 'attribute_not_exists(first_of_run)';
  const cancelAnd = (more: { readonly set?: string; readonly condition?: string }) =>
    updateIfHeld(table, key, {
      UpdateExpression: `SET #status = :cancelled${more.set ?? ''} REMOVE due_shard, due_at, next_attempt_at`,
      ConditionExpression: `attribute_exists(due_at) AND ${ofRun}${more.condition ?? ''}`,
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':cancelled': 'cancelled',
        ':latest': expiryFrom(nowMs),
        ...(isRedelivery(key) && { ':run': key.firstOfRun }),
      },
    });
  const before =
    (await cancelAnd({ condition: ' AND expires_at <= :latest' })) ??
    (await cancelAnd({ set: ', expires_at = :latest' }));
  return before !== undefined;
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
