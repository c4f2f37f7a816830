import { GetCommand, paginateQuery, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { type Neighbours, type PageRequest, pageOf } from '../domain/page.ts';
import type { Recovery } from '../domain/recovery.ts';
import type { Missed } from '../domain/webhook.ts';
import {
  progressAttributes,
  RECOVERIES_SHARD,
  type RecoveryKey,
  type RunningRecovery,
  readRecovery,
  readRecoveryKey,
  recoveryKey,
} from './recovery-item.ts';
import {
  addRecovery,
  type DueRecovery,
  type Ending,
  endingAttributes,
  endRecovery,
  updateHeld,
} from './recovery-write.ts';
import { type Item, TABLE_SCHEMA, type Table } from './table.ts';

export type { DueRecovery, Ending, RunningRecovery };

export type RecoveryStore = ReturnType<typeof recoveryStore>;

const DUE_MAX = 100;

/** The recoveries of all webhooks: while they run they stand in the due index, and a webhook has one that runs at most. */
export function recoveryStore(table: Table) {
  return {
    /**
     * Adds a recovery that runs and, where it makes all that its webhook `offered`, notes there that this is so. `webhook_off` where the webhook is
     * inactive or gone, or offers something else by now; `taken` where another one runs.
     */
    add: (recovery: RunningRecovery, offered?: Missed): Promise<'added' | 'webhook_off' | 'taken'> =>
      addRecovery(table, recovery, offered),

    /** A recovery as it is at this moment; undefined where there is none, or no longer. */
    async find(key: RecoveryKey, nowMs: number): Promise<Recovery | undefined> {
      const { Item: item } = await table.db.send(
        new GetCommand({ TableName: table.name, Key: recoveryKey(key), ConsistentRead: true }),
      );
      return item && isKept(item as Item, nowMs) ? readRecovery(item as Item) : undefined;
    },

    /** A page of a webhook's recoveries, newest first; positions are ids. */
    async page(
      webhookId: number,
      page: PageRequest & { readonly nowMs: number },
    ): Promise<{ readonly rows: Recovery[] } & Neighbours> {
      const after = page.cursor?.direction === 'after' ? page.cursor.position : undefined;
      const startingToken = after === undefined ? undefined : recoveryKey({ webhookId, id: after });
      const pages = paginateQuery({ client: table.db, startingToken }, inPage(table, webhookId, page));
      const found: Recovery[] = [];
      for await (const { Items = [] } of pages) {
        found.push(...Items.map((item) => readRecovery(item as Item)));
        if (found.length > page.limit) break;
      }
      return pageOf(page, found, ({ id }) => id);
    },

    /** The recoveries that are due until a time, the longest due first: up to 100, for the others will be due the longest. */
    async due(untilMs: number): Promise<DueRecovery[]> {
      const { Items = [] } = await table.db.send(new QueryCommand(dueQuery(table, untilMs)));
      return Items.map((item) => ({ ...readRecoveryKey(item as Item), dueAtMs: Number(item['due_at']) }));
    },

    /**
     * Undertakes to work on a recovery, or goes on with it, or hands it back: until `untilMs` nobody else will. Undefined
     * where somebody else has undertaken it meanwhile, or it has ended.
     */
    hold: (due: DueRecovery, untilMs: number): Promise<RunningRecovery | undefined> =>
      updateHeld(table, due, { due_at: untilMs }),

    /** Saves how far a recovery has come that was held as `seen`. Undefined as above: then nothing is saved. */
    save: (seen: DueRecovery, now: RunningRecovery): Promise<RunningRecovery | undefined> =>
      updateHeld(table, seen, { ...progressAttributes(now), due_at: now.dueAtMs }),

    /**
     * Ends a recovery that was held as `seen`, with how far it has come. False where somebody else has undertaken it
     * meanwhile, or it has ended already.
     */
    end: (seen: DueRecovery, now: Recovery, ending: Ending): Promise<boolean> =>
      endRecovery(table, seen, { ...progressAttributes(now), ...endingAttributes(ending) }, { due_at: seen.dueAtMs }),

    /** Cancels a recovery, whoever works on it. False where it has ended already, or there is none. */
    cancel: (key: RecoveryKey, finishedAt: string): Promise<boolean> =>
      endRecovery(table, key, endingAttributes({ status: 'cancelled', finishedAt }), { status: 'running' }),
  };
}

function isKept(item: Item, nowMs: number): boolean {
  const expiresAt = item[TABLE_SCHEMA.timeToLive];
  return expiresAt === undefined || Number(expiresAt) > nowMs / 1000;
}

function inPage(table: Table, webhookId: number, { cursor, limit, nowMs }: PageRequest & { readonly nowMs: number }) {
  const isBackwards = cursor?.direction === 'upto';
  return {
    TableName: table.name,
    ScanIndexForward: isBackwards,
    Limit: limit + 1,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
    FilterExpression: 'attribute_not_exists(expires_at) OR expires_at > :now',
    ExpressionAttributeValues: {
      ':pk': `WEBHOOK#${webhookId}`,
      ':first': `RECOVERY#${isBackwards ? cursor.position : ''}`,
      ':last': 'RECOVERY#~',
      ':now': nowMs / 1000,
    },
  };
}

function dueQuery(table: Table, untilMs: number) {
  const { name, partitionKey, sortKey } = TABLE_SCHEMA.dueIndex;
  return {
    TableName: table.name,
    IndexName: name,
    KeyConditionExpression: `${partitionKey} = :shard AND ${sortKey} <= :until`,
    ExpressionAttributeValues: { ':shard': RECOVERIES_SHARD, ':until': untilMs },
    Limit: DUE_MAX,
  };
}
