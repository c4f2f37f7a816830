import { afterAll, beforeAll, expect, it } from 'vitest';
import { deliveryId } from '../../../functions/domain/id.ts';
import { CHART_ATTEMPTS_MAX } from '../../../functions/domain/limits.ts';
import { failedAttempt } from '../../support/attempt.ts';
import { openPages, type Pages } from './pages.ts';

const MINUTE_MS = 60_000;
let pages: Pages;
let cookie: string;
beforeAll(async () => {
  pages = await openPages();
  cookie = await pages.signIn();
});
afterAll(async () => {
  await pages.stop();
  expect(pages.bugs).toEqual([]);
});

/** The headings of the overview of a webhook of which so many attempts were made, one every half a minute until now. */
async function headings(count: number): Promise<string[]> {
  const webhook = await pages.addWebhook({ payload_url: `https://a.example/${count}` });
  const records = Array.from({ length: count }, (_, nth) => {
    const startedAt = new Date(pages.clock.nowMs - (nth * MINUTE_MS) / 2).toISOString();
    const { eventId, ...attempt } = failedAttempt({ startedAt, eventCreatedAt: startedAt, webhookId: webhook.id });
    const id = deliveryId({ id: eventId, createdAt: startedAt }, webhook.id);
    return { attempt: { ...attempt, eventId, deliveryId: id } };
  });
  for (let from = 0; from < count; from += 25) await pages.attempts.record(records.slice(from, from + 25));
  const page = await (await pages.get(`/console/n/admin/demo/-/webhooks/${webhook.id}`, { cookie })).text();
  return [...page.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, heading = '']) => heading);
}

it('is headed by the day that its charts are of, and of a busy webhook by the shorter time that was read', async () => {
  expect(await headings(CHART_ATTEMPTS_MAX)).toContain('The last 24 hours');
  expect(await headings(CHART_ATTEMPTS_MAX + 1)).toContain('The last 8 h');
});
