import { ConditionalCheckFailedException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { type Bindings, holds, NotUnderstood, updated, type Values } from './expressions.ts';
import { type ItemKey, kept, type QueryInput, queried, type StoredItem, textOf, type Version } from './items.ts';

/** How long a read that is not consistent may see what an item was before. */
const STALE_MS = 400;

/** What of a write is looked at; each command has some of these. */
type Write = Bindings & {
  readonly Key?: ItemKey;
  readonly Item?: StoredItem;
  readonly ConditionExpression?: string;
  readonly UpdateExpression?: string;
  readonly ReturnValues?: string;
};
type Transaction = Readonly<Partial<Record<'Put' | 'Update' | 'Delete' | 'ConditionCheck', Write>>>;
type Statement = { readonly Statement: string; readonly Parameters: readonly unknown[] };
type Output = Record<string, unknown>;

export type MemoryTable = ReturnType<typeof memoryTable>;

/**
 * DynamoDB in this process, one table of it, behind the SDK's document client: plain values in and out. It remembers all
 * versions of every item, which is what reads that are not consistent, and whoever judges a run, look into.
 */
export function memoryTable(deps: { readonly nowMs: () => number; readonly isStale: () => boolean }) {
  const versions = new Map<string, Version[]>();

  const current = (key: ItemKey) => versions.get(textOf(key))?.at(-1)?.item;
  const seen = (list: readonly Version[], consistent: boolean): StoredItem | undefined => {
    const last = list.at(-1);
    const isFresh = last !== undefined && deps.nowMs() - last.atMs <= STALE_MS;
    return isFresh && !consistent && deps.isStale() ? list.at(-2)?.item : last?.item;
  };
  const read = (key: ItemKey, consistent: boolean) => seen(versions.get(textOf(key)) ?? [], consistent);
  const set = (key: ItemKey, item: StoredItem | undefined) => {
    const text = textOf(key);
    const list = versions.get(text) ?? [];
    list.push({ atMs: deps.nowMs(), item: item && (kept(item) as StoredItem) });
    versions.set(text, list);
  };
  const all = (consistent: boolean) =>
    [...versions.values()].flatMap((list) => seen(list, consistent) ?? []) as StoredItem[];

  /** Writes where the condition holds, and answers what was there before; undefined where it does not hold. */
  const write = (kind: keyof Transaction, input: Write): { before: StoredItem | undefined } | undefined => {
    const key = (input.Key ?? input.Item) as ItemKey;
    const before = current(key);
    if (!holds(input.ConditionExpression, before ?? {}, input)) return undefined;
    if (kind === 'Put') set(key, input.Item);
    if (kind === 'Delete' && before !== undefined) set(key, undefined);
    if (kind === 'Update') {
      const { pk, sk } = key;
      set(key, { ...updated(input.UpdateExpression ?? '', before ?? {}, input), pk, sk });
    }
    return { before };
  };

  const writeOne = (kind: keyof Transaction, input: Write): Output => {
    const written = write(kind, input);
    if (written === undefined) throw refused();
    const { before } = written;
    const after = current((input.Key ?? input.Item) as ItemKey);
    const Attributes = { ALL_OLD: before, ALL_NEW: after, UPDATED_NEW: changed(before, after) }[
      String(input.ReturnValues)
    ];
    return Attributes === undefined ? {} : { Attributes };
  };

  const transact = (items: readonly Transaction[]): Output => {
    const parts = items.flatMap((item) => Object.entries(item) as [keyof Transaction, Write][]);
    const isRefused = parts.map(
      ([, input]) => !holds(input.ConditionExpression, current((input.Key ?? input.Item) as ItemKey) ?? {}, input),
    );
    if (isRefused.includes(true)) {
      throw cancelled(isRefused.map((one) => (one ? 'ConditionalCheckFailed' : 'None')));
    }
    for (const [kind, input] of parts) write(kind, input);
    return {};
  };

  return {
    /** All items that are there. */
    items: () => all(true),
    /** What an item was, first to last. */
    history: (key: ItemKey): readonly Version[] => versions.get(textOf(key)) ?? [],
    /** Every item that ever was, with what it was. */
    histories: (): IterableIterator<Version[]> => versions.values(),

    /** Carries a command of the client out. Throws as the client does. */
    carryOut(command: string, input: never): Output {
      switch (command) {
        case 'GetItem': {
          const { Key, ConsistentRead = false } = input as { Key: ItemKey; ConsistentRead?: boolean };
          const Item = read(Key, ConsistentRead);
          return Item === undefined ? {} : { Item };
        }
        case 'BatchGetItem':
          return batchGet(input, read);
        case 'Query':
        case 'Scan':
          return queried(all((input as QueryInput).ConsistentRead ?? false), input);
        case 'PutItem':
          return writeOne('Put', input);
        case 'UpdateItem':
          return writeOne('Update', input);
        case 'DeleteItem':
          return writeOne('Delete', input);
        case 'TransactWriteItems':
          return transact((input as { TransactItems: Transaction[] }).TransactItems);
        case 'BatchExecuteStatement':
          return {
            Responses: (input as { Statements: Statement[] }).Statements.map((statement) => {
              const Item = inserted(statement);
              const isNew = { Item, ConditionExpression: 'attribute_not_exists(pk)' };
              return write('Put', isNew) ? {} : { Error: { Code: 'DuplicateItem', Message: 'Duplicate' } };
            }),
          };
        default:
          throw new NotUnderstood(`This DynamoDB knows no ${command}`);
      }
    },
  };
}

type RequestItems = Record<string, { Keys: ItemKey[]; ConsistentRead?: boolean }>;

function batchGet(
  { RequestItems }: { readonly RequestItems: RequestItems },
  read: (key: ItemKey, consistent: boolean) => StoredItem | undefined,
): Output {
  const entries = Object.entries(RequestItems).map(([name, { Keys, ConsistentRead = false }]) => [
    name,
    Keys.flatMap((key) => read(key, ConsistentRead) ?? []),
  ]);
  return { Responses: Object.fromEntries(entries), UnprocessedKeys: {} };
}

/** The item of an `INSERT INTO "table" VALUE {'name':?,…}`. */
function inserted({ Statement, Parameters }: Statement): StoredItem {
  const names = /^INSERT INTO "[^"]+" VALUE \{(.*)\}$/.exec(Statement)?.[1]?.matchAll(/'(\w+)':\?/g);
  if (names === undefined) throw new NotUnderstood(`Not understood: ${Statement}`);
  return Object.fromEntries([...names].map(([, name], index) => [name, Parameters[index]])) as Values as StoredItem;
}

function changed(before: Values = {}, after: Values = {}): Values {
  return Object.fromEntries(
    Object.entries(after).filter(([name, value]) => before[name] !== value && !(name === 'pk' || name === 'sk')),
  );
}

function refused(): Error {
  return new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} });
}

/** What a transaction fails with that was not carried out, with a reason for each of its parts. */
export function cancelled(codes: readonly string[]): Error {
  const CancellationReasons = codes.map((Code) => ({ Code }));
  return new TransactionCanceledException({ message: 'Transaction cancelled', CancellationReasons, $metadata: {} });
}
