/** Where a webhook may be sent: the rules for the text of a payload URL, and for every address that is connected to. */
import { isIP } from 'node:net';
import { type Network, REGISTRY, type Registry } from './address-registry.ts';
import { PAYLOAD_URL_MAX_CHARACTERS } from './limits.ts';
import { isIsatap, lazyNetworkSet, networkSet } from './networks.ts';

export type DestinationPolicy = {
  /**
   * The rules for the text of a payload URL, when it is saved and again before each delivery. They help the user and
   * keep names out that only a private resolver knows; the control is `admitsAddress`. Never throws.
   *
   * `accepted` holds the URL as it is to be stored and called: as the WHATWG URL parser writes it, without the root dot
   * of an absolute name, for the Host header, SNI and certificate checks know none. Accepted again, it stays the same.
   * `refused` holds a sentence for the user.
   */
  readonly checkUrl: (
    text: string,
  ) => { readonly kind: 'accepted'; readonly url: URL } | { readonly kind: 'refused'; readonly reason: string };
  /**
   * The control at every connection. Takes the address as DNS or the URL's host has it, IPv6 without brackets; true
   * only for public unicast and admitted networks. False for whatever is no address, and for zone ids (RFC 4007).
   * A name with several addresses is to be refused if any of them is. Never throws.
   */
  readonly admitsAddress: (address: string) => boolean;
};

/** What is said of a payload URL that is too long. */
export const PAYLOAD_URL_TOO_LONG = `Payload URL must be at most ${PAYLOAD_URL_MAX_CHARACTERS} characters, counted after percent-encoding`;
const REQUIRED = 'Payload URL is required';
const UNSAFE_CHARACTERS = 'Payload URL must not contain spaces, backslashes, or characters that cannot be seen';
const OTHER_SCHEME = 'Payload URL must begin with https:// or http://';
const CREDENTIALS = 'Payload URL must not contain a user name or password, nor any other @ before its path';
const INCOMPLETE = 'Payload URL must be a complete URL, such as https://example.com/hook';
const OTHER_PORT = 'Payload URL must use port 80, 443 or one from 1024 to 65535 that no other service is known for';
const BAD_NAME = 'Payload URL must have a valid domain name or IP address';
// One sentence for every such name and address: the refusal tells nobody what our network looks like.
const NOT_PUBLIC_ADDRESS = 'Payload URL must point to a public address';
const OWN_HOST = 'Payload URL must not point to this service itself: what is sent would come back for ever';

/**
 * The bad ports of the Fetch standard from 1024 on: services that a POST could be smuggled into. `fetch` refuses them,
 * so a webhook saved with one could never be delivered by a client of that kind.
 */
const BAD_PORTS: ReadonlySet<number> = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

// Octets of a name and of a label: RFC 1035 section 2.3.4. The underscore is no host name's, but hosts in use have it.
const NAME_MAX_OCTETS = 253;
const NAME = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;

export type PolicyOptions = {
  /**
   * Networks that whoever composes the system admits besides the public ones: as an IP address in a URL and at each
   * connection; where 127.0.0.1 or ::1 is among them, so are the names `localhost` and `*.localhost`.
   */
  readonly admitted?: readonly Network[];
  /** Networks of an operator's own receivers: as above, but what is `neverAllowed` stays closed. */
  readonly allowedNetworks?: readonly Network[];
  /** The URL of our own API, empty where it is not known. Its host is refused: what is sent there would come back for ever. */
  readonly ownUrl?: string;
  readonly registry?: Registry;
};

/** Makes the policy. Throws RangeError where a list of networks holds anything but networks, TypeError for a bad `ownUrl`. */
export function destinationPolicy(options: PolicyOptions = {}): DestinationPolicy {
  const { admitted: alsoAdmitted = [], allowedNetworks = [], ownUrl = '', registry = REGISTRY } = options;
  // The registry's are read when an address first asks for them: most cold starts of the API and the console never do.
  const [unicast, notPublic, neverAllowed] = [
    lazyNetworkSet(registry.unicast),
    lazyNetworkSet(registry.notPublic),
    lazyNetworkSet(registry.neverAllowed),
  ];
  const [allowed, admitted] = [networkSet(allowedNetworks), networkSet(alsoAdmitted)];

  function admitsAddress(address: string): boolean {
    if (admitted(address)) return true;
    if (isIsatap(address)) return false;
    return (unicast(address) && !notPublic(address)) || (allowed(address) && !neverAllowed(address));
  }
  const places: Places = {
    admitsAddress,
    admitsLocalhost: alsoAdmitted.length > 0 && (admitted('127.0.0.1') || admitted('::1')),
    ownHost: ownUrl === '' ? undefined : withoutRootDot(new URL(ownUrl).hostname),
    neverPublicNames: registry.neverPublicNames,
  };

  function checkUrl(text: string): ReturnType<DestinationPolicy['checkUrl']> {
    const reason = refusalOfText(text);
    if (reason !== null) return { kind: 'refused', reason };
    const url = URL.parse(text);
    if (url === null) return { kind: 'refused', reason: INCOMPLETE };
    const refusal = refusalOfPlace(url) ?? refusalOfHost(url.hostname, places);
    if (refusal !== null) return { kind: 'refused', reason: refusal };
    url.hostname = withoutRootDot(url.hostname);
    return { kind: 'accepted', url };
  }
  return { checkUrl, admitsAddress };
}

/** What `new URL` would repair silently, and other parsers read as another host. */
function refusalOfText(text: string): string | null {
  if (text === '') return REQUIRED;
  if (text.length > PAYLOAD_URL_MAX_CHARACTERS) return PAYLOAD_URL_TOO_LONG;
  // Nor those that change which way others run, which whoever reads the URL could be deceived with; and no table takes half of a character.
  if (/[\p{Cc}\p{Cf}\p{Cs}\s\\]/u.test(text)) return UNSAFE_CHARACTERS;
  const beforePath = /^https?:\/\/([^/]*)/i.exec(text)?.[1];
  if (beforePath === undefined) return OTHER_SCHEME;
  if (beforePath === '') return INCOMPLETE;
  // Also behind ? and #, which end the authority here but not in every parser.
  if (beforePath.includes('@')) return CREDENTIALS;
  return null;
}

function refusalOfPlace(url: URL): string | null {
  // Percent-encoding makes one character up to nine.
  if (url.href.length > PAYLOAD_URL_MAX_CHARACTERS) return PAYLOAD_URL_TOO_LONG;
  const port = Number(url.port);
  // The parser leaves the scheme's own port empty.
  const portIsFine = url.port === '' || port === 80 || port === 443 || (port >= 1024 && !BAD_PORTS.has(port));
  return portIsFine ? null : OTHER_PORT;
}

/** What decides on a host. */
type Places = {
  readonly admitsAddress: (address: string) => boolean;
  readonly admitsLocalhost: boolean;
  readonly ownHost: string | undefined;
  readonly neverPublicNames: readonly string[];
};

function refusalOfHost(hostname: string, places: Places): string | null {
  const address = hostname.replace(/^\[|\]$/g, '');
  if (isIP(address) !== 0) {
    if (!places.admitsAddress(address)) return NOT_PUBLIC_ADDRESS;
    return isOwn(hostname, places) ? OWN_HOST : null;
  }
  const name = withoutRootDot(hostname);
  if (name.length > NAME_MAX_OCTETS || !NAME.test(name)) return BAD_NAME;
  if (isOwn(name, places)) return OWN_HOST;
  if (isLocalhost(name) && places.admitsLocalhost) return null;
  // A resolver may complete a single label with a search domain of our own network.
  const isSingleLabel = !name.includes('.');
  const isPrivate = places.neverPublicNames.some((suffix) => name.endsWith(`.${suffix}`));
  return isSingleLabel || isPrivate ? NOT_PUBLIC_ADDRESS : null;
}

/** Where loopback is admitted, receivers of this machine stand beside our own API, on other ports or on its own. */
function isOwn(host: string, { ownHost, admitsLocalhost }: Places): boolean {
  return host === ownHost && !(admitsLocalhost && (isLocalhost(host) || /^(127\..*|\[::1\])$/.test(host)));
}

function isLocalhost(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost');
}

function withoutRootDot(hostname: string): string {
  return hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
}
