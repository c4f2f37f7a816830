import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, paginateQuery, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { type Neighbours, type PageRequest, pageOf } from '../domain/page.ts';
import type { Recovery } from '../domain/recovery.ts';
import type { Missed } from '../domain/webhook.ts';
import { missedAttribute } from './missed-item.ts';
import {
  expiryOf,
  progressAttributes,
  RECOVERIES_SHARD,
  type RecoveryKey,
  type RunningRecovery,
  readRecovery,
  readRecoveryKey,
  readRunning,
  recoveryItem,
  recoveryKey,
  runningKey,
} from './recovery-item.ts';
import { type Item, TABLE_SCHEMA, type Table } from './table.ts';
import { transact } from './transact.ts';
import { webhookKey } from './webhook-item.ts';

export type { RunningRecovery };

/** A recovery that is due to be taken in hand. */
export type DueRecovery = RecoveryKey & { readonly dueAtMs: number };

/** How a recovery ends. */
export type Ending = {
  readonly status: Exclude<Recovery['status'], 'running'>;
  readonly finishedAt: string;
  readonly reason?: string | undefined;
};

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
      add(table, recovery, offered),

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
      end(table, seen, { ...progressAttributes(now), ...endingAttributes(ending) }, { due_at: seen.dueAtMs }),

    /** Cancels a recovery, whoever works on it. False where it has ended already, or there is none. */
    cancel: (key: RecoveryKey, finishedAt: string): Promise<boolean> =>
      end(table, key, endingAttributes({ status: 'cancelled', finishedAt }), { status: 'running' }),
  };
}

async function add(
  table: Table,
  recovery: RunningRecovery,
  offered: Missed | undefined,
): Promise<'added' | 'webhook_off' | 'taken'> {
  const isNew = { TableName: table.name, ConditionExpression: 'attribute_not_exists(pk)' };
  const refused = await transact(table, [
    offered === undefined ? ifActive(table, recovery) : takeOffer(table, recovery, offered),
    { Put: { ...isNew, Item: { ...runningKey(recovery), recovery_id: recovery.id } } },
    { Put: { ...isNew, Item: recoveryItem(recovery) } },
  ]);
  if (refused.includes(0)) return 'webhook_off';
  return refused.length === 0 ? 'added' : 'taken';
}

function ifActive(table: Table, { namespaceId, webhookId }: RunningRecovery) {
  return {
    ConditionCheck: {
      TableName: table.name,
      Key: webhookKey(namespaceId, webhookId),
      ConditionExpression: 'active = :yes',
      ExpressionAttributeValues: { ':yes': true },
    },
  };
}

function takeOffer(table: Table, { namespaceId, webhookId }: RunningRecovery, offered: Missed) {
  return {
    Update: {
      TableName: table.name,
      Key: webhookKey(namespaceId, webhookId),
      UpdateExpression: 'SET missed = :asked',
      ConditionExpression: 'active = :yes AND missed = :offered',
      ExpressionAttributeValues: {
        ':yes': true,
        ':offered': missedAttribute(offered),
        ':asked': missedAttribute({ ...offered, isAsked: true }),
      },
    },
  };
}

type Attributes = Readonly<Record<string, unknown>>;

/** Sets attributes of a recovery that is held as it was seen; answers it as it is then, or undefined where it is not. */
async function updateHeld(
  table: Table,
  seen: DueRecovery,
  attributes: Attributes,
): Promise<RunningRecovery | undefined> {
  try {
    const { Attributes: item } = await table.db.send(
      new UpdateCommand({ ...change(table, seen, attributes, { due_at: seen.dueAtMs }), ReturnValues: 'ALL_NEW' }),
    );
    return item && readRunning(item as Item);
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

async function end(table: Table, key: RecoveryKey, attributes: Attributes, condition: Attributes): Promise<boolean> {
  const { UpdateExpression, ...update } = change(table, key, attributes, condition);
  const refused = await transact(table, [
    { Update: { ...update, UpdateExpression: `${UpdateExpression} REMOVE due_shard, due_at` } },
    { Delete: { TableName: table.name, Key: runningKey(key) } },
  ]);
  return refused.length === 0;
}

function endingAttributes({ status, finishedAt, reason }: Ending): Attributes {
  return {
    status,
    reason,
    finished_at: finishedAt,
    updated_at: finishedAt,
    [TABLE_SCHEMA.timeToLive]: expiryOf(finishedAt),
  };
}

/** An update of what is given, where the attributes of the condition have their values. */
function change(table: Table, key: RecoveryKey, attributes: Attributes, condition: Attributes) {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  const conditions = Object.entries(condition);
  return {
    TableName: table.name,
    Key: recoveryKey(key),
    UpdateExpression: `SET ${given.map(([name]) => `#${name} = :${name}`).join(', ')}`,
    ConditionExpression: conditions.map(([name]) => `#${name} = :seen_${name}`).join(' AND '),
    ExpressionAttributeNames: Object.fromEntries([...given, ...conditions].map(([name]) => [`#${name}`, name])),
    ExpressionAttributeValues: Object.fromEntries([
      ...given.map(([name, value]) => [`:${name}`, value]),
      ...conditions.map(([name, value]) => [`:seen_${name}`, value]),
    ]),
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
