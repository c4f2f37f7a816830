import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPages, type Pages } from './pages.ts';

let pages: Pages;
let cookie: string;
let webhook: string;
beforeAll(async () => {
  pages = await openPages();
  cookie = await pages.signIn();
  const { id } = await pages.addWebhook({ payload_url: 'https://a.example/' });
  webhook = `/console/n/admin/demo/-/webhooks/${id}`;
  pages.clock.nowMs += 54_901;
});
afterAll(async () => {
  await pages.stop();
  expect(pages.bugs).toEqual([]);
});

const WANTED = 'must be a time in UTC, such as 2026-11-23 12:00.';

/** What a form says of a field that it does not take. */
async function refusal(path: string, field: string, fields: Record<string, string>): Promise<string | undefined> {
  const answer = await pages.post(`${webhook}/${path}`, fields, { cookie });
  expect(answer.status).toBe(400);
  return new RegExp(`id="${field}-error">([^<]*)<`).exec(await answer.text())?.[1];
}

describe('times that are typed are spoken of as they are typed', () => {
  it.each([
    ['tomorrow', `Until ${WANTED}`],
    ['2026-11-23T25:00:00Z', `Until ${WANTED}`],
    ['2026-12-25', 'Until must be at most 14 days after the pause began: 2026-12-07 12:00:54 UTC.'],
  ])('for how long a webhook is paused: %s', async (until, sentence) => {
    expect(await refusal('pause', 'until', { span: 'exact', until })).toBe(sentence);
  });

  it('and the latest time can be typed as it is said', async () => {
    const until = '2026-12-07 12:00:54 UTC';
    expect((await pages.post(`${webhook}/pause`, { span: 'exact', until }, { cookie })).status).toBe(303);
  });

  it.each(['since', 'until'])('of which deliveries are recovered: %s', async (field) => {
    const fields = { from: 'exact', since: '2026-11-22', until: '', status: 'dead', [field]: 'lately' };
    expect((await refusal('recoveries', field, fields))?.toLowerCase()).toBe(`${field} ${WANTED}`.toLowerCase());
  });
});
