import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DeliverySummary } from '../../functions/domain/delivery.ts';
import { firstIdAt } from '../../functions/domain/id.ts';
import { attemptItem } from '../../functions/store/attempt-item.ts';
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
const ids = (rows: readonly DeliverySummary[]) => rows.map(([{ deliveryId }]) => deliveryId);
const deadIds = Array.from({ length: DELIVERIES / DEAD_EVERY }, (_, nth) =>
  firstIdAt(NOW - (nth * DEAD_EVERY + DEAD_EVERY - 1) * 1000),
);

it('has what lists show of each attempt, first to last, and nothing of what was sent', async () => {
  const { rows } = await page({ lets: isDead });
  expect(ids(rows)).toEqual(deadIds.slice(0, LIMIT));
  for (const row of rows) {
    const whole = await deployment.attempts.delivery(WEBHOOK, row[0].deliveryId, NOW);
    const summaries = whole?.map(({ request: _, connection: __, ...one }) => ({ ...one, response: { status: 500 } }));
    expect(row).toEqual(summaries);
    expect(row.map(({ number }) => number)).toEqual([1, 2]);
  }
});

it('asks the table for no more than that', async () => {
  const asked: unknown[] = [];
  const undo = intercept(deployment.world.dynamodb, 'Query', async (input, send) => {
    const answered = await send();
    const { Items = [] } = answered.output as { readonly Items?: readonly object[] };
    asked.push(input, ...Items.flatMap((item) => Object.keys(item)));
    return answered;
  });
  await page({ lets: isDead });
  await page({});
  undo();
  expect(asked).toContain('response_status');
  expect(asked).not.toContain('wire');
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
