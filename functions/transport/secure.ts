import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { AttemptConnection } from '../domain/connection.ts';
import { HANDSHAKE_MAX_BYTES } from '../domain/limits.ts';
import { HandshakeFloodError } from './connection-errors.ts';
import { orAborted } from './deadline.ts';

/** The bytes of a handshake are counted so often: they are no 'data' of anybody. */
const COUNTED_EVERY_MS = 10;

type Secured = {
  readonly socket: Socket;
  readonly ending: Pick<AttemptConnection, 'certificateExpiresAt'>;
};

/** Agrees on TLS over a socket. Where it comes to nothing, whatever the reason, the socket is closed. */
export async function secure(
  socket: Socket,
  options: {
    readonly host: string;
    readonly verifyCertificate: boolean;
    /** Certificates (PEM) that are trusted in place of the world's. */
    readonly authorities: readonly string[] | undefined;
    readonly signal: AbortSignal;
    /** Told when the handshake is over, whatever it came to. */
    readonly onOver: () => void;
  },
): Promise<Secured> {
  const { host, authorities, signal } = options;
  ignoreErrors(socket);
  let secured: TLSSocket | undefined;
  try {
    secured = connectTls({
      socket,
      // For the certificate: the socket is connected already. SNI knows no addresses (RFC 6066).
      host,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: options.verifyCertificate,
      ...(authorities ? { ca: [...authorities] } : {}),
    });
    ignoreErrors(secured);
    await handshake(secured, socket, signal).finally(options.onOver);
    return { socket: secured, ending: endingOf(secured.getPeerX509Certificate()) };
  } catch (error) {
    secured?.destroy();
    socket.destroy();
    throw error;
  }
}

/** Resolves at its end. TLS has messages that it passes over, without end and while it waits: so bytes are counted below it. */
async function handshake(secured: TLSSocket, socket: Socket, signal: AbortSignal): Promise<void> {
  const bytesMax = socket.bytesRead + HANDSHAKE_MAX_BYTES;
  const count = () => {
    if (socket.bytesRead > bytesMax) secured.destroy(new HandshakeFloodError());
  };
  const timer = setInterval(count, COUNTED_EVERY_MS);
  try {
    await orAborted(once(secured, 'secureConnect'), signal);
  } finally {
    clearInterval(timer);
  }
}

/**
 * The end of a certificate that is not verified may be no date. Its text says so ("Bad time value");
 * the `Date` that Node makes of one is whatever stood in memory, which is a date now and then.
 */
export function endingOf(certificate: X509Certificate | undefined): Secured['ending'] {
  if (!certificate || Number.isNaN(Date.parse(certificate.validTo))) return {};
  return { certificateExpiresAt: certificate.validToDate.toISOString() };
}

/** An error of a socket that nobody waits for any more, or not yet, must not end the process. */
export function ignoreErrors(socket: Socket): void {
  socket.on('error', () => undefined);
}
