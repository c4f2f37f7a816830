import { afterAll, beforeAll, expect, it } from 'vitest';
import { getAll, type Item, insertAll, nextNumber, sortable } from '../../functions/store/table.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { intercept } from '../support/failing.ts';

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy();
});
afterAll(() => deployment.stop());

function items(prefix: string, count: number): Item[] {
  return Array.from({ length: count }, (_, index) => ({ pk: prefix, sk: sortable(index), index }));
}

it('inserts any number of items, each once, and says which were there', async () => {
  const { table } = deployment;
  const [first = [], more = []] = [items('any', 3), items('any', 60)];
  expect(await insertAll(table, first)).toEqual(['inserted', 'inserted', 'inserted']);
  const changed = more.map((item) => ({ ...item, index: -1 }));
  const results = await insertAll(table, changed);
  expect(results.filter((result) => result === 'exists')).toHaveLength(3);
  expect(results.filter((result) => result === 'inserted')).toHaveLength(57);
  const read = await getAll(table, first, { consistent: true });
  expect(read.map(({ index }) => index).sort()).toEqual([0, 1, 2]);
});

it('inserts a key that comes twice once, and its neighbours beside it', async () => {
  const [first, second] = items('twice', 2);
  if (first === undefined || second === undefined) throw new Error('There are no two items');
  const again = { ...first, index: -1 };
  expect(await insertAll(deployment.table, [first, again, second, again])).toEqual([
    'inserted',
    'exists',
    'inserted',
    'exists',
  ]);
  expect(await insertAll(deployment.table, [again, second, again])).toEqual(['exists', 'exists', 'exists']);
  const read = await getAll(deployment.table, [first, second], { consistent: true });
  expect(read.map(({ index }) => index).sort()).toEqual([0, 1]);
});

it('tries again what was throttled, and only that', async () => {
  const sizes: number[] = [];
  const undo = intercept(deployment.world.dynamodb, 'BatchExecuteStatement', async (input, send) => {
    const { Statements } = input as { Statements: unknown[] };
    sizes.push(Statements.length);
    const { output } = await send();
    if (sizes.length > 1) return { output };
    const { Responses } = output as { Responses: object[] };
    return { output: { Responses: Responses.map((answer, index) => (index < 2 ? throttled : answer)) } };
  });
  const results = await insertAll(deployment.table, items('throttled', 5));
  undo();
  expect(sizes).toEqual([5, 2]);
  // The engine had taken the two: that is what a lost answer looks like, too.
  expect(results).toEqual(['exists', 'exists', 'inserted', 'inserted', 'inserted']);
});

it('says of what is throttled for ever that it failed, and throws what is refused for good', async () => {
  const answer = (code: string) =>
    intercept(deployment.world.dynamodb, 'BatchExecuteStatement', async () => ({
      output: { Responses: [{ Error: { Code: code, Message: 'no' } }] },
    }));
  const undoThrottling = answer('ThrottlingError');
  expect(await insertAll(deployment.table, items('never', 1))).toEqual(['failed']);
  expect(await insertAll(deployment.table, [...items('never', 1), ...items('never', 1)])).toEqual(['failed', 'failed']);
  undoThrottling();
  const undoRefusal = answer('ValidationError');
  await expect(insertAll(deployment.table, items('never', 1))).rejects.toThrow(/ValidationError: no/);
  undoRefusal();
});

const throttled = { Error: { Code: 'ProvisionedThroughputExceeded', Message: 'slow down' } };

it('reads any number of items, repeated keys once, and asks again for what was left out', async () => {
  const written = items('read', 130);
  await insertAll(deployment.table, written);
  let calls = 0;
  const undo = intercept(deployment.world.dynamodb, 'BatchGetItem', async (input, send) => {
    calls++;
    const { RequestItems } = input as { RequestItems: Record<string, { Keys: object[] }> };
    const request = RequestItems[deployment.table.name];
    const left = calls === 1 ? (request?.Keys.splice(50) ?? []) : [];
    const { output } = await send();
    const UnprocessedKeys = left.length > 0 ? { [deployment.table.name]: { Keys: left } } : {};
    return { output: { ...output, UnprocessedKeys } };
  });
  const read = await getAll(deployment.table, [...written, ...written, { pk: 'read', sk: 'none' }]);
  undo();
  expect(read.map(({ index }) => Number(index)).sort((a, b) => a - b)).toEqual(written.map(({ index }) => index));
  expect(calls).toBe(2);
});

it('throws where the service leaves keys unread for ever', async () => {
  const undo = intercept(deployment.world.dynamodb, 'BatchGetItem', async (input) => {
    const { RequestItems } = input as { RequestItems: object };
    return { output: { Responses: {}, UnprocessedKeys: RequestItems } };
  });
  await expect(getAll(deployment.table, [{ pk: 'a', sk: 'b' }])).rejects.toThrow('DynamoDB left keys unread');
  undo();
});

it('counts on: no number is given twice, not even at once', async () => {
  const numbers = await Promise.all(Array.from({ length: 20 }, () => nextNumber(deployment.table, 'WEBHOOK')));
  expect(new Set(numbers).size).toBe(20);
});
