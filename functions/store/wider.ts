import { QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Item, Table } from './table.ts';

/** What one call read: of `scanned` items those that passed its filter, and the last that it looked at, passed or not, where there are more. */
export type Read = { readonly items: readonly Item[]; readonly scanned: number; readonly stoppedAt: Item | undefined };

/**
 * Reads a range, each time twice as much as before, up to what its reader may read in all: where a filter lets little through, that is
 * few calls. A reader that is in the midst of something then, and goes on, begins anew.
 */
export async function* wider(
  table: Table,
  range: QueryCommandInput,
  { first, max }: { readonly first: number; readonly max: number },
): AsyncGenerator<Read> {
  let ExclusiveStartKey: QueryCommandInput['ExclusiveStartKey'];
  for (let limit = first, left = max; ; limit *= 2) {
    if (left <= 0) [limit, left] = [first, max];
    const Limit = Math.max(first, Math.min(limit, left));
    const answer = await table.db.send(new QueryCommand({ ...range, Limit, ExclusiveStartKey }));
    const { Items = [], ScannedCount: scanned = 0, LastEvaluatedKey } = answer;
    left -= scanned;
    yield { items: Items as Item[], scanned, stoppedAt: LastEvaluatedKey as Item | undefined };
    if (LastEvaluatedKey === undefined) return;
    ExclusiveStartKey = LastEvaluatedKey;
  }
}
