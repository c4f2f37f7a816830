import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureNamespace } from '../../functions/actions/accounts.ts';
import type { EventType } from '../../functions/domain/catalogue.ts';
import { busEvent } from '../support/deployment.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Api, followPages, openApi, read } from './api.ts';

const EVENTS = '/n/admin/demo/-/events';

type Shown = {
  readonly id: string;
  readonly url: string;
  readonly payload: string;
  readonly verdicts: readonly {
    readonly webhook_id: number;
    readonly verdict: string;
    readonly delivery: { readonly url: string } | null;
  }[];
};

let api: Api;
let receiver: Receiver;
beforeAll(async () => {
  api = await openApi();
  const { id: namespaceId } = await ensureNamespace(api.accounts, { username: 'admin', path: 'filtered' });
  for (let second = 10; second < 16; second++) {
    const event = { id: `${randomUUID().slice(0, -2)}${second}`, createdAt: `2026-11-23T11:00:${second}.000Z` };
    const type: EventType = second % 2 === 0 ? 'cron' : 'build.finished';
    const record = { event: { ...event, type, namespaceId, payload: '{}' }, verdicts: {}, openedBy: 'test' };
    await api.events.open([{ ...record, receivedAt: event.createdAt }]);
  }
  receiver = await startReceiver((response, { path }) => response.writeHead(path === '/down' ? 500 : 204).end());
});
afterAll(async () => {
  await receiver.stop();
  await api.stop();
  expect(api.bugs).toEqual([]);
});

/** Emits an event in a namespace and lets ingest see to it. */
async function emit(namespaceId: number, differences: Partial<Parameters<typeof busEvent>[0]> = {}): Promise<string> {
  const id = randomUUID();
  await api.send('events', [busEvent({ namespaceId, id, ...differences })]);
  await api.drain('events', api.handlers.ingest);
  return id;
}

describe('what happened in a namespace', () => {
  it('is listed newest first, each event once over the pages, and none of another namespace', async () => {
    const { id: namespaceId } = await ensureNamespace(api.accounts, { username: 'admin', path: 'listed' });
    const ids: string[] = [];
    for (let second = 10; second < 17; second++) {
      ids.unshift(await emit(namespaceId, { createdAt: `2026-11-23T11:00:${second}Z` }));
    }
    await emit(api.namespace.id);
    const pages = await followPages<Shown>(api, '/n/admin/listed/-/events?per_page=3');
    expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);
    expect(pages.flat().map(({ id }) => id)).toEqual(ids);
  });

  it.each([
    ['since=2026-12-30T00:00:00Z', []],
    ['since=2026-11-23T11:00:12Z&per_page=2', [15, 14, 13, 12]],
    ['until=2026-11-23T11:00:12Z', [11, 10]],
    ['until=1970-01-01T00:00:00Z', []],
    ['since=2026-11-23T12:00:11%2B01:00&until=2026-11-23T11:00:12Z', [11]],
    ['since=2026-11-23T11:00:12Z&until=2026-11-23T11:00:11Z', []],
    ['event=cron&per_page=1', [14, 12, 10]],
    ['event=cron&since=2026-11-23T11:00:11Z&until=2026-11-23T11:00:14Z', [12]],
    ['event=images', []],
  ])('is filtered by %s', async (query, seconds) => {
    const pages = await followPages<Shown>(api, `/n/admin/filtered/-/events?${query}`);
    expect(pages.flat().map(({ id }) => Number(id.slice(-2)))).toEqual(seconds);
  });

  it.each(['event=build', 'event=', 'since=yesterday', 'until=2026-11-23'])('refuses the filter %s', async (query) => {
    expect(await read(api.call(`${EVENTS}?${query}`), 400)).toEqual({ message: expect.stringMatching(/must be/) });
  });

  it('ends a page early rather than read all, and goes on from there, both ways', async () => {
    const { id: namespaceId } = await ensureNamespace(api.accounts, { username: 'admin', path: 'long' });
    const records = Array.from({ length: 2_300 }, (_, nth) => {
      const createdAt = new Date(Date.parse('2026-11-23T10:00:00Z') + nth * 1000).toISOString();
      const type: EventType = nth === 0 || nth === 2_299 ? 'cron' : 'images';
      const event = { id: randomUUID(), type, namespaceId, createdAt, payload: '{}' };
      return { event, verdicts: {}, receivedAt: createdAt, openedBy: 'test' };
    });
    await api.events.open(records);
    const list = '/n/admin/long/-/events?event=cron&per_page=100';
    const pages = await followPages<Shown>(api, list);
    const ends = [records.at(-1)?.event.id, records[0]?.event.id];
    expect(pages.map((page) => page.map(({ id }) => id))).toEqual([[ends[0]], [ends[1]]]);
    const oldest = `${records[0]?.event.createdAt}~${ends[1]}`;
    const back = await followPages<Shown>(api, `${list}&cursor=upto.${oldest}`, 'prev');
    expect(back.map((page) => page.map(({ id }) => id))).toEqual([[ends[1]], [ends[0]]]);
  });

  it.each(['abc', '2026-11-23T11:00:00.000Z', `2026-13-23T11:00:00.000Z~${randomUUID()}`, '~'])(
    'refuses the cursor %s',
    async (cursor) => {
      expect((await api.call(`${EVENTS}?cursor=${cursor}`)).status).toBe(400);
    },
  );
});

describe('an event', () => {
  it('tells of every webhook whether it was called, and if not, why', async () => {
    const namespace = await ensureNamespace(api.accounts, { username: 'admin', path: 'verdicts' });
    const add = (path: string, body: object = {}) =>
      api.addWebhook({ payload_url: `${receiver.url}/${path}`, ...body }, namespace);
    const webhooks = [
      await add('up'),
      await add('down'),
      await add('inactive', { active: false }),
      await add('other', { events: ['cron'] }),
    ];
    const payload = '{"id": 9007199254740993,  "é": "\\u00e9"}';
    const id = await emit(namespace.id, { payload });
    const [listed] = await read<Shown[]>(api.call('/n/admin/verdicts/-/events'));
    expect(listed).toMatchObject({
      id,
      type: 'build.finished',
      off_catalogue: expect.any(String),
      payload_bytes: Buffer.byteLength(payload),
    });
    const verdictsOf = (shown: Shown) => shown.verdicts.map(({ verdict }) => verdict);
    const before = await read<Shown>(api.call(listed?.url ?? ''));
    expect(verdictsOf(before)).toEqual(['queued', 'queued', 'inactive', 'not_subscribed']);
    await api.drain('deliveries', api.handlers.deliver);
    const after = await read<Shown>(api.call(listed?.url ?? ''));
    expect(after.verdicts.map(({ webhook_id }) => webhook_id)).toEqual(webhooks.map((webhook) => webhook.id));
    expect(verdictsOf(after)).toEqual(['succeeded', 'retrying', 'inactive', 'not_subscribed']);
    expect(after.payload).toBe(payload);
    expect(await read(api.call(after.verdicts[1]?.delivery?.url ?? ''))).toMatchObject({ status: 'retrying', payload });
    expect(after.verdicts[2]?.delivery).toBeNull();
  });

  it.each(['abc', randomUUID(), `2026-11-23T11:59:59.000Z~${randomUUID()}`, '%00', '~'])(
    'is not found by %s',
    async (name) => {
      expect((await api.call(`${EVENTS}/${name}`)).status).toBe(404);
    },
  );
});
