import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { sleepWithJitter } from './backoff.ts';
import type { Table } from './table.ts';

type TransactItems = NonNullable<TransactWriteCommandInput['TransactItems']>;

const TRIES = 5;

/**
 * Writes several items, all or none. Answers the positions of those whose conditions did not hold: none of them means
 * that all is written. Two transactions on one item at once are tried again, one after the other.
 */
export async function transact(table: Table, items: TransactItems): Promise<readonly number[]> {
  for (let tried = 1; ; tried++) {
    try {
      await table.db.send(new TransactWriteCommand({ TransactItems: items }));
      return [];
    } catch (error) {
      const codes = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
      const refused = codes.flatMap(({ Code }, position) => (Code === 'ConditionalCheckFailed' ? [position] : []));
      if (refused.length > 0) return refused;
      if (tried >= TRIES || !codes.some(({ Code }) => Code === 'TransactionConflict')) throw error;
      await sleepWithJitter(tried);
    }
  }
}
