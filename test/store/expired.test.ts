import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstIdAt } from '../../functions/domain/id.ts';
import type { Cursor } from '../../functions/domain/page.ts';
import { attemptItem } from '../../functions/store/attempt-item.ts';
import type { Item } from '../../functions/store/table.ts';
import { plant } from '../bench/growth/plant.ts';
import { failedAttempt } from '../support/attempt.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { intercept } from '../support/failing.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const DAY = 24 * 3_600_000;
const EXPIRED = new Date(NOW - 31 * DAY).toISOString();
const KEPT = new Date(NOW - 29 * DAY).toISOString();
/** What has expired on either side of what is kept: a page of 2,000 ends before and after each attempt of that, and long before all. */
const AROUND = [1995, 1996, 1997, 1998, 1999, 2000, 4500];

let deployment: Deployment;
let queries = 0;

beforeAll(async () => {
  deployment = await deploy();
  for (const [index, around] of AROUND.entries()) await plant(deployment.table, log(index + 1, around));
  await plant(deployment.table, longDelivery(LONG));
  await plant(deployment.table, events());
  intercept(deployment.world.dynamodb, 'Query', async (_, send) => {
    queries += 1;
    return send();
  });
});
afterAll(() => deployment.stop());

/** Ids of one millisecond, one right beside the other. */
const idOf = (nth: number) => firstIdAt(NOW - 31 * DAY).slice(0, -12) + nth.toString(16).padStart(12, '0');

/** One delivery of which the last attempt is kept, and one that is kept whole, in the midst of what has expired. */
function* log(webhookId: number, around: number): Generator<Item> {
  const attempt = (nth: number, number: number, startedAt: string) => {
    const of = { webhookId, deliveryId: idOf(nth), number, startedAt, nextAttemptAt: undefined };
    return attemptItem(failedAttempt({ ...of, status: 'dead' }), undefined);
  };
  for (let nth = 0; nth < around; nth++) {
    yield attempt(nth, 1, EXPIRED);
    yield attempt(around + 2 + nth, 1, EXPIRED);
  }
  for (const number of [1, 2, 3]) yield attempt(around, number, number === 3 ? KEPT : EXPIRED);
  for (const number of [1, 2]) yield attempt(around + 1, number, KEPT);
}

/** The webhook of a delivery with more expired attempts than a page reads, before the one that is kept. */
const LONG = AROUND.length + 1;
const ATTEMPTS = 2_100;

function* longDelivery(webhookId: number): Generator<Item> {
  for (let number = 1; number <= ATTEMPTS; number++) {
    const startedAt = number === ATTEMPTS ? KEPT : EXPIRED;
    const of = { webhookId, deliveryId: idOf(1), number, startedAt, nextAttemptAt: undefined };
    yield attemptItem(failedAttempt({ ...of, status: 'dead' }), undefined);
  }
  const before = { webhookId, deliveryId: idOf(0), startedAt: KEPT, nextAttemptAt: undefined };
  yield attemptItem(failedAttempt({ ...before, status: 'dead' }), undefined);
}

const deliveriesOf = (around: number) => [
  [idOf(around), [3]],
  [idOf(around + 1), [1, 2]],
];

/** Reads all pages of a list from a cursor on, each in few calls; answers what is on them, a page after the other. */
async function all<Row>(
  pageAt: (
    cursor: Cursor | undefined,
  ) => Promise<{ rows: Row[]; next?: Cursor | undefined; prev?: Cursor | undefined }>,
  from?: Cursor,
): Promise<Row[]> {
  const found: Row[] = [];
  for (let cursor = from, isEnd = false; !isEnd; ) {
    queries = 0;
    const { rows, next, prev } = await pageAt(cursor);
    expect(queries).toBeLessThan(12);
    found.push(...(cursor?.direction === 'upto' ? rows.reverse() : rows));
    cursor = cursor?.direction === 'upto' ? prev : next;
    isEnd = cursor === undefined;
  }
  return found;
}

describe.each(AROUND.map((around, index) => [around, index + 1]))(
  'beside %i attempts that have expired and are not deleted yet',
  (around, webhookId) => {
    const page = async (cursor: Cursor | undefined) => {
      const { rows, ...ways } = await deployment.attempts.page(webhookId, { cursor, limit: 10, nowMs: NOW });
      const shown = rows.map((row) => [row[0].deliveryId, row.map(({ number }) => number)]);
      return { rows: shown, ...ways };
    };

    it('the log is read to its end in pages of few calls, and back, and nothing is left out or comes twice', async () => {
      expect(await all(page)).toEqual(deliveriesOf(around).reverse());
      expect(await all(page, { direction: 'upto', position: idOf(0) })).toEqual(deliveriesOf(around));
    });

    it('a recovery gets on with each page, and has each delivery once', async () => {
      const found: unknown[] = [];
      let read = 0;
      for (let after: string | undefined, isEnd = false; !isEnd; ) {
        queries = 0;
        const times = { sinceMs: 0, untilMs: NOW, nowMs: NOW };
        const stretch = await deployment.attempts.stretch(webhookId, { ...times, after, lets: () => true, limit: 100 });
        expect(queries).toBeLessThan(12);
        expect(stretch.isEnd || (stretch.last ?? '') > (after ?? '')).toBe(true);
        found.push(...stretch.deliveries.map(({ last }) => [last.deliveryId, last.number]));
        read += stretch.read;
        ({ last: after, isEnd } = stretch);
      }
      expect(found).toEqual([
        [idOf(around), 3],
        [idOf(around + 1), 2],
      ]);
      expect(read).toBe(2);
    });
  },
);

it('one delivery with more expired attempts than a page reads stops neither the log nor a recovery', async () => {
  const page = async (cursor: Cursor | undefined) => {
    const { rows, ...ways } = await deployment.attempts.page(LONG, { cursor, limit: 10, nowMs: NOW });
    return { rows: rows.map((row) => row.map(({ deliveryId, number }) => [deliveryId, number])), ...ways };
  };
  const long = [[idOf(1), ATTEMPTS]];
  const other = [[idOf(0), 1]];
  expect(await all(page)).toEqual([long, other]);
  expect(await all(page, { direction: 'upto', position: idOf(0) })).toEqual([other, long]);
  const found: unknown[] = [];
  for (let after: string | undefined, isEnd = false, tries = 0; !isEnd; tries++) {
    expect(tries).toBeLessThan(5);
    const times = { sinceMs: 0, untilMs: NOW, nowMs: NOW };
    const stretch = await deployment.attempts.stretch(LONG, { ...times, after, lets: () => true, limit: 100 });
    found.push(...stretch.deliveries.map(({ last }) => [[last.deliveryId, last.number]]));
    ({ last: after, isEnd } = stretch);
  }
  expect(found).toEqual([other, long]);
});

/** Two events that are kept, as those around them are not; with what had expired before, one is the last that a page reads. */
function* events(): Generator<Item> {
  for (let nth = 0; nth < 5000; nth++) {
    const isKept = nth === 1999 || nth === 3000;
    yield {
      ...{ pk: 'NAMESPACE#77#EVENTS', sk: `${EXPIRED}#${idOf(nth)}`, v: 1, type: 'cron', received_at: EXPIRED },
      expires_at: NOW / 1000 + (isKept ? 1 : -1),
    };
  }
}

it('events are read to their end in pages of few calls, and back, and none is left out or comes twice', async () => {
  const page = async (cursor: Cursor | undefined) => {
    const { rows, ...ways } = await deployment.events.page(77, { cursor, limit: 10, nowMs: NOW });
    return { rows: rows.map(({ id }) => id), ...ways };
  };
  expect(await all(page)).toEqual([idOf(3000), idOf(1999)]);
  expect(await all(page, { direction: 'upto', position: `${EXPIRED}~${idOf(0)}` })).toEqual([idOf(1999), idOf(3000)]);
});
