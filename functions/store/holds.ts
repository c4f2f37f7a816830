import { DeleteCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Releases } from '../domain/hold.ts';
import { ifHolds } from './conditional.ts';
import { type Key, TABLE_SCHEMA, type Table } from './table.ts';

/** A webhook that holds deliveries. */
export type Hold = { readonly webhookId: number; readonly namespaceId: number };

/** A hold that is to be looked at, since `dueAtMs`. */
export type DueHold = Hold & { readonly dueAtMs: number };

/** A hold as whoever looks at it has it until `dueAtMs`, when a delivery was held last, and what became of those that were released. */
export type TakenHold = DueHold & Releases & { readonly heldLastMs: number };

/** That deliveries could not be signed: for the first time, or though they had been released. */
export type Unsigned = 'first' | 'again';

export type HoldStore = ReturnType<typeof holdStore>;

/** The partition of the due index that holds stand in: one of their own. */
const HOLDS_SHARD = 'HOLDS';
const DUE_MAX = 100;

/** What is released says whether the secrets can be opened by now; what is held for the first time says so only where nothing else has. */
const NOTES_UNSIGNED: Readonly<Record<Unsigned, string>> = {
  first: ', unsigned_last = if_not_exists(unsigned_last, :now)',
  again: ', unsigned_last = :now',
};

/**
 * The webhooks that hold deliveries, each once: when they are looked at next. The deliveries themselves are attempts that are held,
 * and wait without being looked at, however many they are.
 */
export function holdStore(table: Table) {
  return {
    /** Notes that a webhook holds deliveries, from now on where it did not, and whether that is for want of a signature. */
    async note(hold: Hold, nowMs: number, unsigned?: Unsigned): Promise<void> {
      const notes =
        'SET held_last = :now, namespace_id = :namespace, due_shard = :shard, due_at = if_not_exists(due_at, :now)';
      await update(table, hold, {
        UpdateExpression: unsigned === undefined ? notes : `${notes}${NOTES_UNSIGNED[unsigned]}`,
        ExpressionAttributeValues: { ':now': nowMs, ':namespace': hold.namespaceId, ':shard': HOLDS_SHARD },
      });
    },

    /** The holds that are due until a time, the longest due first: up to 100, for the others will be due the longest. */
    due: (untilMs: number): Promise<DueHold[]> => readDueHolds(table, untilMs),

    /**
     * Undertakes to look at a hold, or hands it back: until `untilMs` nobody else will. Notes when deliveries were released, where some were.
     * Undefined where somebody else has meanwhile.
     */
    async move(seen: DueHold, untilMs: number, releasedMs?: number): Promise<TakenHold | undefined> {
      const written = await update(table, seen, {
        UpdateExpression: `SET due_at = :until${releasedMs === undefined ? '' : ', released_last = :released'}`,
        ConditionExpression: 'due_at = :seen',
        ExpressionAttributeValues: {
          ':until': untilMs,
          ':seen': seen.dueAtMs,
          ...(releasedMs === undefined ? {} : { ':released': releasedMs }),
        },
      });
      return written && { ...seen, dueAtMs: untilMs, ...readTaken(written) };
    },

    /** Has the webhook's hold, where it has one, looked at now: something has changed. */
    async wake(webhookId: number, nowMs: number): Promise<void> {
      await update(
        table,
        { webhookId },
        {
          UpdateExpression: 'SET due_at = :now',
          ConditionExpression: 'due_at > :now',
          ExpressionAttributeValues: { ':now': nowMs },
        },
      );
    },

    /** Ends a hold that is as it was seen: nothing has been held since. */
    async end(seen: TakenHold): Promise<void> {
      const command = new DeleteCommand({
        TableName: table.name,
        Key: holdKey(seen.webhookId),
        ConditionExpression: 'due_at = :seen AND held_last = :last',
        ExpressionAttributeValues: { ':seen': seen.dueAtMs, ':last': seen.heldLastMs },
      });
      await ifHolds(table.db.send(command));
    },
  };
}

function readTaken(item: Record<string, unknown>): Omit<TakenHold, keyof DueHold> {
  return {
    heldLastMs: Number(item['held_last']),
    releasedLastMs: item['released_last'] as number | undefined,
    unsignedLastMs: item['unsigned_last'] as number | undefined,
  };
}

async function readDueHolds(table: Table, untilMs: number): Promise<DueHold[]> {
  const { name, partitionKey, sortKey } = TABLE_SCHEMA.dueIndex;
  const { Items = [] } = await table.db.send(
    new QueryCommand({
      TableName: table.name,
      IndexName: name,
      KeyConditionExpression: `${partitionKey} = :shard AND ${sortKey} <= :until`,
      ExpressionAttributeValues: { ':shard': HOLDS_SHARD, ':until': untilMs },
      Limit: DUE_MAX,
    }),
  );
  return Items.map((item) => ({
    webhookId: Number(String(item['pk']).split('#', 2)[1]),
    namespaceId: Number(item['namespace_id']),
    dueAtMs: Number(item['due_at']),
  }));
}

type Change = {
  readonly UpdateExpression: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeValues: Record<string, unknown>;
};

async function update(table: Table, { webhookId }: Pick<Hold, 'webhookId'>, change: Change) {
  const command = new UpdateCommand({
    TableName: table.name,
    Key: holdKey(webhookId),
    ReturnValues: 'ALL_NEW',
    ...change,
  });
  return (await ifHolds(table.db.send(command)))?.Attributes;
}

/** Where a webhook's hold stands in the table: beside its deliveries, which may outlive it. */
function holdKey(webhookId: number): Key {
  return { pk: `WEBHOOK#${webhookId}`, sk: 'HOLD' };
}
