import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeWebhook } from '../../../functions/actions/webhooks.ts';
import type { Attempt } from '../../../functions/domain/delivery.ts';
import { apiDeps } from '../../../functions/runtime/web-deps.ts';
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

const TWENTY_MINUTES_MS = 20 * 60_000;

/** What the head of a webhook's page says, whose last attempt came to this 20 minutes ago; it was given another URL since, or not. */
async function headAfter(outcome: Partial<Attempt>, { isChanged = false } = {}): Promise<string> {
  webhooks += 1;
  const webhook = await pages.addWebhook({ payload_url: `https://a.example/${webhooks}` });
  const { id, namespaceId } = webhook;
  const startedAt = new Date(pages.clock.nowMs).toISOString();
  await pages.attempts.record([{ attempt: failedAttempt({ webhookId: id, namespaceId, ...outcome, startedAt }) }]);
  pages.clock.nowMs += TWENTY_MINUTES_MS;
  const deps = apiDeps(pages.engines.settings, pages.world);
  const change = { payload_url: `https://b.example/${webhooks}` };
  if (isChanged) await changeWebhook(deps, { namespace: pages.namespace, id }, change);
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
] as const)('one whose last delivery was given up, and that was changed since, is not: %s', async (label, outcome) => {
  const head = await headAfter({ status: 'dead', nextAttemptAt: undefined, ...outcome }, { isChanged: true });
  expect(head).toContain('Unproven');
  expect(head).toContain(`Its last delivery did not arrive (${label}, 20 min ago). Nothing has failed since, perhaps`);
});

it('one that no failure counts against is, and nothing is said to have arrived that did not', async () => {
  for (const status of ['dead', 'retrying'] as const) {
    const head = await headAfter({ status }, { isChanged: status === 'retrying' });
    expect(head).toContain('Healthy');
    expect(head).toContain('did not arrive');
    expect(head).toContain('Its receiver has taken others since, or it was given a new start.');
  }
});
