import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { destinationPolicy } from '../../functions/domain/destination.ts';
import { PAYLOAD_URL_MAX_CHARACTERS } from '../../functions/domain/limits.ts';
import { misjudged, VECTORS } from '../support/ssrf-vectors.ts';

const UNSAFE = 'Payload URL must not contain spaces, backslashes, or characters that cannot be seen';

const policy = destinationPolicy();
const loopback = destinationPolicy({ admitted: ['127.0.0.0/8', '::1/128'] });

const NOT_PUBLIC = 'Payload URL must point to a public address';

function href(text: string, by = policy): string | null {
  const checked = by.checkUrl(text);
  return checked.kind === 'accepted' ? checked.url.href : null;
}

function reason(text: string, by = policy): string | null {
  const checked = by.checkUrl(text);
  return checked.kind === 'refused' ? checked.reason : null;
}

describe('the SSRF vectors', () => {
  it('are all run', () => {
    expect(VECTORS.length).toBeGreaterThan(750);
    expect(VECTORS.filter(({ address, url }) => (address === undefined) === (url === undefined))).toEqual([]);
  });

  test.each(VECTORS.map((vector) => ({ ...vector, place: vector.address ?? vector.url })))(
    '$group: $place, $expect',
    (vector) => expect(misjudged(vector, policy)).toBeUndefined(),
  );
});

describe('the text of a payload URL', () => {
  it('is stored as the parser writes it, with its path as it was and without a root dot', () => {
    expect(href('HTTPS://EXAMPLE.COM/Hook?Ref=A')).toBe('https://example.com/Hook?Ref=A');
    expect(href('https://bücher.example.com:443')).toBe('https://xn--bcher-kva.example.com/');
    expect(href('https://134744072/')).toBe('https://8.8.8.8/');
    expect(href('https://example.com.:8443/hook')).toBe('https://example.com:8443/hook');
    expect(href('https://8.8.8.8../')).toBeNull();
  });

  test.each([
    ['', 'Payload URL is required'],
    ['example.com/hook', 'Payload URL must begin with https:// or http://'],
    ['https:/example.com', 'Payload URL must begin with https:// or http://'],
    ['https:///example.com', 'Payload URL must be a complete URL, such as https://example.com/hook'],
    ['https://256.0.0.1/', 'Payload URL must be a complete URL, such as https://example.com/hook'],
    [' https://example.com', UNSAFE],
    ['https://example.com\\hook', UNSAFE],
    ['https://example.com/\u0085', UNSAFE],
    ['https://example.com/\u202egpj.hook', UNSAFE],
    ['https://example.com/a\u200b', UNSAFE],
    ['https://example.com/\ud800', UNSAFE],
    [
      'https://user@example.com',
      'Payload URL must not contain a user name or password, nor any other @ before its path',
    ],
    ['https://a!b.example.com/', 'Payload URL must have a valid domain name or IP address'],
    ['http://localhost:8080/', NOT_PUBLIC],
    ['http://intranet/', NOT_PUBLIC],
    ['http://nas.home.arpa/', NOT_PUBLIC],
    ['http://10.0.0.1/', NOT_PUBLIC],
  ])('%j is refused: %s', (text, sentence) => {
    expect(reason(text)).toBe(sentence);
  });

  test.each(['https://example.com#@127.0.0.1/', 'https://example.com?@127.0.0.1/', 'https://@example.com/'])(
    '%s has an authority that other parsers read differently',
    (text) => expect(reason(text)).toMatch(/@ before its path/),
  );

  it('may have an @ in its path and query', () => {
    expect(href('https://example.com/@djinn?to=a@example.com')).toBe('https://example.com/@djinn?to=a@example.com');
  });

  it('may be as long as the limit, as it is and as it is stored', () => {
    const padded = (path: string) => `https://example.com/${path}`.padEnd(PAYLOAD_URL_MAX_CHARACTERS, 'a');
    expect(href(padded(''))).toHaveLength(PAYLOAD_URL_MAX_CHARACTERS);
    expect(reason(`${padded('')}a`)).toMatch(/at most 2048 characters/);
    expect(reason(padded('é'))).toMatch(/at most 2048 characters/);
  });

  it('has labels and names of the lengths that DNS allows', () => {
    const label = 'a'.repeat(63);
    const longest = `${label}.${label}.${label}.${'a'.repeat(61)}`;
    expect(longest).toHaveLength(253);
    expect(reason(`https://${longest}/`)).toBeNull();
    expect(reason(`https://${longest}./`)).toBeNull();
    expect(reason(`https://${longest}a/`)).toMatch(/valid domain name/);
    expect(reason(`https://a${label}.com/`)).toMatch(/valid domain name/);
  });
});

describe('ports', () => {
  it('are 80, 443 and those from 1024 on that fetch does not refuse', () => {
    const { badPorts }: { badPorts: readonly string[] } = createRequire(import.meta.url)(
      'undici/lib/web/fetch/constants.js',
    );
    const wrong = Array.from({ length: 65536 }, (_, port) => port).filter((port) => {
      const allowed = port === 80 || port === 443 || (port >= 1024 && !badPorts.includes(String(port)));
      return (href(`http://example.com:${port}/`) !== null) !== allowed;
    });
    expect(wrong).toEqual([]);
    expect(reason('https://example.com:22/')).toMatch(/port 80, 443/);
    expect(href('https://example.com:80/')).toBe('https://example.com:80/');
  });
});

describe('admitted networks', () => {
  test.each([
    'http://localhost:8080/inbox',
    'http://receiver.localhost:8080/inbox',
    'http://127.0.0.1:9000/',
    'http://[::1]:9000/',
  ])('loopback opens %s', (url) => {
    expect(href(url, loopback)).toBe(url);
    expect(reason(url)).toBe(NOT_PUBLIC);
  });

  it('loopback opens nothing else', () => {
    const opened = VECTORS.filter(({ address, url }) =>
      address === undefined
        ? href(url ?? '') === null && href(url ?? '', loopback) !== null
        : !policy.admitsAddress(address) && loopback.admitsAddress(address),
    );
    for (const { address, url } of opened) {
      const host = address ?? new URL(url ?? '').hostname;
      expect(host).toMatch(/^(127\.\d+\.\d+\.\d+|\[?::1\]?|0::0:1|([a-z.]+\.)?localhost\.?)$/);
    }
    expect(opened.length).toBeGreaterThan(30);
    for (const address of ['::ffff:127.0.0.1', '::ffff:7f00:1', '::127.0.0.1', '::1%lo', '::', '0.0.0.0', '::2']) {
      expect(loopback.admitsAddress(address), address).toBe(false);
    }
    expect(reason('http://localhost:22/', loopback)).toMatch(/port/);
    expect(reason('http://localhost.localdomain/', loopback)).toBe(NOT_PUBLIC);
    expect(loopback.admitsAddress('8.8.8.8')).toBe(true);
  });

  test.each(['admitted', 'allowedNetworks'])('%s open their addresses, and not the name localhost', (option) => {
    const own = destinationPolicy({ [option]: ['10.1.0.0/16', 'FD00:1::/32'] });
    expect(['10.1.0.0', '10.1.255.255', 'fd00:1::', 'fd00:1:ffff::1'].every(own.admitsAddress)).toBe(true);
    expect(['10.0.255.255', '10.2.0.0', 'fd00:2::', '::1'].some(own.admitsAddress)).toBe(false);
    expect(href('https://10.1.2.3/hook', own)).toBe('https://10.1.2.3/hook');
    expect(reason('https://10.2.0.0/hook', own)).toBe(NOT_PUBLIC);
    expect(reason('http://localhost:8080/', own)).toBe(NOT_PUBLIC);
  });

  test.each([['127.0.0.1/32'], ['::1/128']])('%s alone opens the name localhost', (network) => {
    expect(reason('http://localhost:8080/', destinationPolicy({ admitted: [network] }))).toBeNull();
  });

  const addressesOnly = ['', '/', '10.0.0.0', '10.0.0.0/', '::1'];
  const badLengths = ['10.0.0.0/33', '10.0.0.0/08', '10.0.0.0/-1', '10.0.0.0/8 ', '10.0.0.0/8/8', '::/129'];
  const badPrefixes = ['10.0.0/8', '0x0a.0.0.0/8', 'fe80::%eth0/64', '[::1]/128', 'localhost/8'];
  test.each([...addressesOnly, ...badLengths, ...badPrefixes])('%j is no network', (network) => {
    expect(() => destinationPolicy({ admitted: ['10.0.0.0/8', network] })).toThrow(RangeError);
    expect(() => destinationPolicy({ allowedNetworks: [network] })).toThrow(RangeError);
  });
});

describe('the networks that an operator allows', () => {
  const everything = destinationPolicy({ allowedNetworks: ['0.0.0.0/0', '::/0'] });
  // First and last of each range; the clouds' metadata services one by one.
  const closed = [
    '0.0.0.0 0.255.255.255 127.0.0.0 127.0.0.1 127.255.255.255 169.254.0.0 169.254.169.254 169.254.255.255',
    '100.100.100.200 168.63.129.16 192.0.0.192 224.0.0.0 239.255.255.255 255.255.255.255',
    ':: ::1 ::127.0.0.1 ::ffff:10.0.0.1 ::ffff:0:a00:1 64:ff9b::a00:1 64:ff9b:1::1 ff:ffff::1',
    '2001:0:: 2001:0:ffff:ffff::1 2002:: 2002:ffff:ffff::1 fe80:: fe80::1 febf:ffff::1 ff00:: ffff:ffff::1',
    'fd00:ec2:: fd00:ec2::254 fd00:ec2:ffff::1 fd00:c1:: fd00:c1::a9fe:a9fe fd00:c1:ffff::1 fd00:42::42 fd20:ce::254',
    'fe80::1%eth0 fd00::5efe:a00:1',
  ].flatMap((line) => line.split(' '));

  test.each(closed)('can never open %s', (address) => {
    expect(everything.admitsAddress(address)).toBe(false);
    const host = address.includes(':') ? `[${address}]` : address;
    expect(href(`http://${host}/`, everything)).toBeNull();
    expect(href(`http://${host}/`, destinationPolicy({ allowedNetworks: [`${address.split('%')[0]}/32`] }))).toBeNull();
  });

  it('open what else is private, to the edge', () => {
    const open = [
      '10.0.0.0 10.255.255.255 172.16.0.1 192.168.255.255 100.64.0.1 100.100.100.199 100.100.100.201 192.0.0.193 8.8.8.8',
      'fc00::1 fd00:ec1:ffff::1 fd00:ec3::1 fd00:42::41 fd20:ce::255 fd00::1 2001:db8::1 2606:4700:4700::1111',
    ].flatMap((line) => line.split(' '));
    expect(open.filter((address) => !everything.admitsAddress(address))).toEqual([]);
  });

  it('open no name that is private, and never localhost', () => {
    for (const name of ['localhost', 'a.localhost', 'db.internal', 'intranet']) {
      expect(reason(`http://${name}/`, everything)).toBe(NOT_PUBLIC);
    }
  });
});

describe('our own host', () => {
  const OWN = 'Payload URL must not point to this service itself: what is sent would come back for ever';
  const policyAt = (ownUrl: string) => destinationPolicy({ ownUrl });

  test.each([
    'https://ci.example.com/events',
    'https://CI.Example.com/',
    'http://ci.example.com./hook',
    'https://ci.example.com:8443/',
    'https://ci.example。com/',
    'https://c%69.example.com/',
  ])('is refused as %s', (url) => {
    expect(reason(url, policyAt('https://ci.example.com/hooks'))).toBe(OWN);
    expect(reason(url, policyAt('https://CI.example.com.:444'))).toBe(OWN);
    expect(reason(url)).toBeNull();
  });

  it('is that host alone', () => {
    for (const url of ['https://example.com/', 'https://a.ci.example.com/', 'https://xci.example.com/']) {
      expect(reason(url, policyAt('https://ci.example.com'))).toBeNull();
    }
  });

  it('may be an address', () => {
    expect(reason('https://0x08080808/', policyAt('http://8.8.8.8:8080'))).toBe(OWN);
    expect(reason('https://[2606:4700:4700::1111]/', policyAt('http://[2606:4700:4700:0::1111]'))).toBe(OWN);
    expect(reason('https://8.8.4.4/', policyAt('http://8.8.8.8:8080'))).toBeNull();
  });

  it('is not refused where all of this machine is admitted: its receivers stand beside it', () => {
    for (const host of ['localhost', '127.0.0.1', '[::1]']) {
      const own = destinationPolicy({ admitted: ['127.0.0.0/8', '::1/128'], ownUrl: `http://${host}:8080` });
      expect(href(`http://${host}:8080/inbox`, own)).toBe(`http://${host}:8080/inbox`);
    }
    const named = destinationPolicy({ admitted: ['127.0.0.0/8'], ownUrl: 'https://ci.example.com' });
    expect(reason('https://ci.example.com/', named)).toBe(OWN);
  });
});

describe('whatever comes', () => {
  const piece = fc.constantFrom(
    ...['https://', 'http://', '127.0.0.1', 'localhost', 'example.com', '[::1]', '::', ':', '.', '/', '#', '?', '@'],
    ...['%', '%2e', '\\', '\u0000', '\ud800', '。', 'ⓛ', 'xn--', '0x7f', '1', '65536', '8443', ' ', '-', '_'],
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.webUrl(),
    fc.array(piece).map((pieces) => pieces.join('')),
    fc.array(piece).map((pieces) => `https://${pieces.join('')}`),
  );

  test('no text that is no address is admitted', () => {
    const isAddress = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[23][0-9a-f]{3}:[0-9a-f:.]*)$/i;
    fc.assert(
      fc.property(text, (garbage) => {
        fc.pre(!isAddress.test(garbage));
        return !policy.admitsAddress(garbage);
      }),
      { numRuns: 2000 },
    );
  });

  test('checkUrl does not throw, and accepts what it accepted again as it was', () => {
    fc.assert(
      fc.property(text, (any) => {
        const stored = href(any);
        if (stored !== null) expect(href(stored)).toBe(stored);
      }),
      { numRuns: 5000 },
    );
  });
});
