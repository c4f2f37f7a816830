import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliveryId } from '../../functions/domain/id.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Console, inspect, LOOKS, openConsole } from './console.ts';
import { type Emitting, emitAll, logOf, pageOf } from './deliveries.ts';

const MARKUP = `<script>document.title='run'</script><img src=x onerror="document.title='run'"></pre></textarea><h1>Yours</h1>`;
const UNSEEN = '\u001b[31mred\u001b]0;title\u0007 \u202egnp.exe \u2066x\u0000\u009b1m';
const LONG = 'x'.repeat(900_000);
const HEADERS = {
  'x-markup': MARKUP,
  'set-cookie': 'session=stolen',
  refresh: '0; url=https://evil.example/',
  'content-type': 'text/html',
};

/** What others may send: payloads and, by their `kind`, answers. */
const CASES: Readonly<Record<string, Emitting & { readonly body: Buffer }>> = {
  markup: {
    payload: { kind: 'markup', number: 1, status: MARKUP, url: 'javascript:alert(1)', [MARKUP]: MARKUP },
    body: Buffer.from(`<!doctype html>${MARKUP}<meta http-equiv="refresh" content="0; url=https://evil.example/">`),
  },
  unseen: {
    type: 'variables',
    payload: { kind: 'unseen', action: 'created', variable: { key: UNSEEN }, raw: UNSEEN },
    body: Buffer.from(UNSEEN),
  },
  long: { type: 'cron', payload: { kind: 'long', cron: { name: LONG } }, body: Buffer.from(LONG) },
  deep: {
    type: 'objects',
    payload: `{"kind":"deep","a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
    body: Buffer.from('['.repeat(9_000) + ']'.repeat(9_000)),
  },
  binary: {
    type: 'images',
    payload: { kind: 'binary' },
    body: Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x3c, 0x62, 0x3e]),
  },
  broken: { type: 'ssh_keys', payload: { kind: 'broken' }, body: Buffer.from('abc') },
};

let c: Console;
let receiver: Receiver;
const urls: Record<string, string> = {};
let log = '';
beforeAll(async () => {
  c = await openConsole();
  receiver = await startReceiver((response, request) => {
    const kind = /"kind":"(\w+)"/.exec(request.body.toString().slice(0, 5_000))?.[1] ?? '';
    const body = CASES[kind]?.body;
    if (kind !== 'broken') return response.writeHead(418, MARKUP.slice(0, 20), HEADERS).end(body);
    return response.writeHead(418, { 'content-length': 100 }).write(body, () => response.destroy());
  });
  const webhook = await c.addWebhook({ payload_url: `${receiver.url}/?q=%3Cscript%3E'"&x=1`, secret: 'x' });
  const events = await emitAll(c, Object.values(CASES));
  log = logOf(webhook);
  for (const [index, kind] of Object.keys(CASES).entries()) {
    const event = events[index];
    if (event === undefined) throw new Error('An event was not emitted');
    urls[kind] = pageOf(webhook, event);
    const found = await c.attempts.delivery(webhook.id, deliveryId(event, webhook.id), c.clock.nowMs);
    if (found === undefined) throw new Error(`The delivery of ${kind} was not made`);
  }
});
afterAll(async () => {
  await c.stop();
  await receiver.stop();
});

describe('what others have sent', () => {
  it.each(LOOKS)('is text, and stays in its place: %j', async (look) => {
    const page = await c.signIn(look);
    for (const [kind, url] of [['log', log], ...Object.entries(urls)] as const) {
      await page.goto(url);
      await inspect(page, `hostile-${kind}`, look);
      expect(await page.title()).toContain('Djinn CI webhooks');
      expect(await page.locator('h1').count()).toBe(1);
      expect(await page.locator('img, iframe, main script, main meta, a[href^="javascript"]').count()).toBe(0);
      expect(new URL(page.url()).pathname).toBe(url);
      const cookies = await page.context().cookies();
      expect(cookies.map(({ value }) => value)).not.toContain('stolen');
    }
  });

  it('is shown with the codes of what cannot be seen', async () => {
    const page = await c.signIn();
    await page.goto(urls['unseen'] ?? '');
    const text = await page.getByRole('main').innerText();
    expect(text).toContain('\\u001b[31mred\\u001b]0;title\\u0007 \\u202egnp.exe \\u2066x\\u0000\\u009b1m');
    expect(text).toContain('Characters that cannot be seen are shown by their codes, such as \\u202e.');
    expect(text).not.toMatch(/(?!\n|\t)[\p{Cc}\u202e\u2066]/u);
  });

  it('is cut, and said to be, where there is too much of it', async () => {
    const page = await c.signIn();
    await page.goto(urls['long'] ?? '');
    const text = await page.getByRole('main').innerText();
    expect(text.length).toBeLessThan(200_000);
    expect(text).toContain('Only the beginning is shown. Download it to see all of it.');
    expect(text).toContain('Only the first 16.0 KB were kept.');
  });

  it('is said to have broken off, where it did', async () => {
    const page = await c.signIn();
    await page.goto(urls['broken'] ?? '');
    const text = await page.getByRole('main').innerText();
    expect(text).toContain('It broke off here.');
    expect(text).not.toContain('Only the first');
  });

  it('is marked where it is no text', async () => {
    const page = await c.signIn();
    await page.goto(urls['binary'] ?? '');
    const text = await page.getByRole('main').innerText();
    expect(text).toContain('��\\u0000�<b>');
    expect(text).toContain('It is not UTF-8: � stands for what cannot be read.');
  });
});
