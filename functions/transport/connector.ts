import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import { CONNECT_DEADLINE_MS } from '../domain/limits.ts';

/** All addresses of a host, IPv4 first. Rejects where there are none, or when `signal` aborts. */
export type Resolve = (hostname: string, signal: AbortSignal) => Promise<readonly string[]>;

/** Opens a socket to `options.hostname`, which is an address; TLS still goes by the name in `options.host`. */
export type Dial = buildConnector.connector;

export type Guard = {
  readonly resolve: Resolve;
  /** Whether an address may be connected to at all: `domain/destination.ts`. */
  readonly admitsAddress: (address: string) => boolean;
  /** Makes the dialler of one POST. A socket of its that is not yet connected is given up when `signal` aborts. */
  readonly dialler: (options: DialOptions) => Dial;
};

export type DialOptions = { readonly verifyCertificate: boolean; readonly signal: AbortSignal };

/** The host's name could not be resolved. */
export class ResolveError extends Error {
  override readonly name = 'ResolveError';
}

/** The host is, or resolves to, an address that must not be connected to. The addresses are for the operator only. */
export class BlockedAddressError extends Error {
  override readonly name = 'BlockedAddressError';
  readonly addresses: readonly string[];

  constructor(addresses: readonly string[]) {
    super('The host has an address that is not public');
    this.addresses = addresses;
  }
}

/**
 * The one place where a socket to a user's URL is opened, and so the one where addresses are checked: every answer of
 * the resolver must be admitted, and the address that is dialled is one of those that were checked. (A `lookup` hook
 * would not do: Node never calls it for IP literals.)
 */
export function guardedConnector(guard: Guard, options: DialOptions): Dial {
  const dial = guard.dialler(options);
  return (target, callback) => {
    checkedAddress(guard, target.hostname, options.signal)
      .then((hostname) => dial({ ...target, hostname }, callback))
      .catch((error: Error) => callback(error, null));
  };
}

async function checkedAddress(guard: Guard, hostname: string, signal: AbortSignal): Promise<string> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const addresses = isIP(host) === 0 ? await resolveOrExplain(guard.resolve, host, signal) : [host];
  // A resolver may answer after the POST has ended.
  signal.throwIfAborted();
  const [first] = addresses;
  if (first === undefined) throw new ResolveError('The host has no address');
  if (!addresses.every((address) => guard.admitsAddress(address))) throw new BlockedAddressError(addresses);
  return first;
}

async function resolveOrExplain(resolve: Resolve, host: string, signal: AbortSignal): Promise<readonly string[]> {
  try {
    return await resolve(host, signal);
  } catch (cause) {
    throw new ResolveError('The host could not be resolved', { cause });
  }
}

/**
 * Asks DNS for both families. By a resolver of its own and not by `dns.lookup`, which shares four threads with everything
 * else in the process and cannot be cancelled: one slow name server would stall every delivery.
 */
export const resolveByDns: Resolve = async (hostname, signal) => {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel);
  const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  signal.removeEventListener('abort', cancel);
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  const refusal = answers.find((answer) => answer.status === 'rejected');
  if (addresses.length === 0 && refusal !== undefined) throw refusal.reason;
  return addresses;
};

/** Dials with undici's own connector. */
export function dialler({ verifyCertificate, signal }: DialOptions): Dial {
  return buildConnector({
    timeout: CONNECT_DEADLINE_MS,
    rejectUnauthorized: verifyCertificate,
    allowH2: false,
    signal,
  });
}
