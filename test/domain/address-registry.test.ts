import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { destinationPolicy } from '../../functions/domain/destination.ts';
import { RANGES } from '../support/ssrf-vectors.ts';

const policy = destinationPolicy();

const NOT_PUBLIC = 'Payload URL must point to a public address';

function reason(text: string): string | null {
  const checked = policy.checkUrl(text);
  return checked.kind === 'refused' ? checked.reason : null;
}

describe('every row of the registries', () => {
  test.each(RANGES)('$first to $last is refused, and no more', ({ first, last, neighbours }) => {
    for (const address of [first, last]) {
      expect(policy.admitsAddress(address)).toBe(false);
      expect(reason(address.includes(':') ? `https://[${address}]/` : `https://${address}/`)).toBe(NOT_PUBLIC);
    }
    for (const neighbour of neighbours) expect(policy.admitsAddress(neighbour), neighbour).toBe(true);
  });
});

describe('every last label of the registry', () => {
  const privateNames =
    'localhost invalid local arpa onion alt internal intranet private corp home lan mail localdomain';
  test.each(privateNames.split(' '))(
    'names that end in .%s are private, and names that only look so are not',
    (suffix) => {
      expect(reason(`https://a.b.${suffix}/`)).toBe(NOT_PUBLIC);
      expect(reason(`https://a.${suffix.toUpperCase()}./`)).toBe(NOT_PUBLIC);
      expect(reason(`https://x${suffix}.com/`)).toBeNull();
      expect(reason(`https://${suffix}.example.com/`)).toBeNull();
    },
  );
});

describe('whatever address comes', () => {
  test('an address with anything before or after it is not admitted', () => {
    const noise = fc.string({ minLength: 1, unit: fc.constantFrom(' ', '.', '%', '/', '[', ']', '\n', '\u0000', 'x') });
    fc.assert(
      fc.property(fc.constantFrom('8.8.8.8', '2606:4700:4700::1111'), noise, (address, extra) => {
        return !policy.admitsAddress(address + extra) && !policy.admitsAddress(extra + address);
      }),
    );
  });

  test('outside 2000::/3 no IPv6 address is admitted, and spelling does not matter', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const written = new URL(`http://[${address}]/`).hostname.slice(1, -1);
        expect(policy.admitsAddress(address)).toBe(policy.admitsAddress(written));
        if (policy.admitsAddress(address)) expect(written).toMatch(/^[23][0-9a-f]{3}:/);
      }),
    );
  });
});
