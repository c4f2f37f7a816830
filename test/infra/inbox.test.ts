import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { deliveryRequest } from '../../functions/domain/request.ts';
import type { Arrival } from '../../infra/local/arrival.ts';
import { inboxApp } from '../../infra/local/inbox.ts';
import { type Served, serveLocally } from '../../infra/local/serve.ts';

const SECRET = 'inbox-secret';
const NOON = Date.parse('2026-11-23T12:00:00Z');
const MARKUP = `<script>alert(1)</script><img src=x onerror='alert("2")'>&amp;`;

let served: Served | undefined;
let inbox = '';

beforeEach(async () => {
  await served?.stop();
  served = await serveLocally(inboxApp({ secret: SECRET, now: () => NOON }), 0);
  inbox = `http://127.0.0.1:${served.port}/inbox`;
});
afterAll(() => served?.stop());

/** The headers of a delivery of ours. */
function signed(body: string | Uint8Array, secret: string | undefined = SECRET, deliveryId = 'a-delivery') {
  const webhook = { id: 1, payloadUrl: inbox };
  const bytes = Buffer.from(body);
  const of = { webhook, eventType: 'cron', deliveryId, body: bytes, secrets: [secret], nowMs: NOON } as const;
  return deliveryRequest(of).headers.map(([name, value]): [string, string] => [name, value]);
}

async function post(body: string | Uint8Array<ArrayBuffer>, headers: [string, string][] = [], query = '') {
  return (await fetch(`${inbox}${query}`, { method: 'POST', headers, body })).status;
}

async function arrivals(): Promise<readonly Arrival[]> {
  return (await fetch(`${inbox}.json`)).json() as Promise<Arrival[]>;
}

async function page(): Promise<string> {
  const response = await fetch(inbox);
  expect(response.headers.get('content-type')).toMatch(/^text\/html; charset=utf-8$/i);
  return response.text();
}

describe('what arrives at the inbox', () => {
  it('is shown, newest first, with its time, headers and body', async () => {
    expect(await page()).toContain('Nothing has arrived yet.');
    await post('first');
    await post('{"second":true}', [['X-Djinn-CI-Event', 'build.finished']]);
    const [second, first] = await arrivals();
    expect(first).toMatchObject({ body: 'first', bodyBytes: 5, status: 204, receivedAt: '2026-11-23T12:00:00.000Z' });
    expect(second?.headers).toContainEqual(['x-djinn-ci-event', 'build.finished']);
    const html = await page();
    expect(html).toContain('12:00:00 UTC');
    expect(html).toContain('<pre>first</pre>');
    expect(html.indexOf('build.finished')).toBeLessThan(html.indexOf('<pre>first</pre>'));
  });

  it('is kept to the last 200', async () => {
    for (let index = 0; index < 203; index++) await post(index.toString());
    const kept = await arrivals();
    expect([kept.length, kept[0]?.body, kept.at(-1)?.body]).toEqual([200, '202', '3']);
  });

  it('is kept to its first 64 KB', async () => {
    await post('x'.repeat(64 * 1024));
    await post(`${'x'.repeat(64 * 1024)}y`);
    const [longer, whole] = await arrivals();
    expect([whole?.body.length, whole?.bodyBytes]).toEqual([65_536, 65_536]);
    expect([longer?.body, longer?.bodyBytes]).toEqual([whole?.body, 65_537]);
  });

  it('is refused where it is larger than any delivery', async () => {
    expect(await post(new Uint8Array(2 * 1024 * 1024))).toBe(204);
    expect(await post(new Uint8Array(2 * 1024 * 1024 + 1))).toBe(413);
  });

  it('cannot put markup into the page, by its body, a header or its event', async () => {
    await post(`{"a":${JSON.stringify(MARKUP)}}`, [['x-djinn-ci-event', MARKUP]]);
    await post(MARKUP, [['x-other', MARKUP]]);
    const html = await page();
    expect(html).not.toMatch(/<script|<img|='alert/);
    expect(html.match(/&lt;script&gt;alert\(1\)&lt;\/script&gt;/g)).toHaveLength(5);
    expect(html).toContain('&amp;amp;');
  });
});

describe('the verdict on a signature', () => {
  const body = '{"a":"é😀"}';

  it('is valid where the secret is the same', async () => {
    await post(body, signed(body));
    expect(await arrivals()).toMatchObject([{ signature: 'valid', standardSignature: 'valid' }]);
    expect((await page()).match(/✓ signature valid/g)).toHaveLength(2);
  });

  it('is of the whole body, though not all of it is shown', async () => {
    const long = `${'x'.repeat(100_000)}y`;
    await post(long, signed(long));
    await post(`${'x'.repeat(100_000)}z`, signed(long));
    expect((await arrivals()).map(({ signature }) => signature)).toEqual(['invalid', 'valid']);
  });

  it('is of the bytes, be they text or not', async () => {
    const bytes = Uint8Array.of(0xff, 0x00, 0xfe);
    await post(bytes, signed(bytes));
    expect(await arrivals()).toMatchObject([{ signature: 'valid', standardSignature: 'valid', bodyBytes: 3 }]);
  });

  it('is invalid where the secret or the body is another', async () => {
    await post(body, signed(body, 'another'));
    await post(`${body} `, signed(body));
    const invalid = { signature: 'invalid', standardSignature: 'invalid' };
    expect(await arrivals()).toMatchObject([invalid, invalid]);
    expect((await page()).match(/✗ signature invalid/g)).toHaveLength(4);
  });

  it('is invalid of the standard one where its time or its id is another', async () => {
    for (const changed of ['webhook-timestamp', 'webhook-id']) {
      await post(
        body,
        signed(body).map(([name, value]) => [name, name === changed ? '1' : value]),
      );
    }
    const expected = { signature: 'valid', standardSignature: 'invalid' };
    expect(await arrivals()).toMatchObject([expected, expected]);
  });

  it('is valid where one of several signatures is', async () => {
    await post(
      body,
      signed(body).map(([name, value]) => [name, name === 'webhook-signature' ? `v1,AAAA ${value}` : value]),
    );
    expect(await arrivals()).toMatchObject([{ standardSignature: 'valid' }]);
  });

  it('is absent where there is none', async () => {
    await post(body);
    expect(await arrivals()).toMatchObject([{ signature: 'absent', standardSignature: 'absent' }]);
    expect((await page()).match(/– not signed/g)).toHaveLength(2);
  });
});

describe('the answer of the inbox', () => {
  it.each([200, 204, 304, 410, 503, 599])('is %i where it is asked for', async (status) => {
    expect(await post('', [], `?status=${status}`)).toBe(status);
    expect(await arrivals()).toMatchObject([{ status }]);
  });

  it.each(['', '?status=', '?status=199', '?status=600', '?status=abc', '?fail=0', '?fail=abc'])(
    'is 204 to the query "%s"',
    async (query) => {
      expect(await post('', [], query)).toBe(204);
    },
  );

  it('is 500 to the first attempts of each delivery, where that is asked for', async () => {
    const statuses = { one: [] as number[], two: [] as number[] };
    for (const name of ['one', 'one', 'two', 'one', 'two', 'two', 'one'] as const) {
      statuses[name].push(await post('{}', signed('{}', SECRET, name), '?fail=2'));
    }
    expect(statuses).toEqual({ one: [500, 500, 204, 204], two: [500, 500, 204] });
  });
});
