import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstIdAt } from '../../functions/domain/id.ts';
import { failedAttempt } from '../support/attempt.ts';
import { type Api, openApi, WEBHOOKS } from './api.ts';

type Row = { readonly id: number | string };
type Page = { readonly ids: readonly Row['id'][]; readonly next?: string; readonly prev?: string };

const START_MS = Date.parse('2026-11-23T10:00:00Z');
const ROWS = 11;

let api: Api;
let log: string;
let of: { readonly webhookId: number; readonly namespaceId: number };

beforeAll(async () => {
  api = await openApi();
  const webhooks = [];
  for (let index = 0; index < ROWS; index++) {
    webhooks.push(await api.addWebhook({ payload_url: `https://a.example/${index}` }));
  }
  of = { webhookId: webhooks[0]?.id ?? 0, namespaceId: api.namespace.id };
  log = `${WEBHOOKS}/${of.webhookId}/deliveries`;
  for (let minute = 0; minute < ROWS; minute++) await happen(minute);
});
afterAll(async () => {
  await api.stop();
  expect(api.bugs).toEqual([]);
});

/** An event of a minute, and a delivery of it, with two attempts where the minute is odd, dead every third time. */
async function happen(minute: number): Promise<void> {
  const createdAt = new Date(START_MS + minute * 60_000).toISOString();
  const id = firstIdAt(START_MS + minute * 60_000);
  const event = {
    id,
    type: minute % 3 === 0 ? 'images' : 'cron',
    namespaceId: of.namespaceId,
    createdAt,
    payload: '{}',
  } as const;
  await api.events.open([{ event, verdicts: {}, receivedAt: createdAt, openedBy: 'test' }]);
  const status = minute % 3 === 0 ? 'dead' : 'cancelled';
  const attempt = failedAttempt({ ...of, deliveryId: id, status, nextAttemptAt: undefined });
  const numbers = minute % 2 === 0 ? [1] : [1, 2];
  await api.attempts.record(numbers.map((number) => ({ attempt: { ...attempt, number } })));
}

async function readPage(url: string): Promise<Page> {
  const response = await api.call(url);
  expect(response.status).toBe(200);
  const rows = (await response.json()) as readonly Row[];
  const links = response.headers.get('link')?.split(', ') ?? [];
  const found = links.map((link) => /^<([^>]+)>; rel="(next|prev)"$/.exec(link)?.slice(1).reverse() ?? [link, link]);
  return { ids: rows.map(({ id }) => id), ...Object.fromEntries(found) };
}

async function walk(first: string, relation: 'next' | 'prev'): Promise<Page[]> {
  const pages: Page[] = [];
  for (let url: string | undefined = first; url !== undefined; url = pages.at(-1)?.[relation]) {
    pages.push(await readPage(url));
    if (pages.length > 50) throw new Error('The pages have no end');
  }
  return pages;
}

const LISTS = [
  ['webhooks', () => WEBHOOKS, ROWS],
  ['deliveries', () => log, ROWS],
  ['events', () => '/n/admin/demo/-/events', ROWS],
  ['events of a type', () => '/n/admin/demo/-/events?event=images', 4],
  ['events of some minutes', () => `/n/admin/demo/-/events?since=2026-11-23T10:02:00Z&until=2026-11-23T10:09:00Z`, 7],
  ['dead deliveries', () => `${log}?status=dead`, 4],
  ['deliveries of some minutes', () => `${log}?since=2026-11-23T10:02:00Z&until=2026-11-23T10:09:00Z`, 7],
] as const;

describe.each(LISTS)('the pages of %s', (_, list, count) => {
  it.each([1, 2, 3, 5, 10, 11, 12])('are the same forwards and backwards, %i rows each', async (size) => {
    const url = list();
    const forwards = await walk(`${url}${url.includes('?') ? '&' : '?'}per_page=${size}`, 'next');
    const ids = forwards.flatMap((page) => page.ids);
    expect(ids).toHaveLength(count);
    expect(new Set(ids).size).toBe(count);
    expect(forwards[0]?.prev).toBeUndefined();
    const before = forwards.at(-1)?.prev;
    const backwards = before === undefined ? [] : await walk(before, 'prev');
    expect(backwards.map((page) => page.ids).reverse()).toEqual(forwards.slice(0, -1).map((page) => page.ids));
    for (const [index, { next }] of backwards.entries()) {
      const following = await readPage(next ?? '');
      expect(following.ids).toEqual(forwards.at(-1 - index)?.ids);
    }
  });
});

it('pages of deliveries have none twice and none missing while new ones arrive', async () => {
  const known = (await walk(`${log}?per_page=100`, 'next')).flatMap(({ ids }) => ids);
  const seen: Row['id'][] = [];
  let minute = ROWS;
  for (let url: string | undefined = `${log}?per_page=3`; url !== undefined; ) {
    const page: Page = await readPage(url);
    seen.push(...page.ids);
    await happen(minute++);
    await happen(minute++);
    url = page.next;
  }
  expect(seen).toEqual(known);
  // Going back from the first page that was read, the new ones stand before it, each once.
  const first = await readPage(`${log}?per_page=3&cursor=after.${seen[2]}`);
  const before = (await walk(first.prev ?? '', 'prev')).reverse().flatMap(({ ids }) => ids);
  const now = (await walk(`${log}?per_page=100`, 'next')).flatMap(({ ids }) => ids);
  expect(before).toEqual(now.slice(0, now.length - known.length + 3));
});
