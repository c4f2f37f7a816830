import {
  BatchExecuteStatementCommand,
  BatchGetCommand,
  type DynamoDBDocumentClient,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { isForLater, type Patience, sleepWithJitter } from './backoff.ts';

/** The one table, as infra makes it: on AWS by CDK, locally by CreateTable. */
export const TABLE_SCHEMA = {
  partitionKey: 'pk',
  sortKey: 'sk',
  timeToLive: 'expires_at',
  /** Sparse: only attempts that wait for their successor or are held, holds, and recoveries that run are in it. */
  dueIndex: {
    name: 'due',
    partitionKey: 'due_shard',
    sortKey: 'due_at',
    attributes: [
      'namespace_id',
      'event_id',
      'event_created_at',
      'event_type',
      'first_of_run',
      'test',
      'next_attempt_at',
    ],
  },
} as const;

export type Table = Patience & { readonly db: DynamoDBDocumentClient; readonly name: string };
export type Key = { readonly pk: string; readonly sk: string };
export type Item = Key & Readonly<Record<string, unknown>>;
/** Per item: it is in the table now, one of its key was there before, or DynamoDB would not take it for now. */
export type Insertion = 'inserted' | 'exists' | 'failed';

const STATEMENTS_PER_BATCH = 25;
const KEYS_PER_BATCH_GET = 100;
const TRIES = 4;

/**
 * Inserts items, each only where none of its key exists, up to 25 in one call. PartiQL's INSERT is what makes that one
 * call: `BatchWriteItem` knows no conditions, a transaction costs twice the write units, and one `PutItem` each costs
 * ten calls for ten items. Of several of one key the first is inserted, and the others exist. Answers in the order of `items`; throws
 * what the service refuses for good.
 */
export async function insertAll(table: Table, items: readonly Item[]): Promise<Insertion[]> {
  // A call that names one key twice is refused whole.
  const unique = [...Map.groupBy(items, keyText).values()].flatMap(([first]) => first ?? []);
  const results = await insertUnique(table, unique);
  const byKey = new Map(unique.map((item, index) => [keyText(item), results[index] ?? 'failed']));
  return items.map((item) => {
    const result = byKey.get(keyText(item)) ?? 'failed';
    if (result === 'inserted') byKey.set(keyText(item), 'exists');
    return result;
  });
}

async function insertUnique(table: Table, items: readonly Item[]): Promise<Insertion[]> {
  const results: Insertion[] = items.map(() => 'failed');
  for (let from = 0; from < items.length; from += STATEMENTS_PER_BATCH) {
    let open = items.map((_, index) => index).slice(from, from + STATEMENTS_PER_BATCH);
    for (let tried = 0; open.length > 0 && tried < TRIES; tried++) {
      if (tried > 0) await sleepWithJitter(table, tried);
      const answers = await insertBatch(
        table,
        open.flatMap((index) => items[index] ?? []),
      );
      open.forEach((index, position) => {
        results[index] = answers[position] ?? 'failed';
      });
      open = open.filter((index) => results[index] === 'failed');
    }
  }
  return results;
}

async function insertBatch(table: Table, items: readonly Item[]): Promise<Insertion[]> {
  const Statements = items.map((item) => {
    const attributes = Object.entries(item).filter(([, value]) => value !== undefined);
    const tuple = attributes.map(([name]) => `'${name}':?`).join(',');
    return {
      Statement: `INSERT INTO "${table.name}" VALUE {${tuple}}`,
      Parameters: attributes.map(([, value]) => value),
    };
  });
  const { Responses = [] } = await table.db.send(new BatchExecuteStatementCommand({ Statements }));
  return Responses.map(({ Error: refusal }) => insertion(refusal));
}

function insertion(refusal: StatementRefusal | undefined): Insertion {
  if (refusal === undefined) return 'inserted';
  if (refusal.Code === 'DuplicateItem') return 'exists';
  if (isForLater(refusal.Code ?? '')) return 'failed';
  throw new Error(`DynamoDB refused an item: ${refusal.Code}: ${refusal.Message}`);
}

/** What DynamoDB says of a statement of a batch that it did not carry out. */
type StatementRefusal = { readonly Code?: string | undefined; readonly Message?: string | undefined };

/**
 * Reads items by key, those that exist, 100 in a call; repeated keys are read once. Throws where the service still
 * leaves keys unread after several calls. Of an item comes all, or its key and the attributes that are named.
 */
export async function getAll(
  table: Table,
  keys: readonly Key[],
  options: { readonly consistent?: boolean; readonly attributes?: readonly string[] } = {},
): Promise<Item[]> {
  let open = [...new Map(keys.map(({ pk, sk }) => [keyText({ pk, sk }), { pk, sk }])).values()];
  const items: Item[] = [];
  for (let tried = 0; open.length > 0; ) {
    const Keys = open.slice(0, KEYS_PER_BATCH_GET);
    const { Responses = {}, UnprocessedKeys = {} } = await table.db.send(
      new BatchGetCommand({
        RequestItems: {
          [table.name]: {
            Keys,
            ConsistentRead: options.consistent ?? false,
            ...(options.attributes && projection(options.attributes)),
          },
        },
      }),
    );
    const found = (Responses[table.name] ?? []) as Item[];
    const left = (UnprocessedKeys[table.name]?.Keys ?? []) as Key[];
    items.push(...found);
    open = [...left, ...open.slice(KEYS_PER_BATCH_GET)];
    // More than 16 MB comes in several answers, which is progress; only answers without any item count as tries.
    if (found.length === 0 && left.length > 0 && ++tried >= TRIES) throw new Error('DynamoDB left keys unread');
    if (left.length > 0) await sleepWithJitter(table, tried);
  }
  return items;
}

/** Some attributes' names are words of DynamoDB's own: each goes by another one. */
function projection(attributes: readonly string[]) {
  const names = ['pk', 'sk', ...attributes].map((name, index) => [`#${index}`, name] as const);
  return {
    ProjectionExpression: names.map(([alias]) => alias).join(','),
    ExpressionAttributeNames: Object.fromEntries(names),
  };
}

/** A key as one text, to find items by. */
export function keyText(key: Key): string {
  return `${key.pk}\n${key.sk}`;
}

/** The next number of a sequence, from 1. */
export async function nextNumber(table: Table, sequence: 'WEBHOOK' | 'NAMESPACE' | 'USER'): Promise<number> {
  const { Attributes } = await table.db.send(
    new UpdateCommand({
      TableName: table.name,
      Key: { pk: 'COUNTERS', sk: sequence },
      UpdateExpression: 'ADD last_number :one',
      ExpressionAttributeValues: { ':one': 1 },
      ReturnValues: 'UPDATED_NEW',
    }),
  );
  return Number(Attributes?.['last_number']);
}

/** A whole number as text that sorts as the number does. */
export function sortable(id: number): string {
  return id.toString().padStart(16, '0');
}
