import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that a receiver took. `rawHeaders` are names and values as they stood on the wire. */
export type Received = {
  readonly method: string;
  readonly path: string;
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
};

export type Receiver = {
  readonly url: string;
  /** The ledger: everything that arrived, in order. */
  readonly received: readonly Received[];
  readonly stop: () => Promise<void>;
};

/** Answers a request; `nth` counts the requests of the same delivery, from 1. */
export type Answer = (response: ServerResponse, request: Received, nth: number) => void;

/** A receiver on a real socket of loopback, that answers 204 unless told otherwise. */
export async function startReceiver(answer: Answer = (response) => response.writeHead(204).end()): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = '', url = '', rawHeaders, headers } = request;
    const one = { method, path: url, rawHeaders, headers, body: Buffer.concat(chunks) };
    received.push(one);
    answer(response, one, received.filter((other) => deliveryOf(other) === deliveryOf(one)).length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The delivery that a request belongs to, as the receiver sees it. */
export function deliveryOf(request: Received): string {
  return String(request.headers['x-djinn-ci-delivery']);
}
