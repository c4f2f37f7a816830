import { BlockList, isIP } from 'node:net';
import type { Network } from './address-registry.ts';

/**
 * Tells whether an address is in one of the networks; false for whatever is no address, and for zone ids (RFC 4007).
 * Throws RangeError where `networks` holds anything but a network.
 */
export function networkSet(networks: readonly Network[]): (address: string) => boolean {
  // One list for each family: a list of both looks IPv4-mapped IPv6 addresses up among the IPv4 networks.
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const network of networks) {
    const { prefix, length, family } = parseNetwork(network);
    lists[family].addSubnet(prefix, length, family);
  }
  return (address) => {
    const family = familyOf(address);
    return family !== null && lists[family].check(address, family);
  };
}

/** The same, but that the networks are read with the first address that it is asked of: then it throws, if at all. */
export function lazyNetworkSet(networks: readonly Network[]): (address: string) => boolean {
  let made: ReturnType<typeof networkSet> | undefined;
  return (address) => {
    made ??= networkSet(networks);
    return made(address);
  };
}

/**
 * Tells whether an IPv6 address embeds an IPv4 address in its lower half as ISATAP does (RFC 5214 section 6.1), whatever
 * its network: a host with such a tunnel would send there what goes to it.
 */
export function isIsatap(address: string): boolean {
  // The parser writes an address in its one shortest form, so what is before the last two groups is easily read.
  const written = URL.parse(`http://[${address}]/`)?.hostname ?? '';
  return /:(?:0|200)?:5efe:[0-9a-f]{1,4}:[0-9a-f]{1,4}\]$/.test(written);
}

function parseNetwork(network: Network): { prefix: string; length: number; family: 'ipv4' | 'ipv6' } {
  const [, prefix = '', digits = ''] = /^([0-9a-f.:]+)\/(0|[1-9][0-9]{0,2})$/i.exec(network) ?? [];
  const family = familyOf(prefix);
  const length = Number(digits);
  if (family === null || length > (family === 'ipv4' ? 32 : 128)) {
    throw new RangeError(`No network in CIDR notation: ${JSON.stringify(network)}`);
  }
  return { prefix, length, family };
}

/** The family of a textual address. `isIP` takes zone ids, and BlockList answers false for what is no address. */
function familyOf(address: string): 'ipv4' | 'ipv6' | null {
  const version = isIP(address);
  if (version === 4) return 'ipv4';
  return version === 6 && !address.includes('%') ? 'ipv6' : null;
}
