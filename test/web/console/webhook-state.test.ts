import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Attempt } from '../../../functions/domain/delivery.ts';
import { failedAttempt } from '../../support/attempt.ts';
import { openPages, type Pages } from './pages.ts';

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

let webhooks = 0;

/** What the head of a webhook's page says, where nothing is known of its health, and its last attempt came to this. */
async function headAfter(outcome: Partial<Attempt>): Promise<string> {
  webhooks += 1;
  const { id, namespaceId } = await pages.addWebhook({ payload_url: `https://a.example/${webhooks}` });
  await pages.attempts.record([{ attempt: failedAttempt({ webhookId: id, namespaceId, ...outcome }) }]);
  pages.clock.nowMs = Date.parse('2026-11-23T12:20:00Z');
  const text = await (await pages.get(`/console/n/admin/demo/-/webhooks/${id}`, { cookie })).text();
  return /<div id="head".*?<\/p>/s.exec(text)?.[0].replaceAll(/<[^>]*>/g, '') ?? '';
}

it('a webhook whose last delivery arrived is healthy', async () => {
  const head = await headAfter({ status: 'succeeded', nextAttemptAt: undefined });
  expect(head).toContain('Healthy');
  expect(head).toContain('Its last delivery arrived 20 min ago.');
});

it.each([
  ['410', { response: { status: 410, headers: [], body: new Uint8Array(), truncated: false } }],
  ['DNS', { error: { class: 'dns', message: 'There is no such host' } }],
] as const)('one whose last delivery did not, and that was started over since, is not: %s', async (label, outcome) => {
  const head = await headAfter({ status: 'dead', nextAttemptAt: undefined, ...outcome });
  expect(head).toContain('Unproven');
  expect(head).toContain(`Its last delivery did not arrive (${label}, 20 min ago). Nothing has failed since, perhaps`);
  expect(head).not.toContain(' arrived');
});
