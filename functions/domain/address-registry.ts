/**
 * The networks and names that are no public destination, from the IANA registries (as of 2026):
 * iana-ipv4-special-registry, iana-ipv6-special-registry, ipv6-address-space, special-use-domain-names.
 */

/** What may be public at all. Of IPv6 only the global unicast space is allocated (RFC 4291); the rest is denied. */
export const UNICAST: readonly string[] = ['0.0.0.0/0', '2000::/3'];

/**
 * The rows of the registries inside UNICAST, also those called "globally reachable": none of them hosts a receiver.
 *
 * Denied by not being in 2000::/3, hence not repeated: ::/96, ::1/128, ::ffff:0:0/96, ::ffff:0:0:0/96, 64:ff9b::/96,
 * 64:ff9b:1::/48, 100::/64, 100:0:0:1::/64, 5f00::/16, fc00::/7, fe80::/10, fec0::/10, ff00::/8.
 */
export const NOT_PUBLIC: readonly string[] = [
  '0.0.0.0/8', // "This network" (RFC 791); Linux connects 0.0.0.0 to loopback
  '10.0.0.0/8', // Private use (RFC 1918)
  '100.64.0.0/10', // Shared address space (RFC 6598); also VPC secondary ranges and a cloud's metadata
  '127.0.0.0/8', // Loopback (RFC 1122)
  '169.254.0.0/16', // Link-local (RFC 3927): every metadata and credentials service
  '172.16.0.0/12', // Private use (RFC 1918)
  '192.0.0.0/24', // IETF protocol assignments (RFC 6890), with the dummy, PCP, TURN and NAT64 discovery addresses
  '192.0.2.0/24', // TEST-NET-1 (RFC 5737)
  '192.31.196.0/24', // AS112-v4 (RFC 7535)
  '192.52.193.0/24', // AMT (RFC 7450)
  '192.88.99.0/24', // Deprecated 6to4 relay anycast (RFC 7526), with 6a44 (RFC 6751)
  '192.168.0.0/16', // Private use (RFC 1918)
  '192.175.48.0/24', // Direct delegation AS112 service (RFC 7534)
  '198.18.0.0/15', // Benchmarking (RFC 2544)
  '198.51.100.0/24', // TEST-NET-2 (RFC 5737)
  '203.0.113.0/24', // TEST-NET-3 (RFC 5737)
  '224.0.0.0/4', // Multicast (RFC 5771)
  '240.0.0.0/4', // Reserved (RFC 1112), with the limited broadcast 255.255.255.255 (RFC 919)
  '2001::/23', // IETF protocol assignments (RFC 2928): Teredo, benchmarking, AMT, AS112-v6, ORCHID, DRIP
  '2001:db8::/32', // Documentation (RFC 3849)
  '2002::/16', // 6to4 (RFC 3056): embeds any IPv4 address
  '2620:4f:8000::/48', // Direct delegation AS112 service (RFC 7534)
  '3fff::/20', // Documentation (RFC 9637)
];

/**
 * Last labels that the public DNS does not have, so that only a private resolver could answer for them. `test` and
 * `example` are none: RFC 6761 asks applications not to treat them as special.
 */
export const NEVER_PUBLIC_NAMES: readonly string[] = [
  'localhost', // RFC 6761 section 6.3
  'invalid', // RFC 6761 section 6.4
  'local', // RFC 6762: multicast DNS
  'arpa', // RFC 3172: infrastructure only; home.arpa (RFC 8375) is every home's own
  'onion', // RFC 7686
  'alt', // RFC 9476
  'internal', // ICANN, 2024: reserved for private use; RFC 6762 appendix G
  'intranet', // RFC 6762 appendix G, down to lan: private top-level domains in use
  'private',
  'corp',
  'home',
  'lan',
  'mail', // ICANN, 2018: never delegated, as corp and home
  'localdomain', // The alias in many an /etc/hosts, and the sandbox's own
];
