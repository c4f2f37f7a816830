import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dayToNote,
  formatScopes,
  isExpired,
  isWellFormedToken,
  mintToken,
  parseExpiry,
  parseScopes,
  SCOPES,
  tokenHash,
} from '../../functions/domain/token.ts';

const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
const token = bytes.map(mintToken);

describe('a minted token', () => {
  it('is well-formed, has a prefix that scanners find, and holds all of its random bytes', () => {
    fc.assert(
      fc.property(bytes, (random) => {
        const minted = mintToken(random);
        expect(minted).toMatch(/^djinn_[0-9A-Za-z_-]{43}[0-9a-f]{8}$/);
        expect(isWellFormedToken(minted)).toBe(true);
        expect(Buffer.from(minted.slice(6, 49), 'base64url')).toEqual(Buffer.from(random));
      }),
    );
  });

  it('stays well-formed from release to release', () => {
    expect(mintToken(new Uint8Array(32))).toBe(`djinn_${'A'.repeat(43)}0c2b5986`);
  });

  it.each([0, 16, 31, 33])('is not made of %i bytes', (length) => {
    expect(() => mintToken(new Uint8Array(length))).toThrow(RangeError);
  });
});

describe('a mistyped token', () => {
  it('is ill-formed, wherever one character is another', () => {
    const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const character = fc.oneof(
      fc.string({ unit: fc.constantFrom(...base64), minLength: 1, maxLength: 1 }),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    );
    fc.assert(
      fc.property(token, fc.nat(56), character, (good, at, other) => {
        fc.pre(good[at] !== other);
        expect(isWellFormedToken(`${good.slice(0, at)}${other}${good.slice(at + 1)}`)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('is ill-formed with two characters swapped, one missing, or anything around it', () => {
    fc.assert(
      fc.property(token, fc.nat(55), fc.constantFrom(' ', '\n', '0', 'A', '\u0000'), (good, at, extra) => {
        const swapped = `${good.slice(0, at)}${good[at + 1]}${good[at]}${good.slice(at + 2)}`;
        expect(isWellFormedToken(swapped)).toBe(swapped === good);
        expect(isWellFormedToken(`${good.slice(0, at)}${good.slice(at + 1)}`)).toBe(false);
        expect(isWellFormedToken(`${good}${extra}`)).toBe(false);
        expect(isWellFormedToken(`${extra}${good}`)).toBe(false);
      }),
    );
  });

  it('is ill-formed, whatever text it is', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !isWellFormedToken(text)));
  });
});

describe('the hash of a token', () => {
  it('is the SHA-256 of FIPS 180-2, in hex', () => {
    expect(tokenHash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('does not hold the token, and differs by token', () => {
    fc.assert(
      fc.property(token, token, (one, other) => {
        expect(tokenHash(one)).not.toContain(one.slice(6));
        expect(tokenHash(one) === tokenHash(other)).toBe(one === other);
      }),
    );
  });
});

describe('scopes', () => {
  it.each([
    ['webhook:read', ['webhook:read']],
    ['webhook:read,write,delete namespace:read', ['webhook:read', 'webhook:write', 'webhook:delete', 'namespace:read']],
    [' namespace:read\n\twebhook:delete  webhook:read ', ['webhook:read', 'webhook:delete', 'namespace:read']],
    ['webhook:read,read webhook:read', ['webhook:read']],
    ['event:write', ['event:write']],
    ['', []],
    ['  ', []],
  ])('%j are read', (text, scopes) => {
    expect(parseScopes(text)).toEqual({ scopes });
  });

  it.each([
    ['webhook', 'webhook:'],
    ['webhook:', 'webhook:'],
    ['webhook:read,', 'webhook:'],
    ['webhook:read, write', 'webhook:'],
    ['webhook:Read', 'webhook:Read'],
    ['namespace:write', 'namespace:write'],
    ['webhook:read build:read cron:read', 'build:read'],
    ['__proto__:constructor', '__proto__:constructor'],
    ['*', '*:'],
  ])('%j holds one that there is not: %s', (text, unknown) => {
    expect(parseScopes(text)).toEqual({ unknown });
  });

  it('have two parts and no more', () => {
    expect(parseScopes('webhook:read:delete')).toHaveProperty('unknown');
  });

  it('are written with the permissions of one resource together', () => {
    expect(formatScopes(SCOPES)).toBe('webhook:read,write,delete namespace:read event:write,write_all');
    expect(formatScopes([])).toBe('');
  });

  it('are read again as they were written', () => {
    fc.assert(
      fc.property(fc.subarray([...SCOPES]), (scopes) => {
        expect(parseScopes(formatScopes(scopes))).toEqual({ scopes });
      }),
    );
  });
});

describe('an expiry', () => {
  const NOW = Date.parse('2026-11-23T12:00:00Z');

  it.each([
    ['12h', '2026-11-24T00:00:00.000Z'],
    ['30d', '2026-12-23T12:00:00.000Z'],
    ['1h', '2026-11-23T13:00:00.000Z'],
    ['99999d', '2300-09-07T12:00:00.000Z'],
    ['2030-01-31T12:00:00Z', '2030-01-31T12:00:00.000Z'],
    ['2026-11-23T13:00:00.001+01:00', '2026-11-23T12:00:00.001Z'],
  ])('%s is read', (text, expiresAt) => {
    expect(parseExpiry(text, NOW)).toEqual({ expiresAt });
  });

  it.each(['', '30', 'd', '30 d', '30D', '-1d', '1.5h', '30d12h', '2w', '100000d', '2030-01-31', 'tomorrow'])(
    '%j is none',
    (text) => {
      expect(parseExpiry(text, NOW)).toEqual({ problem: expect.stringMatching(/is no time: write 30d, 12h, or one/) });
    },
  );

  it.each(['0d', '0h', '2026-11-23T12:00:00Z', '2025-01-01T00:00:00Z'])('%s has passed', (text) => {
    expect(parseExpiry(text, NOW)).toEqual({ problem: expect.stringMatching(/Z has passed: write a time to come$/) });
  });

  it('holds from its very instant on, and only where there is one', () => {
    const expiresAt = new Date(NOW).toISOString();
    expect(isExpired({ expiresAt }, NOW - 1)).toBe(false);
    expect(isExpired({ expiresAt }, NOW)).toBe(true);
    expect(isExpired({}, Number.MAX_SAFE_INTEGER)).toBe(false);
  });
});

describe('the day of the latest use', () => {
  const NOON = Date.parse('2026-11-23T12:00:00Z');

  it.each([
    [undefined, '2026-11-23'],
    ['2026-11-22', '2026-11-23'],
    ['2025-12-31', '2026-11-23'],
    ['2026-11-23', undefined],
    // Another machine's clock is a little ahead.
    ['2026-11-24', undefined],
  ])('after %s is noted as %s', (lastUsedOn, day) => {
    expect(dayToNote({ lastUsedOn }, NOON)).toBe(day);
  });
});
