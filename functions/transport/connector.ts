import { once } from 'node:events';
import { createConnection, isIP, type Socket } from 'node:net';
import type { AttemptConnection } from '../domain/connection.ts';
import type { DestinationPolicy } from '../domain/destination.ts';
import { ADDRESSES_TRIED_MAX, CONNECT_DEADLINE_MS, RESOLVE_DEADLINE_MS } from '../domain/limits.ts';
import { BlockedError, ConnectTimeoutError, ResolveError, ResolveTimeoutError } from './connection-errors.ts';
import type { Connection, Connections } from './connections.ts';
import { deadline, orAborted } from './deadline.ts';
import { isOwnTrouble } from './post-errors.ts';
import type { Resolve } from './resolve-by-dns.ts';
import { ignoreErrors, secure } from './secure.ts';

/** Opens a TCP connection to an address. What is not yet connected is given up when `signal` aborts. */
export type Dial = (to: { readonly address: string; readonly port: number }, signal: AbortSignal) => Promise<Socket>;

export type Guard = Pick<DestinationPolicy, 'checkUrl' | 'admitsAddress'> & {
  readonly resolve: Resolve;
  readonly dial: Dial;
  /** Certificates (PEM) that are trusted in place of the world's. */
  readonly authorities?: readonly string[];
  /** Told of every destination that was refused, for the operator, and for which of its addresses: a receiver's DNS may name thousands. */
  readonly onBlocked?: (host: string, refused: readonly string[]) => void;
};

export type ConnectOptions = {
  readonly verifyCertificate: boolean;
  readonly signal: AbortSignal;
  /** Milliseconds of a clock that never goes back. */
  readonly clockMs: () => number;
  /** Told what becomes known of the connection, step by step. */
  readonly note: (facts: AttemptConnection) => void;
};

/**
 * The one place where connections to users' URLs come from, and so the one where addresses are checked, each time: every
 * answer of the resolver must be admitted, and what is dialled is one of those that were checked. The name stays for SNI and
 * the certificate. A connection of `kept` is used again only where its address is among them, too. Throws what
 * `post-errors.ts` explains.
 */
export async function connect(
  guard: Guard,
  url: URL,
  options: ConnectOptions & { readonly kept?: Connections | undefined },
): Promise<Connection> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const addresses = isIP(host) === 0 ? await resolved(guard.resolve, host, options) : [host];
  const refused = addresses.filter((address) => !guard.admitsAddress(address));
  if (refused.length > 0) throw new BlockedError('The host has an address that is not public', refused);
  const destination = `${url.href} ${options.verifyCertificate}`;
  const kept = options.kept?.take(destination, addresses);
  if (kept) {
    options.note({ ...kept.facts, reused: true });
    return kept;
  }
  const isSecure = url.protocol === 'https:';
  const port = Number(url.port) || (isSecure ? 443 : 80);
  return { ...(await opened(guard, { host, addresses, port, isSecure }, options)), destination };
}

type Opened = Omit<Connection, 'destination'>;

/** Where all addresses are admitted. */
type Checked = {
  readonly host: string;
  readonly addresses: readonly string[];
  readonly port: number;
  readonly isSecure: boolean;
};

async function resolved(resolve: Resolve, host: string, options: ConnectOptions): Promise<readonly string[]> {
  const startedMs = options.clockMs();
  const resolving = deadline(RESOLVE_DEADLINE_MS, () => new ResolveTimeoutError(), options.signal);
  try {
    const addresses = await orAborted(resolve(host, resolving.signal), resolving.signal);
    if (addresses.length === 0) throw new ResolveError('The host has no address');
    return addresses;
  } catch (cause) {
    // A resolver that is told to give up says so in its own way.
    if (resolving.signal.aborted) throw resolving.signal.reason;
    throw new ResolveError('The host could not be resolved', { cause });
  } finally {
    resolving.clear();
    options.note({ dnsMs: spent(startedMs, options) });
  }
}

async function opened(guard: Guard, to: Checked, options: ConnectOptions): Promise<Opened> {
  const connecting = deadline(CONNECT_DEADLINE_MS, () => new ConnectTimeoutError(), options.signal);
  try {
    const within = { ...options, signal: connecting.signal };
    const dialled = await dialInTurn(guard, to, within);
    return to.isSecure ? await secured(guard, { ...dialled, host: to.host }, within) : dialled;
  } finally {
    connecting.clear();
  }
}

/**
 * Dials one of the addresses that were checked: the first or, where that one does not connect in its share of the time,
 * the next. Throws what the last one came to; or at once what says nothing of any of them.
 */
async function dialInTurn(guard: Guard, { addresses, port }: Checked, options: ConnectOptions): Promise<Opened> {
  const startedMs = options.clockMs();
  const tried = addresses.slice(0, ADDRESSES_TRIED_MAX);
  let failure: unknown;
  for (const [index, address] of tried.entries()) {
    const facts = { remoteAddress: address };
    options.note(facts);
    const isLast = index === tried.length - 1;
    const shareMs = isLast ? CONNECT_DEADLINE_MS : CONNECT_DEADLINE_MS / tried.length;
    try {
      const socket = await dialOnce(guard, { address, port }, { signal: options.signal, shareMs });
      return { socket, wire: socket, address, facts };
    } catch (error) {
      if (options.signal.aborted) throw options.signal.reason;
      if (isOwnTrouble(error)) throw error;
      failure = error;
    } finally {
      options.note({ connectMs: spent(startedMs, options) });
    }
  }
  throw failure;
}

async function dialOnce(
  guard: Guard,
  to: Parameters<Dial>[0],
  { signal, shareMs }: { readonly signal: AbortSignal; readonly shareMs: number },
): Promise<Socket> {
  const share = deadline(shareMs, () => new ConnectTimeoutError(), signal);
  const dialled = Promise.try(() => guard.dial(to, share.signal));
  try {
    return await orAborted(dialled, share.signal);
  } catch (error) {
    // Who dials may be late, and then nobody wants the socket.
    dialled.then(
      (socket) => socket.destroy(),
      () => undefined,
    );
    throw error;
  } finally {
    share.clear();
  }
}

async function secured(
  guard: Guard,
  { socket, host, address, facts }: Opened & { readonly host: string },
  options: ConnectOptions,
): Promise<Opened> {
  const startedMs = options.clockMs();
  const { authorities } = guard;
  const onOver = () => options.note({ tlsMs: spent(startedMs, options) });
  const secured = await secure(socket, { ...options, host, authorities, onOver });
  options.note(secured.ending);
  return { socket: secured.socket, wire: socket, address, facts: { ...facts, ...secured.ending } };
}

function spent(sinceMs: number, { clockMs }: ConnectOptions): number {
  return Math.max(0, Math.round(clockMs() - sinceMs));
}

/** Dials by the machine's own network. */
export const dialTcp: Dial = async ({ address, port }, signal) => {
  const socket = createConnection({ host: address, port, noDelay: true });
  ignoreErrors(socket);
  const giveUp = () => socket.destroy(signal.reason);
  signal.addEventListener('abort', giveUp);
  try {
    await once(socket, 'connect');
    return socket;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
};
