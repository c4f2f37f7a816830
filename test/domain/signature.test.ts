import { verify } from '@octokit/webhooks-methods';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { djinnSignature, signaturesMatch, standardSignature } from '../../functions/domain/signature.ts';

const text = fc.string({ unit: 'binary', minLength: 1 });
const DELIVERY_ID = '019cd310-b459-7d02-b0fa-9bbc2a5a20c9';
const BODY = '{"name":"Grüße, 世界 🎉"}';

/** What a receiver of Standard Webhooks gets. The library checks the time, so it is now. */
function signed(secret: string, body: string): Record<string, string> {
  const timestampSeconds = Math.floor(Date.now() / 1000);
  return {
    'webhook-id': DELIVERY_ID,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': standardSignature(secret, {
      deliveryId: DELIVERY_ID,
      timestampSeconds,
      body: Buffer.from(body),
    }),
  };
}

function isAccepted(by: Webhook, body: string, headers: Record<string, string>): boolean {
  try {
    by.verify(body, headers, { jsonParse: false });
    return true;
  } catch {
    return false;
  }
}

describe("Djinn CI's signature", () => {
  it('is the one of RFC 4231, test case 2', () => {
    expect(djinnSignature('Jefe', Buffer.from('what do ya want for nothing?'))).toBe(
      'sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  it('is accepted by the published verifier, whatever secret and body are', async () => {
    await fc.assert(
      fc.asyncProperty(text, text, async (secret, body) => {
        expect(await verify(secret, body, djinnSignature(secret, Buffer.from(body)))).toBe(true);
      }),
    );
  });

  it('is refused by it for another secret and for another body', async () => {
    const signature = djinnSignature('schlüssel', Buffer.from(BODY));
    expect(await verify('schlüssel', BODY, signature)).toBe(true);
    expect(await verify('schlussel', BODY, signature)).toBe(false);
    expect(await verify('schlüssel', `${BODY} `, signature)).toBe(false);
  });

  it('is of the bytes, also of those that are no UTF-8', () => {
    const [one, other] = [Uint8Array.of(0xff), Uint8Array.of(0xfe)].map((body) => djinnSignature('s', body));
    expect(one).not.toBe(other);
  });
});

describe('the signature of Standard Webhooks', () => {
  it('is accepted by the published verifier with the secret as it stands', () => {
    fc.assert(
      fc.property(text, text, (secret, body) => {
        fc.pre(!secret.startsWith('whsec_'));
        expect(isAccepted(new Webhook(Buffer.from(secret), { format: 'raw' }), body, signed(secret, body))).toBe(true);
      }),
    );
    expect(isAccepted(new Webhook('ascii', { format: 'raw' }), BODY, signed('ascii', BODY))).toBe(true);
  });

  it('is accepted by it with a secret of its own form', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), text, (key, body) => {
        const secret = `whsec_${Buffer.from(key).toString('base64')}`;
        expect(isAccepted(new Webhook(secret), body, signed(secret, body))).toBe(true);
      }),
    );
  });

  it.each(['webhook-id', 'webhook-timestamp'])('covers %s', (name) => {
    const headers = signed('secret', BODY);
    const changed = { ...headers, [name]: name === 'webhook-id' ? 'x' : String(Number(headers[name]) - 1) };
    expect(isAccepted(new Webhook('secret', { format: 'raw' }), BODY, changed)).toBe(false);
  });

  it('is refused for another secret and for another body', () => {
    expect(isAccepted(new Webhook('Secret', { format: 'raw' }), BODY, signed('secret', BODY))).toBe(false);
    expect(isAccepted(new Webhook('secret', { format: 'raw' }), `${BODY} `, signed('secret', BODY))).toBe(false);
  });

  // Decoded all the same, `whsec_A` would be an empty key, with which anybody can sign.
  it.each(['whsec_', 'whsec_not base64', 'whsec_QUJD\n', 'WHSEC_QUJD', 'xwhsec_QUJD', 'whsec_A'])(
    'takes %j, which is no base64 behind the prefix, as it stands',
    (secret) => {
      const verifier = new Webhook(Buffer.from(secret), { format: 'raw' });
      expect(isAccepted(verifier, BODY, signed(secret, BODY))).toBe(true);
    },
  );
});

describe('signatures', () => {
  it('match themselves and nothing else', () => {
    fc.assert(
      fc.property(text, text, (left, right) => {
        expect(signaturesMatch(left, left)).toBe(true);
        expect(signaturesMatch(left, right)).toBe(left === right);
        expect(signaturesMatch(left, `${left}${right}`)).toBe(false);
      }),
    );
  });
});
