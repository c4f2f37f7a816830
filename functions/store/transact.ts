import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { RefusalError } from '../domain/errors.ts';
import { isForLater, sleepWithJitter } from './backoff.ts';
import type { Table } from './table.ts';

const CROWDED = 'Many others are changing this at the same time. Please try again';

type TransactItems = NonNullable<TransactWriteCommandInput['TransactItems']>;

/** Thirty writers of one item at once, 20 ms each, have all had their turn after eight tries. */
const TRIES = 10;
/** From this try on the waits grow no more: 0.4 to 0.8 s. */
const LONGEST_WAIT_TRIES = 5;

/**
 * Writes several items, all or none. Answers the positions of those whose conditions did not hold: none of them means
 * that all is written. Transactions on one item at once, and throttled ones, are tried again, one after the other; refuses, for the caller to try
 * again, where there are still too many of them.
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
      if (!codes.some(({ Code = '' }) => isForLater(Code))) throw error;
      if (tried >= TRIES) throw new RefusalError('conflict', CROWDED, { cause: error });
      await sleepWithJitter(table, Math.min(tried, LONGEST_WAIT_TRIES));
    }
  }
}
