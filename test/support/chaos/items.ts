import { TABLE_SCHEMA } from '../../../functions/store/table.ts';
import { type Bindings, holds, nameOf, type Values } from './expressions.ts';

export type StoredItem = Values & { readonly pk: string; readonly sk: string };
/** One state of an item, and since when it stands; undefined is an item that is not there. */
export type Version = { readonly atMs: number; readonly item: StoredItem | undefined };
export type ItemKey = { readonly pk: string; readonly sk: string };

/** What of a Query or Scan is looked at. */
export type QueryInput = Bindings & {
  readonly IndexName?: string;
  readonly KeyConditionExpression?: string;
  readonly FilterExpression?: string;
  readonly ProjectionExpression?: string;
  readonly ScanIndexForward?: boolean;
  readonly ExclusiveStartKey?: Values;
  readonly Limit?: number;
  readonly Select?: string;
  readonly ConsistentRead?: boolean;
};

/** A key as one text. */
export function textOf({ pk, sk }: ItemKey): string {
  return `${pk}\n${sk}`;
}

/** A value as DynamoDB keeps it: a copy, without what is undefined. */
export function kept(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(kept);
  if (value instanceof Set) return new Set(value);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const given = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(given.map(([name, one]) => [name, kept(one)]));
}

/** Answers a Query, or a Scan, which is one without a key condition, over items as they are seen. */
export function queried(items: readonly StoredItem[], input: QueryInput): Record<string, unknown> {
  const { dueIndex, partitionKey, sortKey } = TABLE_SCHEMA;
  const isIndex = input.IndexName !== undefined;
  const order = isIndex ? [dueIndex.sortKey, partitionKey, sortKey] : [partitionKey, sortKey];
  const sign = input.ScanIndexForward === false ? -1 : 1;
  const from = input.ExclusiveStartKey;
  const ranged = items
    .filter((item) => !isIndex || (item[dueIndex.partitionKey] !== undefined && item[dueIndex.sortKey] !== undefined))
    .filter((item) => holds(input.KeyConditionExpression, item, input))
    .sort((a, b) => sign * compared(a, b, order))
    .filter((item) => from === undefined || sign * compared(item, from, order) > 0);
  const page = ranged.slice(0, input.Limit ?? ranged.length);
  const found = page.filter((item) => holds(input.FilterExpression, item, input));
  const last = input.Limit !== undefined && page.length === input.Limit ? page.at(-1) : undefined;
  return {
    ...(input.Select === 'COUNT' ? {} : { Items: found.map((item) => projected(item, input)) }),
    Count: found.length,
    ScannedCount: page.length,
    ...(last && { LastEvaluatedKey: only(last, [...order, ...(isIndex ? [dueIndex.partitionKey] : [])]) }),
  };
}

function compared(a: Values, b: Values, order: readonly string[]): number {
  for (const name of order) {
    const [left, right] = [a[name] as string, b[name] as string];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

function projected(item: StoredItem, input: QueryInput): Values {
  const { dueIndex, partitionKey, sortKey } = TABLE_SCHEMA;
  if (input.ProjectionExpression !== undefined) {
    return only(
      item,
      input.ProjectionExpression.split(',').map((name) => nameOf(name.trim(), input)),
    );
  }
  if (input.IndexName === undefined) return item;
  return only(item, [partitionKey, sortKey, dueIndex.partitionKey, dueIndex.sortKey, ...dueIndex.attributes]);
}

function only(item: Values, names: readonly string[]): Values {
  return Object.fromEntries(names.flatMap((name) => (item[name] === undefined ? [] : [[name, item[name]]])));
}
