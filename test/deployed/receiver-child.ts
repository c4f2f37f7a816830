/**
 * A receiver, in a process of its own wherever it is started. The path of a payload URL says how it answers the requests of one
 * delivery, one after the other and the last answer for ever: `/500/204` fails once, `/503-62/204` asks for 62 seconds first. It tells its
 * parent of each request, and ends with it.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it arrived, and when it did. Of headers that came more than once there is the first. */
export type Arrival = {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly status: number;
  readonly atMs: number;
};

/** What the parent is told: first where it listens, then what arrives. */
export type Told = { readonly port: number } | { readonly arrival: Arrival };

const requestsOf = new Map<string, number>();

const server = createServer(async (request, response) => {
  const atMs = Date.now();
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const headers = Object.fromEntries(
    Object.entries(request.headersDistinct).map(([name, values]) => [name, values?.[0] ?? '']),
  );
  const path = request.url ?? '/';
  const key = `${path} ${headers['x-djinn-ci-delivery']}`;
  const before = requestsOf.get(key) ?? 0;
  requestsOf.set(key, before + 1);
  const answers = path.split('/').slice(1);
  const [status, retryAfter] = (answers[Math.min(before, answers.length - 1)] ?? '').split('-');
  const arrival = { path, headers, body: Buffer.concat(chunks).toString('utf8'), status: Number(status), atMs };
  tell({ arrival });
  response.writeHead(Number(status), retryAfter === undefined ? {} : { 'Retry-After': retryAfter }).end();
});

function tell(what: Told): void {
  process.send?.(what);
}

process.once('disconnect', () => process.exit());
server.listen(0, process.argv[2]);
await once(server, 'listening');
tell({ port: (server.address() as AddressInfo).port });
