import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstIdAt } from '../../../functions/domain/id.ts';
import { LOG_PAGE_ROWS } from '../../../functions/domain/limits.ts';
import { readLogQuery } from '../../../functions/web/console/log-filter.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';
import { attemptOf } from '../attempts.ts';
import { openPages, type Pages } from './pages.ts';

const WEBHOOKS = '/console/n/admin/demo/-/webhooks';
let pages: Pages;
let receiver: Receiver;
let cookie: string;
let log: string;
beforeAll(async () => {
  pages = await openPages();
  receiver = await startReceiver();
  cookie = await pages.signIn();
  const { id } = await pages.addWebhook({ payload_url: receiver.url });
  log = `${WEBHOOKS}/${id}/deliveries`;
});
afterAll(async () => {
  await receiver.stop();
  await pages.stop();
  expect(pages.bugs).toEqual([]);
});

const show = async (path: string) => {
  const answer = await pages.get(path, { cookie });
  return { status: answer.status, text: await answer.text(), location: answer.headers.get('location') };
};

describe('the filter of the log', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');
  const read = (query: string) => {
    const reading = readLogQuery(new URLSearchParams(query), now);
    return 'errors' in reading ? reading.errors : reading.query.filter;
  };

  it.each([
    ['since=2026-11-20', '2026-11-20T00:00:00.000Z'],
    ['since=2026-11-20 13:21', '2026-11-20T13:21:00.000Z'],
    ['since=2026-11-20T13:21:07', '2026-11-20T13:21:07.000Z'],
    ['since= 2026-11-20 13:21:07 UTC ', '2026-11-20T13:21:07.000Z'],
    ['since=2026-11-20T13:21:07.500Z', '2026-11-20T13:21:07.500Z'],
    ['since=2026-11-20 13:21 %2B02:00', '2026-11-20T11:21:00.000Z'],
    ['within=24h', '2026-11-22T12:00:00.000Z'],
    ['within=24h&since=2026-11-20', '2026-11-22T12:00:00.000Z'],
    ['within=7d&since=2026-11-20', '2026-11-20T00:00:00.000Z'],
  ])('takes times in UTC, the later of two: %s', (query, since) => {
    expect(read(query)).toMatchObject({ sinceMs: Date.parse(since) });
  });

  it.each([
    ['since=2026-11-20&until=2026-11-20', '2026-11-21T00:00:00.000Z'],
    ['until=2026-11-20 00:00', '2026-11-20T00:00:00.000Z'],
  ])('takes a day for all of it, where it is the end: %s', (query, until) => {
    expect(read(query)).toMatchObject({ untilMs: Date.parse(until) });
  });

  it.each([
    ['status=failed', { status: 'There is no status “failed”' }],
    ['event=push', { event: 'There is no event “push”' }],
    ['within=2y', { within: 'The log has no span of time “2y”' }],
    ['since=2026-02-30', { since: '“From” must be a time in UTC, such as 2026-11-23 12:00' }],
    ['until=yesterday', { until: '“Until” must be a time in UTC, such as 2026-11-23 12:00' }],
    ['until=1969-01-01', { until: '“Until” must be a time in UTC, such as 2026-11-23 12:00' }],
    ['since=2026-11-20&until=2026-11-19', { until: '“Until” must be later than “From”' }],
    ['cursor=after.x', { cursor: 'The URL names a place in the log that there cannot be' }],
    [`cursor=near.${randomUUID()}`, { cursor: 'The URL names a place in the log that there cannot be' }],
    ['id=01935f0c', { id: expect.stringContaining('This is a part of an id') }],
    ['id=build 1842', { id: expect.stringContaining('This is no id of a delivery') }],
    [`status=${'x'.repeat(500)}`, { status: `There is no status “${'x'.repeat(40)}…”` }],
  ])('says what is wrong: %s', (query, errors) => {
    expect(read(query)).toEqual(errors);
  });

  it('is a page that says so, with what was typed and a way out', async () => {
    const { status, text } = await show(`${log}?since=%3Cscript%3E&status=dead&cursor=nonsense`);
    expect(status).toBe(400);
    expect(text).toContain('value="&lt;script&gt;"');
    expect(text).toContain('<option value="dead" selected>');
    expect(text).toContain(`<a href="${log}">Clear the filter</a>`);
  });

  it('leads to a delivery by its id, and leaves empty fields out of the URL', async () => {
    const id = firstIdAt(pages.clock.nowMs);
    expect(await show(`${log}?id=${id}`)).toMatchObject({ status: 303, location: `${log}/${id}` });
    expect(await show(`${log}?status=dead&event=&id=`)).toMatchObject({ status: 303, location: `${log}?status=dead` });
  });

  it('is of a webhook that is there', async () => {
    for (const id of ['99', '0', 'x', '1e3', '9'.repeat(30)]) {
      expect((await show(`${WEBHOOKS}/${id}/deliveries`)).status).toBe(404);
      expect((await show(`${WEBHOOKS}/${id}/deliveries?status=nonsense`)).status).toBe(404);
    }
  });
});

describe('a page of the log that ends early', () => {
  it('says how far it looked, and leads further', async () => {
    const { id: webhookId, namespaceId } = await pages.addWebhook({ payload_url: `${receiver.url}/long` });
    const attempts = Array.from({ length: 2_100 }, (_, second) =>
      attemptOf({ webhookId, namespaceId, deliveryId: firstIdAt(pages.clock.nowMs - second * 1000) }),
    );
    await pages.attempts.record(attempts.map((attempt) => ({ attempt })));
    const long = `${WEBHOOKS}/${webhookId}/deliveries`;
    const { status, text } = await show(`${long}?status=dead`);
    expect(status).toBe(200);
    expect(text).toContain('Nothing like this is among the 2,000 attempts that were read. Look further.');
    const [, next] = /href="(\?status=dead&amp;cursor=after\.[0-9a-f-]{36})">Look further back/.exec(text) ?? [];
    expect((await show(`${long}${next?.replaceAll('&amp;', '&')}`)).text).toContain('Nothing in the log is like this.');
  });
});

describe('what is selected in the log', () => {
  const redeliver = async (ids: readonly string[], more: [string, string][] = [], of = cookie) => {
    const fields = ids.map((id): [string, string] => ['delivery', id]);
    const answer = await pages.post(log, [...fields, ...more], { cookie: of });
    const flash = answer.headers.getSetCookie().find((one) => one.includes('flash'));
    return { status: answer.status, location: answer.headers.get('location'), flash: decodeURIComponent(flash ?? '') };
  };

  it('counts what could not be made again', async () => {
    const { flash, location } = await redeliver([randomUUID(), 'nonsense'], [['log', 'status=dead&since=2026-11-20']]);
    expect(flash).toContain('refused.1 delivery is not in the log any more.');
    expect(location).toBe(`${log}?status=dead&since=2026-11-20`);
  });

  it('is no more than a page', async () => {
    const ids = Array.from({ length: LOG_PAGE_ROWS + 1 }, () => randomUUID());
    expect((await redeliver(ids)).status).toBe(400);
    expect((await redeliver([])).flash).toContain('Nothing was selected');
  });

  it('goes back to the log and nowhere else', async () => {
    const { location } = await redeliver([randomUUID()], [['log', '//evil.example/?a=b']]);
    expect(location?.startsWith(`${log}?`)).toBe(true);
  });

  it('is asked for from the page itself, with a token that may', async () => {
    const before = receiver.received.length;
    const other = await pages.post(
      log,
      { delivery: randomUUID() },
      { cookie, headers: { origin: 'https://evil.example' } },
    );
    expect(other.status).toBe(403);
    const reader = await pages.signIn(await pages.tokenOf('admin', ['webhook:read']));
    expect((await redeliver([randomUUID()], [], reader)).status).toBe(403);
    const stranger = await pages.signIn(await pages.tokenOf('mallory'));
    expect((await redeliver([randomUUID()], [], stranger)).status).toBe(404);
    expect(receiver.received).toHaveLength(before);
  });
});
