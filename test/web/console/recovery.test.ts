import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeWebhook } from '../../../functions/actions/webhooks.ts';
import { apiDeps } from '../../../functions/runtime/web-deps.ts';
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

it('what a webhook missed is shown from its creation on, and asked for from as early as is offered', async () => {
  const { id } = await pages.addWebhook({ payload_url: 'https://a.example/young', active: false });
  pages.clock.nowMs += 6 * 60_000;
  const of = { namespace: pages.namespace, id };
  await changeWebhook(apiDeps(pages.engines.settings, pages.world), of, { active: true });
  await changeWebhook(apiDeps(pages.engines.settings, pages.world), of, { active: false });
  await changeWebhook(apiDeps(pages.engines.settings, pages.world), of, { active: true });
  const path = `/console/n/admin/demo/-/webhooks/${id}/recoveries`;
  const text = await (await pages.get(path, { cookie })).text();
  expect(text).toMatch(/may have missed events, since <time [^>]*>6 min ago<\/time>/);
  expect(text).toContain('Since it may have missed events<small>from 2026-11-23 12:00:00 UTC</small>');
  expect(text).toContain('name="since" value="2026-11-19T12:06:00.000Z"');
  // Else it would be offered again.
  await pages.post(path, { from: 'missed', status: 'missed' }, { cookie });
  expect((await pages.webhooks.get(pages.namespace.id, id))?.missed?.isAsked).toBe(true);
});
