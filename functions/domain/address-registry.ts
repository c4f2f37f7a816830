/**
 * The networks and names that are no public destination, from the IANA registries (as of 2026):
 * iana-ipv4-special-registry, iana-ipv6-special-registry, ipv4-address-space, ipv6-address-space, special-use-domain-names.
 */

/** A network in CIDR notation (RFC 4632, RFC 4291 section 2.3): '127.0.0.0/8', '::1/128'. Host bits are ignored. */
export type Network = string;

/** What the destination policy goes by. */
export type Registry = {
  /** What may be public at all: addresses outside of these are denied. */
  readonly unicast: readonly Network[];
  /** What of `unicast` is not public. */
  readonly notPublic: readonly Network[];
  /** What no setting of an operator's can open. */
  readonly neverAllowed: readonly Network[];
  /** Last labels of names that are not public. */
  readonly neverPublicNames: readonly string[];
};

/** Of IPv6 only the global unicast space is allocated (ipv6-address-space, RFC 4291); the rest is denied. */
const UNICAST: readonly Network[] = ['0.0.0.0/0', '2000::/3'];

/**
 * The rows of the registries inside UNICAST, also those called "globally reachable": none of them hosts a receiver. Rows
 * that lie in another row are part of it.
 *
 * Denied by not being in 2000::/3, hence not repeated: ::/96, ::1/128, ::ffff:0:0/96, ::ffff:0:0:0/96, 64:ff9b::/96,
 * 64:ff9b:1::/48, 100::/64, 100:0:0:1::/64, 5f00::/16, fc00::/7, fe80::/10, fec0::/10, ff00::/8.
 */
const NOT_PUBLIC: readonly Network[] = [
  // iana-ipv4-special-registry
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
  '240.0.0.0/4', // Reserved (RFC 1112), with the limited broadcast 255.255.255.255 (RFC 919)
  // ipv4-address-space
  '224.0.0.0/4', // Multicast (RFC 5771)
  // iana-ipv6-special-registry
  '2001::/23', // IETF protocol assignments (RFC 2928): Teredo, PCP, TURN, benchmarking, AMT, AS112-v6, ORCHID, DRIP
  '2001:db8::/32', // Documentation (RFC 3849)
  '2002::/16', // 6to4 (RFC 3056): embeds any IPv4 address
  '2620:4f:8000::/48', // Direct delegation AS112 service (RFC 7534)
  '3fff::/20', // Documentation (RFC 9637)
  // No registry's: a public address that its owner answers on for virtual machines alone
  '168.63.129.16/32', // Azure: the platform's own services, from within
];

/** What `allowedNetworks` can never open, however wide they are: ourselves, the link, and who gives out credentials. */
const NEVER_ALLOWED: readonly Network[] = [
  '0.0.0.0/8', // Unspecified
  '127.0.0.0/8', // Loopback
  '169.254.0.0/16', // Link-local, with the metadata of nearly every cloud
  '100.100.100.200/32', // Metadata: Alibaba
  '168.63.129.16/32', // Metadata: Azure
  '192.0.0.192/32', // Metadata: Oracle, of old
  '224.0.0.0/4', // Multicast
  '255.255.255.255/32', // Limited broadcast
  '::/8', // Unspecified, loopback, and all that embeds IPv4: compatible, mapped, translated, NAT64
  '2001::/32', // Teredo (RFC 4380): embeds IPv4
  '2002::/16', // 6to4: embeds IPv4
  'fe80::/10', // Link-local
  'ff00::/8', // Multicast
  'fd00:c1::/32', // Metadata: Oracle
  'fd00:ec2::/32', // Metadata, credentials, DNS and time: AWS
  'fd00:42::42/128', // Metadata: Scaleway
  'fd20:ce::254/128', // Metadata: Google
];

/**
 * Last labels that the public DNS does not have, so that only a private resolver could answer for them. `test` and
 * `example` are none: RFC 6761 asks applications not to treat them as special.
 */
const NEVER_PUBLIC_NAMES: readonly string[] = [
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

export const REGISTRY: Registry = {
  unicast: UNICAST,
  notPublic: NOT_PUBLIC,
  neverAllowed: NEVER_ALLOWED,
  neverPublicNames: NEVER_PUBLIC_NAMES,
};
