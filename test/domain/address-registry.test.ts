import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { destinationPolicy } from '../../functions/domain/destination.ts';

const policy = destinationPolicy();

const NOT_PUBLIC = 'Payload URL must point to a public address';

function reason(text: string): string | null {
  const checked = policy.checkUrl(text);
  return checked.kind === 'refused' ? checked.reason : null;
}

describe('every row of the registries', () => {
  // Written out, not computed from the code's own list: first, last, public neighbour before, and after.
  const rows = [
    '0.0.0.0 0.255.255.255 - 1.0.0.0',
    '10.0.0.0 10.255.255.255 9.255.255.255 11.0.0.0',
    '100.64.0.0 100.127.255.255 100.63.255.255 100.128.0.0',
    '127.0.0.0 127.255.255.255 126.255.255.255 128.0.0.0',
    '169.254.0.0 169.254.255.255 169.253.255.255 169.255.0.0',
    '172.16.0.0 172.31.255.255 172.15.255.255 172.32.0.0',
    '192.0.0.0 192.0.0.255 191.255.255.255 192.0.1.0',
    '192.0.2.0 192.0.2.255 192.0.1.255 192.0.3.0',
    '192.31.196.0 192.31.196.255 192.31.195.255 192.31.197.0',
    '192.52.193.0 192.52.193.255 192.52.192.255 192.52.194.0',
    '192.88.99.0 192.88.99.255 192.88.98.255 192.88.100.0',
    '192.168.0.0 192.168.255.255 192.167.255.255 192.169.0.0',
    '192.175.48.0 192.175.48.255 192.175.47.255 192.175.49.0',
    '198.18.0.0 198.19.255.255 198.17.255.255 198.20.0.0',
    '198.51.100.0 198.51.100.255 198.51.99.255 198.51.101.0',
    '203.0.113.0 203.0.113.255 203.0.112.255 203.0.114.0',
    '224.0.0.0 239.255.255.255 223.255.255.255 -',
    '240.0.0.0 255.255.255.255 - -',
    // All below and above 2000::/3, and the rows of the special registry in there.
    ':: 1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff - 2000::',
    '::1 ::1 - -',
    '::ffff:0:0 ::ffff:255.255.255.255 - -',
    '::ffff:0:0:0 ::ffff:0:ffff:ffff - -',
    '64:ff9b:: 64:ff9b::ffff:ffff - -',
    '64:ff9b:1:: 64:ff9b:1:ffff:ffff:ffff:ffff:ffff - -',
    '100:: 100::ffff:ffff:ffff:ffff - -',
    '100:0:0:1:: 100::1:ffff:ffff:ffff:ffff - -',
    '2001:: 2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff 2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2001:200::',
    '2001:db8:: 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff 2001:db7:ffff:ffff:ffff:ffff:ffff:ffff 2001:db9::',
    '2002:: 2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2003::',
    '2620:4f:8000:: 2620:4f:8000:ffff:ffff:ffff:ffff:ffff 2620:4f:7fff:ffff:ffff:ffff:ffff:ffff 2620:4f:8001::',
    '3fff:: 3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff 3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff 3fff:1000::',
    '4000:: ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff -',
    '5f00:: 5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff - -',
    'fc00:: fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff - -',
    'fe80:: febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff - -',
    'fec0:: feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff - -',
    'ff00:: ff0f:ffff:ffff:ffff:ffff:ffff:ffff:ffff - -',
  ].map((row) => row.split(' ') as [string, string, string, string]);

  test.each(rows)('%s to %s is refused, and no more', (first, last, before, after) => {
    for (const address of [first, last]) {
      expect(policy.admitsAddress(address)).toBe(false);
      expect(reason(address.includes(':') ? `https://[${address}]/` : `https://${address}/`)).toBe(NOT_PUBLIC);
    }
    for (const neighbour of [before, after]) {
      if (neighbour !== '-') expect(policy.admitsAddress(neighbour), neighbour).toBe(true);
    }
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
