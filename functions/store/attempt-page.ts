import { QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Delivery } from '../domain/delivery.ts';
import { LOG_ATTEMPTS_READ_MAX } from '../domain/limits.ts';
import { type Neighbours, pageOf } from '../domain/page.ts';
import { type AttemptHead, attemptKey, readAttempt, readAttemptHead } from './attempt-item.ts';
import { type DeliveryPage, headsOf, inPage } from './attempt-queries.ts';
import { getAll, type Item, keyText, type Table } from './table.ts';

/** Attempts of one delivery, first to last, never none. */
type Attempts<T> = readonly [T, ...T[]];
type Page<T> = { readonly rows: Attempts<T>[] } & Neighbours;

/** Some of a webhook's deliveries, newest first; positions are ids of deliveries. */
export type DeliveriesPage = Page<Delivery[number]>;

/**
 * Reads a page of a webhook's deliveries: up to `limit` that the filter lets through. A filter that lets little through ends a
 * page early, after 2,000 attempts, so that no request reads the whole log. Where few attempts do not make a page, of the others is read
 * what a filter looks at, and then what it has let through.
 */
export async function readPage(table: Table, webhookId: number, options: DeliveryPage): Promise<DeliveriesPage> {
  const range = inPage(table, webhookId, options);
  if (range === undefined) return pageOf<Delivery>(options, [], idOf);
  const first = options.limit * 2;
  const max = options.lets === undefined ? LOG_ATTEMPTS_READ_MAX : first;
  const { isCut, ...page } = await pass(table, options, { range, first, max, readItem: readAttempt });
  if (!isCut || options.lets === undefined) return page;
  const { rows, next, prev } = await pass(table, options, {
    range: headsOf(range),
    first: first * 4,
    max: LOG_ATTEMPTS_READ_MAX,
    readItem: readAttemptHead,
  });
  return { rows: await whole(table, rows), next, prev };
}

/** How a range is read: how many attempts at first, how many at most, and what of each. */
type Pass<T> = {
  readonly range: QueryCommandInput;
  readonly first: number;
  readonly max: number;
  readonly readItem: (item: Item) => T;
};

/** Goes through a range until a page is full. `isCut`: that would have taken more attempts than were to be read. */
async function pass<T extends AttemptHead>(
  table: Table,
  options: DeliveryPage,
  { range, first, max, readItem }: Pass<T>,
): Promise<Page<T> & { readonly isCut: boolean }> {
  const read: Attempts<T>[] = [];
  let attempts = 0;
  for await (const { items, scanned, isEnd } of wider(table, range, { first, max })) {
    for (const item of items) addAttempt(read, readItem(item));
    attempts += scanned;
    // The last one that was read is known to be whole only when another follows it, or the end.
    const complete = isEnd ? read : read.slice(0, -1);
    const passed = complete.filter((delivery) => options.lets?.(delivery) ?? true);
    if (isEnd || passed.length > options.limit) return { ...pageOf(options, passed, idOf), isCut: false };
    if (attempts >= max && complete.length > 0) return { ...earlyEnd(options, passed, read), isCut: true };
  }
  return { ...pageOf<Attempts<T>>(options, [], idOf), isCut: false };
}

type Read = { readonly items: readonly Item[]; readonly scanned: number; readonly isEnd: boolean };

/** Reads a range, each time twice as much as before, up to what a pass may read: where a filter lets little through, that is few calls. */
async function* wider(
  table: Table,
  range: QueryCommandInput,
  { first, max }: { readonly first: number; readonly max: number },
): AsyncGenerator<Read> {
  let ExclusiveStartKey: QueryCommandInput['ExclusiveStartKey'];
  for (let limit = first, left = max; ; limit *= 2) {
    const Limit = Math.max(first, Math.min(limit, left));
    const answer = await table.db.send(new QueryCommand({ ...range, Limit, ExclusiveStartKey }));
    const { Items = [], ScannedCount: scanned = 0, LastEvaluatedKey } = answer;
    left -= scanned;
    yield { items: Items as Item[], scanned, isEnd: LastEvaluatedKey === undefined };
    if (LastEvaluatedKey === undefined) return;
    ExclusiveStartKey = LastEvaluatedKey;
  }
}

/** A page that ends before the list does: it goes on behind the last delivery that was read whole. */
function earlyEnd<T extends AttemptHead>(
  options: DeliveryPage,
  passed: readonly Attempts<T>[],
  read: readonly Attempts<T>[],
): Page<T> {
  const page = pageOf(options, passed, idOf);
  const [lastWhole, unfinished] = read.slice(-2).map(idOf);
  if (lastWhole === undefined || unfinished === undefined)
    throw new Error('A page that ends early has read two deliveries');
  return options.cursor?.direction === 'upto'
    ? { ...page, prev: { direction: 'upto', position: unfinished } }
    : { ...page, next: { direction: 'after', position: lastWhole } };
}

/** Reads all of attempts; what has gone since their heads were read is left out. */
async function whole(table: Table, rows: readonly Attempts<AttemptHead>[]): Promise<Delivery[]> {
  const items = await getAll(table, rows.flat().map(attemptKey), { consistent: true });
  const found = new Map(items.map((item) => [keyText(item), item]));
  return rows.flatMap((heads) => {
    const [first, ...others] = heads.flatMap((head) => found.get(keyText(attemptKey(head))) ?? []).map(readAttempt);
    return first === undefined ? [] : [[first, ...others] as const];
  });
}

function idOf(delivery: Attempts<AttemptHead>): string {
  return delivery[0].deliveryId;
}

/** Attempts come first to last or last to first; within a delivery they are kept first to last. */
export function addAttempt<T extends AttemptHead>(deliveries: Attempts<T>[], attempt: T): void {
  const last = deliveries.at(-1);
  if (last?.[0].deliveryId !== attempt.deliveryId) deliveries.push([attempt]);
  else deliveries[deliveries.length - 1] = last[0].number > attempt.number ? [attempt, ...last] : [...last, attempt];
}
