import { randomUUID } from 'node:crypto';
import {
  BatchExecuteStatementCommand,
  BatchGetCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Deployment, deploy } from '../support/deployment.ts';
import { itemBytes } from './cost/item-size.ts';
import { type Meter, meter } from './cost/meter.ts';

let deployment: Deployment;
let metered: Meter;
beforeAll(async () => {
  deployment = await deploy();
  metered = meter(deployment.world);
});
afterAll(() => deployment.stop());
beforeEach(() => metered.reset());

/** An item of about so many bytes. */
function item(bytes: number, more = {}) {
  return { pk: 'METER', sk: randomUUID(), text: 'x'.repeat(bytes - 60), ...more };
}
const DUE = { due_shard: 'DUE#0', due_at: 1 };

async function put(bytes: number, more = {}) {
  const Item = item(bytes, more);
  await deployment.table.db.send(new PutCommand({ TableName: deployment.table.name, Item }));
  return { pk: Item.pk, sk: Item.sk };
}

async function update(Key: { readonly pk: string; readonly sk: string }, UpdateExpression: string, values = {}) {
  const of = { TableName: deployment.table.name, Key, UpdateExpression };
  await deployment.table.db.send(
    new UpdateCommand({ ...of, ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}) }),
  );
}

describe('the meter counts as DynamoDB bills', () => {
  it('a write by the begun kilobyte, and what it does to the index beside it', async () => {
    await put(1_000);
    expect(metered.read().wru).toBe(1);
    await put(1_500, DUE);
    expect(metered.read().wru, 'two more, and one of the index').toBe(4);
  });

  it('a change of the index key as two of its writes, and its removal as one', async () => {
    const key = await put(500, DUE);
    metered.reset();
    await update(key, 'SET due_at = :later', { ':later': 2 });
    expect(metered.read().wru).toBe(3);
    await update(key, 'REMOVE due_at, due_shard');
    expect(metered.read().wru).toBe(5);
  });

  it('statements of a batch one by one, and those that are refused, too', async () => {
    const items = [item(1_500), item(500)];
    const Statements = items.map(({ pk, sk, text }) => ({
      Statement: `INSERT INTO "${deployment.table.name}" VALUE {'pk':?,'sk':?,'text':?}`,
      Parameters: [pk, sk, text],
    }));
    const insert = () => deployment.table.db.send(new BatchExecuteStatementCommand({ Statements }));
    await insert();
    expect(metered.read().wru).toBe(3);
    await insert();
    expect(metered.read().wru, 'at the least, for the engine does not say').toBe(5);
  });

  it('reads by the begun 4 KB of each item, half where they need not be consistent, and what is not there as if it were', async () => {
    const keys = [await put(1_000), await put(5_000), { pk: 'METER', sk: 'nothing' }];
    metered.reset();
    const { db, name: TableName } = deployment.table;
    await db.send(new BatchGetCommand({ RequestItems: { [TableName]: { Keys: keys } } }));
    expect(metered.read().rru).toBe(2);
    await db.send(new GetCommand({ TableName, Key: keys[1], ConsistentRead: true }));
    expect(metered.read().rru).toBe(4);
  });

  it('a query by all that it reads together', async () => {
    const { db, name: TableName } = deployment.table;
    const query = { TableName, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': 'NOBODY' } };
    await db.send(new QueryCommand({ ...query, ConsistentRead: true }));
    expect(metered.read().rru).toBe(1);
  });
});

describe('the meter counts as SQS bills', () => {
  it('each begun 64 KB of a request as one', async () => {
    await deployment.send('events', ['x'.repeat(60_000)]);
    expect(metered.read().sqsRequests).toBe(1);
    await deployment.send('events', ['x'.repeat(60_000), 'x'.repeat(60_000)]);
    expect(metered.read().sqsRequests).toBe(3);
  });
});

it.each([
  [{ pk: 'a' }, 3],
  [{ text: 'é' }, 6],
  [{ n: 1 }, 3],
  [{ n: 1795435200200 }, 8],
  [{ n: -100 }, 4],
  [{ yes: true }, 4],
  [{ bytes: new Uint8Array(10) }, 15],
  [{ list: [1, 'a'] }, 4 + 3 + 3 + 2],
  [{ map: { a: 'bc' } }, 3 + 3 + 1 + 3],
])('an item %j has the bytes that the documentation says: %i', (one, bytes) => {
  expect(itemBytes(one)).toBe(bytes);
});
