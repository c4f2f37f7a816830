import { afterAll, beforeAll, expect, it } from 'vitest';
import { changeWebhook } from '../../../functions/actions/webhooks.ts';
import { apiDeps } from '../../../functions/runtime/web-deps.ts';
import { openPages, type Pages } from './pages.ts';

let pages: Pages;
let cookie: string;

beforeAll(async () => {
  pages = await openPages({ ALLOW_INSECURE_TLS: 'true' });
  cookie = await pages.signIn();
});
afterAll(async () => {
  await pages.stop();
  expect(pages.bugs).toEqual([]);
});

let webhooks = 0;

/** A webhook's settings, as somebody has opened them. */
async function opened() {
  webhooks += 1;
  const { id, payloadUrl } = await pages.addWebhook({ payload_url: `https://a.example/${webhooks}`, secret: 'first' });
  const path = `/console/n/admin/demo/-/webhooks/${id}/settings`;
  const form = await (await pages.get(path, { cookie })).text();
  const seen = /name="seen" value="([^"]+)"/.exec(form)?.[1] ?? '';
  const fields = { seen, payload_url: payloadUrl, secret_choice: 'keep', verify: 'on', active: 'on', for: 'all' };
  return { id, fields, save: (typed: object) => pages.post(path, { ...fields, ...typed }, { cookie }) };
}

it('that came to be others meanwhile say in what they differ, certificates included, and nothing is saved', async () => {
  const { id, save } = await opened();
  const deps = apiDeps(pages.engines.settings, pages.world);
  await changeWebhook(deps, { namespace: pages.namespace, id }, { ssl: false, events: ['cron'] });
  const before = await pages.webhooks.get(pages.namespace.id, id);
  const answer = await save({});
  const text = await answer.text();
  expect(answer.status).toBe(409);
  expect(text).toContain('Verify TLS certificates: now <b>no</b>, here <b>yes</b>');
  expect(text).toContain('Events: now <b>cron</b>, here <b>all events</b>');
  expect(text).not.toContain('Active: now');
  expect(await pages.webhooks.get(pages.namespace.id, id)).toEqual(before);
});

it('with a secret that a browser filled in, beside the choice to keep the other, keep it and say so', async () => {
  const { id, save } = await opened();
  const before = await pages.webhooks.get(pages.namespace.id, id);
  const answer = await save({ secret: 'a password of another site' });
  const text = await answer.text();
  expect(answer.status).toBe(400);
  expect(text).toContain('Choose to replace the secret with what is typed here, or leave this empty.');
  expect(text).not.toContain('a password of another site');
  expect(await pages.webhooks.get(pages.namespace.id, id)).toEqual(before);
});

it('that are the same are saved as nothing', async () => {
  const { id, save } = await opened();
  const before = await pages.webhooks.get(pages.namespace.id, id);
  expect((await save({})).status).toBe(303);
  expect(await pages.webhooks.get(pages.namespace.id, id)).toEqual(before);
});
