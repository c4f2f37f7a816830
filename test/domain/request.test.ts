import { verify } from '@octokit/webhooks-methods';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { EVENT_TYPES } from '../../functions/domain/catalogue.ts';
import type { HeaderList } from '../../functions/domain/delivery.ts';
import { deliveryRequest, isDelivery } from '../../functions/domain/request.ts';

const DELIVERY_ID = '019cd310-b459-7d02-b0fa-9bbc2a5a20c9';
const BODY = '{"name":"Grüße, 世界 🎉","id":9007199254740993}';

function requestFor(options: { secret?: string; previous?: string; nowMs?: number; body?: string }) {
  const { secret, previous, nowMs = Date.now(), body = BODY } = options;
  return deliveryRequest({
    webhook: { id: 7, payloadUrl: 'https://example.com/Hook?a=1' },
    eventType: 'build.finished',
    deliveryId: DELIVERY_ID,
    body: Buffer.from(body),
    secrets: [secret, previous].filter((one) => one !== undefined),
    nowMs,
  });
}

function byName(headers: HeaderList): Record<string, string> {
  return Object.fromEntries(headers);
}

/** In the contract's section 3, but for `Accept-Encoding`: a reply is logged as it comes, so it must not be compressed. */
const UNSIGNED: HeaderList = [
  ['Content-Type', 'application/json; charset=utf-8'],
  ['Accept', '*/*'],
  ['Accept-Encoding', 'identity'],
  ['User-Agent', 'Djinn-CI-Hook'],
  ['X-Djinn-CI-Event', 'build.finished'],
  ['X-Djinn-CI-Hook-ID', '7'],
  ['X-Djinn-CI-Delivery', DELIVERY_ID],
];

describe('the request of a delivery', () => {
  it('goes to the payload URL as it is stored', () => {
    expect(requestFor({}).url).toBe('https://example.com/Hook?a=1');
  });

  it('has these headers and no others where there is no secret', () => {
    expect(requestFor({}).headers).toEqual(UNSIGNED);
  });

  it('has these headers and no others where there is one', () => {
    const { headers } = requestFor({ secret: 'Jefe', nowMs: 1_772_000_000_999, body: 'what do ya want for nothing?' });
    expect(headers).toEqual([
      ...UNSIGNED,
      ['X-Djinn-CI-Signature', 'sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
      ['webhook-id', DELIVERY_ID],
      ['webhook-timestamp', '1772000000'],
      ['webhook-signature', expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/)],
    ]);
  });

  it.each(['secret', 'schlüssel 🔑', ' ', `whsec_${Buffer.from('schlüssel').toString('base64')}`])(
    'is verified by the published libraries with the secret %j',
    async (secret) => {
      const headers = byName(requestFor({ secret }).headers);
      expect(await verify(secret, BODY, headers['X-Djinn-CI-Signature'] ?? '')).toBe(true);
      const verifier = secret.startsWith('whsec_')
        ? new Webhook(secret)
        : new Webhook(Buffer.from(secret), { format: 'raw' });
      expect(verifier.verify(BODY, headers)).toEqual(JSON.parse(BODY));
    },
  );

  it('is verified by either secret while one replaces the other, and by no third', async () => {
    const headers = byName(requestFor({ secret: 'new', previous: 'old' }).headers);
    expect(headers['webhook-signature']).toMatch(/^v1,[A-Za-z0-9+/]{43}= v1,[A-Za-z0-9+/]{43}=$/);
    const verifier = (secret: string) => new Webhook(Buffer.from(secret), { format: 'raw' });
    for (const secret of ['new', 'old']) expect(verifier(secret).verify(BODY, headers)).toEqual(JSON.parse(BODY));
    expect(() => verifier('another').verify(BODY, headers)).toThrow();
    expect(await verify('new', BODY, headers['X-Djinn-CI-Signature'] ?? '')).toBe(true);
    expect(await verify('old', BODY, headers['X-Djinn-CI-Signature'] ?? '')).toBe(false);
  });

  it('of a later attempt has the same delivery id and is signed anew', () => {
    const [first, second] = [1_772_000_000_000, 1_772_000_005_000].map((nowMs) =>
      byName(requestFor({ secret: 'secret', nowMs }).headers),
    );
    const changed = Object.keys(first ?? {}).filter((name) => first?.[name] !== second?.[name]);
    expect(changed).toEqual(['webhook-timestamp', 'webhook-signature']);
  });

  it.each(EVENT_TYPES)('names its event: %s', (eventType) => {
    const options = { webhook: { id: 1, payloadUrl: 'https://example.com/' }, deliveryId: DELIVERY_ID, eventType };
    const { headers } = deliveryRequest({ ...options, body: Buffer.from('{}'), secrets: [], nowMs: 0 });
    expect(byName(headers)['X-Djinn-CI-Event']).toBe(eventType);
  });
});

describe('the mark of a delivery', () => {
  it('is on every delivery, signed or not', () => {
    for (const headers of [requestFor({}).headers, requestFor({ secret: 's3cret' }).headers]) {
      expect(isDelivery(headers)).toBe(true);
      for (const one of headers) expect(isDelivery([one])).toBe(/^(User-Agent|X-Djinn-CI-)/.test(one[0]));
    }
  });

  it('is on nothing else', () => {
    const others = [
      ['User-Agent', 'curl/8.5.0 Djinn-CI-Hook'],
      ['X-Djinn', 'ci'],
      ['webhook-id', DELIVERY_ID],
      ['X-GitHub-Event', 'push'],
    ] as const;
    expect(isDelivery(others)).toBe(false);
    expect(isDelivery([])).toBe(false);
  });
});
