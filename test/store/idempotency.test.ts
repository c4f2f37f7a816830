import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Claim, idempotencyStore } from '../../functions/store/idempotency.ts';
import { getAll } from '../../functions/store/table.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { intercept } from '../support/failing.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const NOW = Date.parse('2026-11-23T12:00:00Z');

let deployment: Deployment;
let store: ReturnType<typeof idempotencyStore>;
let claims = 0;

beforeAll(async () => {
  deployment = await deploy();
  store = idempotencyStore(deployment.table);
});
afterAll(() => deployment.stop());

function claim(): Claim {
  claims += 1;
  return { eventId: `event ${claims}`, createdAt: new Date(NOW + claims).toISOString(), bodyHash: `hash ${claims}` };
}

it('keeps the first claim of a key, for its user alone', async () => {
  const [first, later] = [claim(), claim()];
  const of = { username: 'admin', key: 'first' };
  expect(await store.claim(of, first, NOW)).toEqual(first);
  expect(await store.claim(of, later, NOW + 1)).toEqual(first);
  expect(await store.claim({ ...of, username: 'other' }, later, NOW)).toEqual(later);
  expect(await store.claim({ ...of, key: 'First' }, later, NOW)).toEqual(later);
});

it('takes a claim for gone after a day, whether or not its item is', async () => {
  const [first, later, last] = [claim(), claim(), claim()];
  const of = { username: 'admin', key: 'a day#' };
  await store.claim(of, first, NOW);
  const [item] = await getAll(deployment.table, [{ pk: 'IDEMPOTENCY#admin#a day#', sk: 'IDEMPOTENCY' }]);
  expect(item?.['expires_at']).toBe((NOW + DAY_MS) / 1000);
  expect(await store.claim(of, later, NOW + DAY_MS - 1)).toEqual(first);
  expect(await store.claim(of, later, NOW + DAY_MS)).toEqual(later);
  expect(await store.claim(of, last, NOW + DAY_MS)).toEqual(later);
});

it('has one first of many at once', async () => {
  const given = Array.from({ length: 10 }, claim);
  const kept = await Promise.all(given.map((one) => store.claim({ username: 'admin', key: 'race' }, one, NOW)));
  expect(new Set(kept.map(({ eventId }) => eventId)).size).toBe(1);
  expect(given).toContainEqual(kept[0]);
});

it('throws what the table throws', async () => {
  const undo = intercept(deployment.world.dynamodb, 'PutItem', async () => {
    throw new Error('The line is cut');
  });
  await expect(store.claim({ username: 'admin', key: 'cut' }, claim(), NOW).finally(undo)).rejects.toThrow('is cut');
});
