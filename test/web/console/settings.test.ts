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

/** Somebody else's change meanwhile. */
const changed = (id: number, body: Readonly<Record<string, unknown>>) =>
  changeWebhook(apiDeps(pages.engines.settings, pages.world), { namespace: pages.namespace, id }, body);
const stored = (id: number) => pages.webhooks.get(pages.namespace.id, id);

it('that somebody else has changed stay as they are by now, where they were not changed here', async () => {
  const { id, save } = await opened();
  const payload_url = `https://moved.example/${id}`;
  await changed(id, { payload_url, ssl: false, secret: 'second' });
  const before = await stored(id);
  expect((await save({ for: 'some', events: 'cron' })).status).toBe(303);
  expect(await stored(id)).toEqual({ ...before, events: ['cron'], healthRevision: expect.any(Number) });
});

it('that were changed there and not here are saved as nothing', async () => {
  const { id, save } = await opened();
  await changed(id, { ssl: false, active: false, events: ['cron'] });
  const before = await stored(id);
  expect((await save({})).status).toBe(303);
  expect(await stored(id)).toEqual(before);
});

it('that were changed to the same on both sides are no conflict', async () => {
  const { id, save } = await opened();
  await changed(id, { events: ['cron'] });
  const before = await stored(id);
  expect((await save({ for: 'some', events: 'cron' })).status).toBe(303);
  expect(await stored(id)).toEqual(before);
});

it('that were changed on both sides say so, are not saved, and those alone are in the form as typed', async () => {
  const { id, save, fields } = await opened();
  await changed(id, { payload_url: `https://moved.example/${id}`, events: ['cron'], remove_secret: true });
  const before = await stored(id);
  const answer = await save({ for: 'some', events: 'images', secret_choice: 'replace', secret: 'third' });
  const text = await answer.text();
  expect(answer.status).toBe(409);
  expect(text).toContain('Events: now <b>cron</b>, here <b>images</b>');
  expect(text).toContain('Secret: now <b>removed</b>, here <b>changed, too</b>');
  expect(text).not.toContain('Payload URL: now');
  expect(text).toMatch(new RegExp(`name="payload_url"[^>]* value="https://moved.example/${id}"`));
  expect(text).not.toContain(fields.payload_url);
  expect(await stored(id)).toEqual(before);
});

it('of a page that does not say what it has seen differ wherever they do', async () => {
  const { id, save } = await opened();
  const before = await stored(id);
  const answer = await save({ seen: 'of another release', verify: '', payload_url: `https://else.example/${id}` });
  expect(answer.status).toBe(409);
  const text = await answer.text();
  expect(text).toContain('Payload URL: now');
  expect(text).not.toContain('Events: now');
  expect(await stored(id)).toEqual(before);
});

it('with a secret that a browser filled in, beside the choice to keep the other, keep it and say so', async () => {
  const { id, save } = await opened();
  const before = await stored(id);
  const answer = await save({ secret: 'a password of another site' });
  const text = await answer.text();
  expect(answer.status).toBe(400);
  expect(text).toContain('Choose to replace the secret with what is typed here, or leave this empty.');
  expect(text).not.toContain('a password of another site');
  expect(await stored(id)).toEqual(before);
});

it('that are the same are saved as nothing', async () => {
  const { id, save } = await opened();
  const before = await stored(id);
  expect((await save({})).status).toBe(303);
  expect(await stored(id)).toEqual(before);
});
