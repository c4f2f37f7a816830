import { afterAll, beforeAll, expect, it } from 'vitest';
import { firstIdAt } from '../../functions/domain/id.ts';
import { failedAttempt } from '../support/attempt.ts';
import { type Api, followPages, openApi, read } from './api.ts';

type Row = { readonly id: string; readonly status: string; readonly event: { readonly type: string } };

const START_MS = Date.parse('2026-11-23T10:00:00Z');
const STATUSES = ['succeeded', 'retrying', 'dead', 'cancelled'] as const;

let api: Api;
let log: string;
/** One delivery a minute, newest first, of each status and of two types in turn. */
let ids: readonly string[];

beforeAll(async () => {
  api = await openApi();
  const { id: webhookId, namespaceId } = await api.addWebhook({ payload_url: 'https://a.example/' });
  log = `/n/admin/demo/-/webhooks/${webhookId}/deliveries`;
  const attempts = Array.from({ length: 40 }, (_, minute) =>
    failedAttempt({
      webhookId,
      namespaceId,
      deliveryId: firstIdAt(START_MS + minute * 60_000),
      status: STATUSES[minute % 4] ?? 'dead',
      eventType: minute % 8 < 4 ? 'cron' : 'images',
      nextAttemptAt: undefined,
    }),
  );
  await api.attempts.record(attempts.map((attempt) => ({ attempt })));
  ids = attempts.map(({ deliveryId }) => deliveryId).reverse();
});
afterAll(async () => {
  await api.stop();
  expect(api.bugs).toEqual([]);
});

const rows = async (query: string): Promise<Row[]> => (await followPages<Row>(api, `${log}?${query}`)).flat();

it.each(STATUSES)('shows the deliveries that stand at %s, over pages of any size', async (status) => {
  for (const size of [1, 3, 10, 100]) {
    const found = await rows(`status=${status}&per_page=${size}`);
    expect(found.map((row) => row.status)).toEqual(Array(10).fill(status));
    expect(new Set(found.map(({ id }) => id)).size).toBe(10);
  }
});

it('shows the deliveries of a type, and combines filters', async () => {
  expect((await rows('event=cron')).length).toBe(20);
  const found = await rows('event=images&status=dead&per_page=2');
  expect(found.length).toBe(5);
  expect(found.every(({ status, event }) => status === 'dead' && event.type === 'images')).toBe(true);
});

it.each([
  ['since=2026-11-23T10:35:00Z', 5],
  ['until=2026-11-23T10:05:00Z', 5],
  ['since=2026-11-23T10:10:00Z&until=2026-11-23T10:20:00Z', 10],
  ['since=2026-11-23T12:10:00%2B02:00&until=2026-11-23T10:11:00Z', 1],
  ['since=2026-11-23T10:20:00Z&until=2026-11-23T10:10:00Z', 0],
  ['since=9999-12-31T23:59:59Z', 0],
  ['until=1970-01-01T00:00:00Z', 0],
])('shows those of %s', async (query, count) => {
  const found = await rows(`${query}&per_page=3`);
  expect(found.length).toBe(count);
  expect(ids).toEqual(expect.arrayContaining(found.map(({ id }) => id)));
});

it.each([
  'status=failed',
  'status=',
  'event=build',
  'since=yesterday',
  'until=2026-11-23',
  'since=2026-02-30T00:00:00Z',
])('refuses %s with a sentence', async (query) => {
  const { message } = await read(api.call(`${log}?${query}`), 400);
  expect(message).toMatch(/must be/);
});

it('ends a page early rather than read the whole log, and goes on from there', async () => {
  const { id: webhookId, namespaceId } = await api.addWebhook({ payload_url: 'https://a.example/long' });
  const attempts = Array.from({ length: 2_300 }, (_, second) =>
    failedAttempt({
      webhookId,
      namespaceId,
      deliveryId: firstIdAt(START_MS + second * 1000),
      status: second === 0 || second === 2_299 ? 'dead' : 'succeeded',
      nextAttemptAt: undefined,
    }),
  );
  await api.attempts.record(attempts.map((attempt) => ({ attempt })));
  const list = `/n/admin/demo/-/webhooks/${webhookId}/deliveries?status=dead&per_page=100`;
  const pages = await followPages<Row>(api, list);
  expect(pages.map((page) => page.length)).toEqual([1, 1]);
  const oldest = attempts[0]?.deliveryId;
  const back = await followPages<Row>(api, `${list}&cursor=upto.${oldest}`, 'prev');
  expect(back.map((page) => page.length)).toEqual([1, 1]);
  expect(back.flat().map(({ id }) => id)).toEqual(
    pages
      .flat()
      .map(({ id }) => id)
      .reverse(),
  );
});
