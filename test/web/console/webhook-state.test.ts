import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeWebhook } from '../../../functions/actions/webhooks.ts';
import type { Attempt } from '../../../functions/domain/delivery.ts';
import { firstIdAt } from '../../../functions/domain/id.ts';
import { SPARKLINE_ATTEMPTS_MAX } from '../../../functions/domain/limits.ts';
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

it.each([
  ['unsigned', 'Its newest deliveries are held. The secret could not be opened. This is no fault of the receiver'],
  ['paused', 'Its newest deliveries are held. They are sent in their turn, the oldest first.'],
] as const)('one of which all deliveries are held is not said to have had none: %s', async (errorClass, says) => {
  const error = { class: errorClass, message: 'The secret could not be opened' };
  const head = await headAfter({ status: 'held', nextAttemptAt: undefined, error });
  expect(head).toContain('Unproven');
  expect(head).toContain(says);
  const list = await (await pages.get('/console/n/admin/demo/-/webhooks', { cookie })).text();
  expect(list).toContain('holds 1 delivery');
  expect(list).not.toContain('Never called');
});

it('one that delivered before is not healthy while nothing can be signed', async () => {
  await headAfter({ status: 'succeeded', nextAttemptAt: undefined, deliveryId: firstIdAt(pages.clock.nowMs) });
  const webhookId = webhooks;
  const at = new Date(pages.clock.nowMs).toISOString();
  const of = { webhookId, namespaceId: pages.namespace.id, eventCreatedAt: at, startedAt: at };
  const error = { class: 'unsigned', message: 'The secret could not be opened' } as const;
  const held = { ...failedAttempt(of), status: 'held', nextAttemptAt: undefined, error } as const;
  await pages.attempts.record([{ attempt: { ...held, deliveryId: firstIdAt(pages.clock.nowMs) }, dueAtMs: 1 }]);
  const text = await (await pages.get(`/console/n/admin/demo/-/webhooks/${webhookId}`, { cookie })).text();
  expect(text).toContain('Unproven');
  expect(text).toContain('Its newest deliveries are held.');
});

it('the tab says of a backlog that it has counted in part that it is at least so long', async () => {
  const { id, namespaceId } = await pages.addWebhook({ payload_url: 'https://a.example/backlog' });
  const at = {
    startedAt: new Date(pages.clock.nowMs).toISOString(),
    eventCreatedAt: new Date(pages.clock.nowMs).toISOString(),
  };
  const held = Array.from({ length: SPARKLINE_ATTEMPTS_MAX + 1 }, (_, nth) =>
    failedAttempt({
      error: { class: 'busy', message: 'It is busy' },
      webhookId: id,
      namespaceId,
      ...at,
      deliveryId: firstIdAt(pages.clock.nowMs - nth),
      status: 'held',
      nextAttemptAt: undefined,
    }),
  );
  for (let from = 0; from < held.length; from += 100) {
    await pages.attempts.record(held.slice(from, from + 100).map((attempt) => ({ attempt, dueAtMs: 1 })));
  }
  const list = await (await pages.get('/console/n/admin/demo/-/webhooks', { cookie })).text();
  expect(list).toContain(`holds at least ${SPARKLINE_ATTEMPTS_MAX} deliveries`);
  expect(list).toContain('of the newest none was sent yet');
});

it('one that no failure counts against is, and nothing is said to have arrived that did not', async () => {
  for (const status of ['dead', 'retrying'] as const) {
    const head = await headAfter({ status }, { isChanged: status === 'retrying' });
    expect(head).toContain('Healthy');
    expect(head).toContain('did not arrive');
    expect(head).toContain('Its receiver has taken others since, or it was given a new start.');
  }
});
