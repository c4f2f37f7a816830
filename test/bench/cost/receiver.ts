import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';
import { makeCertificate } from '../../support/tls/certificate.ts';

/** A receiver behind TLS, as receivers are, and in front of it what counts the bytes that are sent to it. */
export type TlsReceiver = {
  readonly port: number;
  /** Bytes that came over its sockets, TLS included, TCP and IP not. */
  readonly bytesReceived: () => number;
  readonly stop: () => Promise<void>;
};

/** What most receivers answer with: the heads of a web server in front of a small program. Always the same bytes. */
const HEADS = {
  server: 'nginx',
  date: 'Mon, 23 Nov 2026 12:00:00 GMT',
  'content-type': 'application/json; charset=utf-8',
  connection: 'keep-alive',
  'x-request-id': '4bf92f3577b34da6a3ce929d0e0e4736',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
};

/** Starts a receiver that answers with `status`. */
export async function startTlsReceiver(name: string, status: () => number): Promise<TlsReceiver> {
  const https = createHttpsServer(makeCertificate({ name }), (request, response) => {
    request.resume().on('end', () => {
      const body = JSON.stringify({ received: status() < 300 });
      response.sendDate = false;
      response.writeHead(status(), { ...HEADS, 'content-length': body.length }).end(body);
    });
  });
  const port = await listening(https);
  let bytes = 0;
  const sockets = new Set<Socket>();
  const front = createServer((socket) => {
    const back = createConnection({ port, host: '127.0.0.1' });
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    socket.pipe(back).pipe(socket);
    for (const one of [socket, back]) one.on('error', () => undefined).on('close', () => sockets.delete(one));
    sockets.add(socket).add(back);
  });
  return {
    port: await listening(front),
    bytesReceived: () => bytes,
    async stop() {
      for (const server of [front, https]) server.close();
      for (const socket of sockets) socket.destroy();
      https.closeAllConnections();
      await Promise.all([front, https].map((server) => server.listening && once(server, 'close')));
    },
  };
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
