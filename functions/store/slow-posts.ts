import { TransactionConflictException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Webhook } from '../domain/webhook.ts';
import { ifHolds } from './conditional.ts';
import type { Table } from './table.ts';
import { webhookKey } from './webhook-item.ts';

export type SlowPostStore = ReturnType<typeof slowPostStore>;

type Of = Pick<Webhook, 'id' | 'namespaceId'>;

/**
 * The POSTs that take long, by their deadlines: a set on their webhook's own item, which is read for every attempt anyway. Nothing is
 * written of a POST that is answered soon. What a crash leaves there counts until its deadline.
 */
export function slowPostStore(table: Table) {
  const change = async (of: Of, verb: 'ADD' | 'DELETE', deadlines: readonly number[]): Promise<void> => {
    const command = new UpdateCommand({
      TableName: table.name,
      Key: webhookKey(of.namespaceId, of.id),
      UpdateExpression: `${verb} slow_posts :deadlines`,
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeValues: { ':deadlines': new Set(deadlines) },
    });
    try {
      await ifHolds(table.db.send(command));
    } catch (error) {
      // A user's change is being written at this moment; a bound that is a few too high for a while hurts nobody.
      if (!(error instanceof TransactionConflictException)) throw error;
    }
  };
  return {
    /** Notes POSTs by their deadlines, each of which is to be unique. */
    note: (of: Of, deadlines: readonly number[]): Promise<void> => change(of, 'ADD', deadlines),

    /** Strikes out POSTs that have been answered, and those that are over for other reasons. */
    strike: (of: Of, deadlines: readonly number[]): Promise<void> => change(of, 'DELETE', deadlines),
  };
}
