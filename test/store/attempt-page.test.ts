import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Attempt, Delivery } from '../../functions/domain/delivery.ts';
import { firstIdAt } from '../../functions/domain/id.ts';
import { attemptItem, attemptKey } from '../../functions/store/attempt-item.ts';
import type { DeliveryPage } from '../../functions/store/attempt-queries.ts';
import { plant } from '../bench/growth/plant.ts';
import { failedAttempt } from '../support/attempt.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { intercept } from '../support/failing.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const WEBHOOK = 7;
const DELIVERIES = 400;
const DEAD_EVERY = 50;
const LIMIT = 3;

const request = { url: 'https://example.com/hook', headers: [['Accept', '*/*']] } as const;
const response = { status: 500, headers: [['server', 'nginx']], body: Buffer.from('no'), truncated: false } as const;

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy();
  await plant(deployment.table, items());
});
afterAll(() => deployment.stop());

/** A delivery a second; every fiftieth has two attempts and is dead, the others succeeded. */
function* items() {
  for (let nth = 0; nth < DELIVERIES; nth++) {
    const of = {
      webhookId: WEBHOOK,
      deliveryId: firstIdAt(NOW - nth * 1000),
      request,
      response,
      nextAttemptAt: undefined,
    };
    if (nth % DEAD_EVERY !== DEAD_EVERY - 1)
      yield attemptItem(failedAttempt({ ...of, status: 'succeeded' }), undefined);
    else {
      yield attemptItem(failedAttempt({ ...of, number: 1 }), undefined);
      yield attemptItem(failedAttempt({ ...of, number: 2, status: 'dead' }), undefined);
    }
  }
}

const isDead: DeliveryPage['lets'] = (delivery) => delivery.at(-1)?.status === 'dead';
const page = (options: Partial<DeliveryPage>) =>
  deployment.attempts.page(WEBHOOK, { limit: LIMIT, nowMs: NOW, ...options });
const ids = (rows: readonly Delivery[]) => rows.map(([{ deliveryId }]) => deliveryId);
const deadIds = Array.from({ length: DELIVERIES / DEAD_EVERY }, (_, nth) =>
  firstIdAt(NOW - (nth * DEAD_EVERY + DEAD_EVERY - 1) * 1000),
);

/** Whether each query meanwhile asked for all of an item. */
async function asked(work: () => Promise<unknown>): Promise<readonly ('all' | 'some')[]> {
  const found: ('all' | 'some')[] = [];
  const undo = intercept(deployment.world.dynamodb, 'Query', (input, send) => {
    found.push(
      (input as { readonly ProjectionExpression?: string }).ProjectionExpression === undefined ? 'all' : 'some',
    );
    return send();
  });
  await work();
  undo();
  return found;
}

it('has all of each attempt that a filter lets through, first to last, though it was found by less', async () => {
  const { rows } = await page({ lets: isDead });
  expect(ids(rows)).toEqual(deadIds.slice(0, LIMIT));
  for (const row of rows) {
    const whole: readonly Attempt[] | undefined = await deployment.attempts.delivery(WEBHOOK, row[0].deliveryId, NOW);
    expect(row).toEqual(whole);
    expect(row.map(({ number }) => number)).toEqual([1, 2]);
    expect(row[1]).toMatchObject({ request, response: { status: 500 } });
  }
});

it('goes on with the next page, and back, as if all had been read', async () => {
  const found: string[] = [];
  let next: DeliveryPage['cursor'];
  let last = await page({ lets: isDead });
  for (;;) {
    found.push(...ids(last.rows));
    next = last.next;
    if (next === undefined) break;
    last = await page({ lets: isDead, cursor: next });
  }
  expect(found).toEqual(deadIds);
  const before = await page({ lets: isDead, cursor: last.prev });
  expect(ids(before.rows)).toEqual(deadIds.slice(-2 - LIMIT, -2));
});

it('reads all of few attempts, and of many what the filter looks at', async () => {
  expect(await asked(() => page({}))).toEqual(['all']);
  expect(await asked(() => page({ lets: ([{ status }]) => status === 'succeeded' }))).toEqual(['all']);
  const queries = await asked(() => page({ lets: isDead }));
  expect(queries.slice(0, 2)).toEqual(['all', 'some']);
  expect(new Set(queries.slice(1))).toEqual(new Set(['some']));
});

it('leaves out a delivery that goes while it is read', async () => {
  const [gone = ''] = deadIds;
  const { name, db } = deployment.table;
  const undo = intercept(deployment.world.dynamodb, 'BatchGetItem', async (_, send) => {
    for (const number of [1, 2]) {
      await db.send(
        new DeleteCommand({ TableName: name, Key: attemptKey({ webhookId: WEBHOOK, deliveryId: gone, number }) }),
      );
    }
    return send();
  });
  expect(ids((await page({ lets: isDead })).rows)).toEqual(deadIds.slice(1, LIMIT));
  undo();
});
