import { ConditionalCheckFailedException, TransactionConflictException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Recovery } from '../domain/recovery.ts';
import type { Missed } from '../domain/webhook.ts';
import { missedAttribute } from './missed-item.ts';
import {
  expiryOf,
  type RecoveryKey,
  type RunningRecovery,
  readRunning,
  recoveryItem,
  recoveryKey,
  runningKey,
} from './recovery-item.ts';
import { type Item, TABLE_SCHEMA, type Table } from './table.ts';
import { transact } from './transact.ts';
import { webhookKey } from './webhook-item.ts';

/** A recovery that is due to be taken in hand. */
export type DueRecovery = RecoveryKey & { readonly dueAtMs: number };

/** How a recovery ends. */
export type Ending = {
  readonly status: Exclude<Recovery['status'], 'running'>;
  readonly finishedAt: string;
  readonly reason?: string | undefined;
};

/** Adds a recovery and its mark that its webhook has one; see `recoveryStore`. */
export async function addRecovery(
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

/**
 * Sets attributes of a recovery that is held as it was seen; answers it as it is then, or undefined where it is not, or where somebody ends
 * it at this moment.
 */
export async function updateHeld(
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
    const isChanged = error instanceof ConditionalCheckFailedException || error instanceof TransactionConflictException;
    if (isChanged) return undefined;
    throw error;
  }
}

/** Ends a recovery that is as the condition says; false where it is not. */
export async function endRecovery(
  table: Table,
  key: RecoveryKey,
  attributes: Attributes,
  condition: Attributes,
): Promise<boolean> {
  const { UpdateExpression, ...update } = change(table, key, attributes, condition);
  const refused = await transact(table, [
    { Update: { ...update, UpdateExpression: `${UpdateExpression} REMOVE due_shard, due_at` } },
    { Delete: { TableName: table.name, Key: runningKey(key) } },
  ]);
  return refused.length === 0;
}

/** What an item says of an end. */
export function endingAttributes({ status, finishedAt, reason }: Ending): Attributes {
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
