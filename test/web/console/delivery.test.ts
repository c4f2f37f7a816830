import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliveryId } from '../../../functions/domain/id.ts';
import { failedAttempt } from '../../support/attempt.ts';
import { emit, work } from '../../support/emit.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';
import { openPages, type Pages } from './pages.ts';

const WEBHOOKS = '/console/n/admin/demo/-/webhooks';
let pages: Pages;
let receiver: Receiver;
let cookie: string;
let id: string;
let url: string;
beforeAll(async () => {
  pages = await openPages();
  receiver = await startReceiver();
  cookie = await pages.signIn();
  const webhook = await pages.addWebhook({ payload_url: receiver.url, secret: 'x' });
  const [event] = await emit(pages);
  await work(pages);
  if (event === undefined) throw new Error('Nothing was emitted');
  id = deliveryId(event, webhook.id);
  url = `${WEBHOOKS}/${webhook.id}/deliveries/${id}`;
});
afterAll(async () => {
  await receiver.stop();
  await pages.stop();
  expect(pages.bugs).toEqual([]);
});

const flashOf = (answer: Response) =>
  decodeURIComponent(answer.headers.getSetCookie().find((one) => one.includes('flash')) ?? '');

describe('the payload of a delivery', () => {
  it('is a file, byte for byte, and nothing that a browser shows', async () => {
    const answer = await pages.get(`${url}/payload`, { cookie });
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="build.finished-${id}.json"`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'cache-control': 'no-store',
    });
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(receiver.received[0]?.body);
  });

  it('is said not to be kept where it is not', async () => {
    const answer = await pages.get(`${url.replace(id, randomUUID())}/payload`, { cookie });
    expect(answer.status).toBe(303);
    expect(flashOf(answer)).toContain('The payload is no longer kept, or not there yet.');
  });
});

describe('a delivery that was redelivered', () => {
  it('says so, counts the attempts of that run alone, and how many it does not show', async () => {
    const [event] = await emit(pages);
    const webhookId = Number(/webhooks\/(\d+)/.exec(url)?.[1]);
    if (event === undefined) throw new Error('Nothing was emitted');
    const of = { deliveryId: deliveryId(event, webhookId), webhookId, namespaceId: pages.namespace.id };
    const at = url.replace(id, of.deliveryId);
    const page = async () => (await pages.get(at, { cookie })).text();
    await work(pages);
    expect(await page()).toContain('Delivered in 1 attempt.');
    const numbers = Array.from({ length: 31 }, (_, index) => index + 2);
    const attempts = numbers.map((number) => failedAttempt({ ...of, number, firstOfRun: 31, status: 'succeeded' }));
    await pages.attempts.record(attempts.map((attempt) => ({ attempt })));
    const text = await page();
    expect(text).toContain('Redelivered in 2 attempts.');
    expect(text).toContain('2 earlier ones not shown');
    expect(text).not.toContain('?attempt=2"');
    expect(text).toContain('?attempt=3"');
  });
});

describe('the time that an attempt took', () => {
  it('says that there was nothing to connect, where the connection was open already', async () => {
    const [event] = await emit(pages);
    await work(pages);
    const webhookId = Number(/webhooks\/(\d+)/.exec(url)?.[1]);
    const next = url.replace(id, event === undefined ? '' : deliveryId(event, webhookId));
    const pageOf = async (path: string) => (await pages.get(path, { cookie })).text();
    expect(await pageOf(url)).not.toContain('Over a connection that was already open');
    expect(await pageOf(next)).toContain('Over a connection that was already open');
  });
});

describe('what a delivery has forms for', () => {
  it('says what was not done, where nothing is still to come', async () => {
    const answer = await pages.post(`${url}/cancel`, {}, { cookie });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, url]);
    expect(flashOf(answer)).toContain('refused.Nothing of this delivery is still to come.');
  });

  it('is not there for what is not there', async () => {
    for (const one of [randomUUID(), 'nonsense', '%2e%2e', "'x"]) {
      for (const action of ['redeliver', 'cancel', 'signature']) {
        expect((await pages.post(`${url.replace(id, one)}/${action}`, {}, { cookie })).status).toBe(404);
      }
      // Dots are the path of the webhook, with a slash at its end, by the time that they come here.
      const status = one === '%2e%2e' ? 303 : 404;
      expect((await pages.get(url.replace(id, one), { cookie })).status).toBe(status);
    }
    expect((await pages.get(`${WEBHOOKS}/99/deliveries/${id}`, { cookie })).status).toBe(404);
  });

  it('is asked for from the page itself, with a token that may', async () => {
    const reader = await pages.signIn(await pages.tokenOf('admin', ['webhook:read']));
    const stranger = await pages.signIn(await pages.tokenOf('mallory'));
    for (const action of ['redeliver', 'cancel', 'signature']) {
      const call = (of: string, origin?: string) =>
        pages.post(`${url}/${action}`, { signature: 'x' }, { cookie: of, ...(origin ? { headers: { origin } } : {}) });
      expect((await call(cookie, 'https://evil.example')).status).toBe(403);
      expect((await call(reader)).status).toBe(403);
      expect((await call(stranger)).status).toBe(404);
      expect((await call('')).headers.get('location')).toContain('/console/sign-in?to=');
    }
    const text = await (await pages.get(url, { cookie: reader })).text();
    expect(text).not.toMatch(/redeliver"|\/cancel"|Signature does not match/);
    expect((await pages.get(`${url}/payload`, { cookie: reader })).status).toBe(200);
  });
});

describe('a signature that is looked at', () => {
  const judge = async (fields: Record<string, string>) => {
    const answer = await pages.post(`${url}/signature`, fields, { cookie });
    return { status: answer.status, text: await answer.text() };
  };

  it('is asked for where none is pasted, and not repeated as markup', async () => {
    const none = await judge({ attempt: '1', signature: '  ' });
    expect([none.status, none.text]).toEqual([
      400,
      expect.stringContaining('id="computed-error">Signature is required.'),
    ]);
    const long = await judge({ attempt: '1', signature: 'x'.repeat(5_000) });
    expect([long.status, long.text]).toEqual([400, expect.stringContaining('Signature must have at most')]);
    const markup = await judge({ attempt: '99', signature: '</textarea><script>' });
    expect([markup.status, markup.text]).toEqual([200, expect.stringContaining('&lt;/textarea&gt;&lt;script&gt;')]);
  });

  it('comes back to the delivery, where it is asked for without a form', async () => {
    const answer = await pages.get(`${url}/signature`, { cookie });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, url]);
  });
});
