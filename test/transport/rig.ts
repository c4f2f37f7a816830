import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import {
  createServer as createTlsServer,
  type SecureContextOptions,
  type TlsOptions,
  Server as TlsServer,
} from 'node:tls';
import { onTestFinished } from 'vitest';
import type { PostOutcome } from '../../functions/domain/delivery.ts';
import { destinationPolicy } from '../../functions/domain/destination.ts';
import { type Dial, dialTcp, type Guard } from '../../functions/transport/connector.ts';
import { type PosterOptions, type PostRequest, poster } from '../../functions/transport/post.ts';

/** A server below HTTP on a real socket of loopback; the test that starts it stops it. */
export type RawServer = {
  readonly port: number;
  readonly url: string;
  /** Sockets that it ever took, and those of them that are open. */
  readonly taken: () => number;
  readonly open: () => number;
  /** Has connections from now on met by another certificate, where it speaks TLS. */
  readonly certify: (certificate: SecureContextOptions) => void;
  readonly stop: () => Promise<void>;
};

/** What a server does with a socket. */
export type Behaviour = (socket: Socket) => void;

/** A name that only `rig`'s resolver knows. */
export const NAME = 'hooks.example.test';

export const NO_CONTENT = 'HTTP/1.1 204 No Content\r\n\r\n';

/** Time that is ample for anything that ends by itself. */
const AMPLE_MS = 20_000;

/** Starts a server that hands each socket to `behaviour`; with TLS where `tls` is given. */
export async function startRaw(behaviour: Behaviour, tls?: TlsOptions): Promise<RawServer> {
  const sockets = new Set<Socket>();
  let taken = 0;
  const count = (socket: Socket) => {
    taken += 1;
    sockets.add(socket);
    // A client that gives up is what many of these tests are about.
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const server: Server = tls ? createTlsServer(tls, behaviour) : createServer(behaviour);
  server.prependListener('connection', count);
  server.on('secureConnection', (socket: Socket) => socket.on('error', () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    if (!server.listening) return;
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, 'close');
  };
  onTestFinished(stop);
  return {
    port,
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}/`,
    taken: () => taken,
    open: () => sockets.size,
    certify: (certificate) => server instanceof TlsServer && server.setSecureContext(certificate),
    stop,
  };
}

/** Behaviour: reads whole requests, one after the other, and does `then` with each. */
export function afterRequest(then: (socket: Socket, request: Buffer) => void): Behaviour {
  return (socket) => {
    let request = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      request = Buffer.concat([request, chunk]);
      const headEnd = request.indexOf('\r\n\r\n');
      const length = /\r\ncontent-length: (\d+)\r\n/.exec(request.toString('latin1', 0, headEnd + 2))?.[1];
      if (headEnd === -1 || request.length !== headEnd + 4 + Number(length)) return;
      const whole = request;
      request = Buffer.alloc(0);
      then(socket, whole);
    });
  };
}

/** Behaviour: answers a request with these bytes and ends. */
export function answering(...reply: readonly (string | Uint8Array)[]): Behaviour {
  return afterRequest((socket) => {
    for (const part of reply) socket.write(part);
    socket.end();
  });
}

/** Behaviour: answers every request with these bytes and waits for the next. */
export function keepingOpen(reply: string): Behaviour {
  return afterRequest((socket) => socket.write(reply));
}

/** Starts a server that answers 204 and ends. */
export const startAnswering = () => startRaw(answering(NO_CONTENT));

/** A clock that stands still until it is told to go on. */
export function standingClock() {
  let now = 1_000_000;
  return {
    nowMs: () => now,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

/** Public addresses and 127.0.0.1: no other address of loopback. */
export const { admitsAddress } = destinationPolicy({ admitted: ['127.0.0.1/32'] });

/** What is accepted of a payload URL where a test is about something else. */
const acceptAll: Guard['checkUrl'] = (text) => ({ kind: 'accepted', url: new URL(text) });

/** Sends POSTs as `poster` does, from a guard that admits all, knows one name, and tells what was dialled. */
export function rig(differences: Partial<Guard> & PosterOptions = {}) {
  const { deadlineMs = AMPLE_MS, clockMs, nowMs, ...guard } = differences;
  const dials: Parameters<Dial>[0][] = [];
  const sockets: Socket[] = [];
  const dial: Dial = async (to, signal) => {
    dials.push(to);
    const socket = await (guard.dial ?? dialTcp)(to, signal);
    sockets.push(socket);
    return socket;
  };
  const send = poster(
    { checkUrl: acceptAll, admitsAddress: () => true, resolve: async () => ['127.0.0.1'], ...guard, dial },
    { deadlineMs, clockMs, nowMs },
  );
  const outcome = (url: string, request: Partial<PostRequest> = {}): Promise<PostOutcome> =>
    send({ url, headers: [], body: Buffer.from('{"id":1}'), verifyCertificate: true, ...request });
  return {
    dials,
    sockets,
    /** All that a POST came to. */
    outcome,
    /** What a POST came to, but for its connection. */
    async post(url: string, request: Partial<PostRequest> = {}): Promise<Omit<PostOutcome, 'connection'>> {
      const { connection: _, ...rest } = await outcome(url, request);
      return rest;
    },
  };
}
