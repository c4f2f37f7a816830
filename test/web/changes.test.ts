import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureNamespace } from '../../functions/actions/accounts.ts';
import { failedAttempt } from '../support/attempt.ts';
import { type Api, openApi, read, WEBHOOKS } from './api.ts';

let api: Api;
let urls = 0;
beforeAll(async () => {
  api = await openApi();
});
afterAll(async () => {
  await api.stop();
  expect(api.bugs).toEqual([]);
});

async function created(body: object = {}): Promise<string> {
  urls += 1;
  const answer = api.call(WEBHOOKS, { method: 'POST', body: { payload_url: `https://a.example/${urls}`, ...body } });
  return String((await read(answer, 201))['url']);
}

const patch = (url: string, body: unknown) => api.call(url, { method: 'PATCH', body });

describe('a change of a webhook', () => {
  it('changes what it names, and keeps the rest', async () => {
    const url = await created({ secret: 's3cret', events: ['cron'] });
    const before = await read(api.call(url));
    const after = await read(patch(url, { active: false }));
    expect(after).toEqual({ ...before, active: false });
    expect(await read(api.call(url))).toEqual(after);
    expect(await read(patch(url, { events: ['images', 'cron'], ssl: false }))).toMatchObject({
      events: ['cron', 'images'],
      ssl: false,
      active: false,
      has_secret: true,
    });
  });

  it('replaces and removes the secret', async () => {
    const url = await created();
    expect(await read(patch(url, { secret: 'first' }))).toMatchObject({ has_secret: true });
    expect(await read(patch(url, { secret: '' }))).toMatchObject({ has_secret: true });
    expect(await read(patch(url, { remove_secret: true }))).toMatchObject({ has_secret: false });
  });

  it('says until when the secret that it replaces signs, too', async () => {
    const url = await created({ secret: 'first' });
    expect(await read(api.call(url))).toMatchObject({ previous_secret_until: null });
    const untilMs = (seconds: number) => new Date(api.clock.nowMs + seconds * 1000).toISOString();
    expect(await read(patch(url, { secret: 'second' }))).toMatchObject({ previous_secret_until: untilMs(86_400) });
    const week = { secret: 'third', secret_overlap_seconds: 604_800 };
    expect(await read(patch(url, week))).toMatchObject({ previous_secret_until: untilMs(604_800) });
    expect(await read(patch(url, { active: true }))).toMatchObject({ previous_secret_until: untilMs(604_800) });
    const atOnce = { secret: 'fourth', secret_overlap_seconds: 0 };
    expect(await read(patch(url, atOnce))).toMatchObject({ previous_secret_until: null });
  });

  it('moves the URL, which is then free for another, and taken where it went', async () => {
    const [url, other] = [await created(), await created()];
    const { payload_url: old } = await read(api.call(url));
    expect(await read(patch(url, { payload_url: 'https://a.example/moved' }))).toMatchObject({
      payload_url: 'https://a.example/moved',
    });
    const taken = { payload_url: ['Payload URL is used by another webhook of this namespace'] };
    expect(await read(patch(other, { payload_url: 'https://A.example:443/moved' }), 400)).toEqual(taken);
    expect(await read(patch(url, { payload_url: 'https://A.example/moved' }), 200), 'its own').toBeDefined();
    await created({ payload_url: old });
  });

  it('is made one after the other when several come at once, and never half', async () => {
    const url = await created();
    const answers = await Promise.all([
      patch(url, { payload_url: 'http://a.example/plain', ssl: false }),
      patch(url, { ssl: true }),
      patch(url, { active: false }),
      patch(url, { events: ['cron'] }),
    ]);
    expect(answers.map(({ status }) => status).filter((status) => status !== 200 && status !== 400)).toEqual([]);
    const after = await read<{ ssl: boolean; payload_url: string }>(api.call(url));
    expect(after).toMatchObject({ active: false, events: ['cron'] });
    expect(after.ssl && after.payload_url.startsWith('http:')).toBe(false);
  });

  it.each([
    ['no JSON', '{"active":', 400],
    ['no object', '[]', 400],
    ['an unknown field', { id: 7 }, 400],
    ['a wrong type', { active: 'no' }, 400],
    ['an address that is not public', { payload_url: 'http://169.254.169.254/' }, 400],
    ['http with ssl', { payload_url: 'http://a.example/x', ssl: true }, 400],
  ])('is refused with nothing changed: %s', async (_, body, status) => {
    const url = await created();
    const before = await read(api.call(url));
    expect((await patch(url, body)).status).toBe(status);
    expect(await read(api.call(url))).toEqual(before);
  });
});

describe('a webhook that is deleted', () => {
  it('is gone, with its URL, for whoever asks and however often', async () => {
    const url = await created({ payload_url: 'https://a.example/again' });
    const answers = await Promise.all([1, 2, 3].map(() => api.call(url, { method: 'DELETE' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 404, 404]);
    expect((await api.call(url)).status).toBe(404);
    expect((await patch(url, { active: true })).status).toBe(404);
    const again = await created({ payload_url: 'https://a.example/again' });
    expect(again, 'ids are never given twice').not.toBe(url);
  });
});

describe('a delivery', () => {
  it('is made again with 202, and cancelled with 204, or 409 where nothing is to come', async () => {
    const url = await created();
    const { id: webhookId, namespace_id: namespaceId } = await read<{ id: number; namespace_id: number }>(
      api.call(url),
    );
    const attempt = failedAttempt({ webhookId, namespaceId });
    await api.attempts.record([{ attempt, dueAtMs: api.clock.nowMs + 1e6 }]);
    const delivery = `${url}/deliveries/${attempt.deliveryId}`;
    expect((await api.call(`${delivery}/retries`, { method: 'DELETE' })).status).toBe(204);
    expect(await read(api.call(delivery))).toMatchObject({ status: 'cancelled', next_attempt_at: null });
    expect((await api.call(`${delivery}/retries`, { method: 'DELETE' })).status).toBe(409);
    expect((await api.call(`${delivery}/attempts`, { method: 'POST' })).status).toBe(202);
    expect((await api.inspect('deliveries')).ready.map((body) => JSON.parse(body))).toMatchObject([
      { attempt: 2, first_of_run: 2 },
    ]);
  });
});

describe('the directory', () => {
  it('shows the caller to any token, and a namespace to one with its scope, by the URLs that others gave', async () => {
    const token = await api.tokenOf('admin', []);
    expect(await read(api.call('/user', { token }))).toEqual({
      email: 'admin@localhost',
      username: 'admin',
      created_at: '2026-11-23T12:00:00.000Z',
    });
    expect((await api.call('/user', { token: null })).status).toBe(404);
    await ensureNamespace(api.accounts, { username: 'admin', path: 'demo/deep/er' });
    const namespace = await read(api.call('/n/admin/demo/deep/er'));
    expect(namespace).toMatchObject({ path: 'demo/deep/er', name: 'er' });
    expect(await read(api.call(String(namespace['url'])))).toEqual(namespace);
    expect(await read(api.call(String(namespace['webhooks_url'])))).toEqual([]);
    expect((await api.call('/n/admin/demo', { token })).status).toBe(404);
    for (const path of [
      '/n/admin/none',
      '/n/admin/demo/-',
      '/n/admin/demo/-/none',
      '/n/admin/-/demo',
      `/n/admin/${'x'.repeat(5000)}`,
    ]) {
      expect((await api.call(path)).status, path).toBe(404);
    }
  });
});
