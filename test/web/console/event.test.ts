import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureNamespace } from '../../../functions/actions/accounts.ts';
import { eventName } from '../../../functions/domain/event.ts';
import { EVENT_RETENTION_DAYS } from '../../../functions/domain/limits.ts';
import { openPages, type Pages } from './pages.ts';

const EVENT = { id: '5b0c9c5e-3d5f-4c3f-8f43-7d3c1f3b7c11', createdAt: '2026-11-23T11:59:59.000Z' };
const PAYLOAD = JSON.stringify({ text: '<script>…'.repeat(20_000) });
const URL_OF = `/console/n/admin/demo/-/events/${eventName(EVENT)}`;
let pages: Pages;
let cookie: string;
beforeAll(async () => {
  pages = await openPages();
  cookie = await pages.signIn();
  const event = { ...EVENT, type: 'cron', namespaceId: pages.namespace.id, payload: PAYLOAD } as const;
  await pages.events.open([{ event, verdicts: {}, receivedAt: EVENT.createdAt, openedBy: 'test' }]);
});
afterAll(async () => {
  await pages.stop();
  expect(pages.bugs).toEqual([]);
});

describe('the payload of an event', () => {
  it('that is longer than what is shown can be had whole', async () => {
    const text = await (await pages.get(URL_OF, { cookie })).text();
    expect(text).toContain('Only the beginning is shown. Download it to see all of it.');
    expect(text).toContain(`<a href="${URL_OF}/payload" download>Download</a>`);
  });

  it('is a file, byte for byte, and nothing that a browser shows', async () => {
    const answer = await pages.get(`${URL_OF}/payload`, { cookie });
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="cron-${EVENT.id}.json"`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'cache-control': 'no-store',
    });
    expect(await answer.text()).toBe(PAYLOAD);
  });

  it('is for nobody who may not see the event, nor where there is none', async () => {
    await ensureNamespace(pages.accounts, { username: 'ann', path: 'own' });
    const other = await pages.signIn(await pages.tokenOf('ann'));
    const gone = `${URL_OF.replace(EVENT.id, crypto.randomUUID())}/payload`;
    expect((await pages.get(`${URL_OF}/payload`, { cookie: other })).status).toBe(404);
    expect((await pages.get(gone, { cookie })).status).toBe(404);
    expect((await pages.get(`${URL_OF}/payload`)).headers.get('location')).toContain('/sign-in?to=');
  });

  it('is gone with the event', async () => {
    pages.clock.nowMs += EVENT_RETENTION_DAYS * 24 * 60 * 60_000;
    const again = await pages.signIn();
    expect((await pages.get(`${URL_OF}/payload`, { cookie: again })).status).toBe(404);
  });
});
