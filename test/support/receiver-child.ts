/**
 * A receiver in a process of its own, so that it neither dies with the system under test nor shares its event loop. It keeps
 * a ledger, a JSON line for each request, and tells its parent how much it has taken. It ends when it is told to.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How it behaves: it answers after `answerMs`, 500 to a share of requests by chance and 204 to the others. */
export type ReceiverOptions = { readonly ledger: string; readonly failingShare: number; readonly answerMs: number };

/** A request that was answered: a line of the ledger. `at` is when it had arrived, `timestamp` what it says of itself. */
export type LedgerLine = {
  readonly delivery: string;
  readonly webhook: number;
  readonly timestamp: number;
  readonly status: number;
  readonly at: number;
};

/** What the parent is told, again and again: how many requests there were, and of how many deliveries. */
export type Taken = { readonly requests: number; readonly deliveries: number };
/** What it is told first. On `hangingPort` connections are accepted, and nothing is ever read or said. */
export type Listening = { readonly port: number; readonly hangingPort: number };

const TELL_EVERY_MS = 20;

const { ledger, failingShare, answerMs } = JSON.parse(process.argv[2] ?? '') as ReceiverOptions;
const lines = createWriteStream(ledger, { flags: 'a' });
const deliveries = new Set<string>();
let requests = 0;

const server = createServer(async (request, response) => {
  const at = Date.now();
  for await (const _ of request);
  if (answerMs > 0) await sleep(answerMs);
  const status = Math.random() < failingShare ? 500 : 204;
  const line: LedgerLine = { ...headersOf(request), status, at };
  lines.write(`${JSON.stringify(line)}\n`);
  requests += 1;
  deliveries.add(line.delivery);
  response.writeHead(status).end();
});
const hanging = createTcpServer({ pauseOnConnect: true }, (socket) => socket.on('error', () => undefined));

function headersOf({ headers }: IncomingMessage): Pick<LedgerLine, 'delivery' | 'webhook' | 'timestamp'> {
  return {
    delivery: String(headers['x-djinn-ci-delivery']),
    webhook: Number(headers['x-djinn-ci-hook-id']),
    timestamp: Number(headers['webhook-timestamp']),
  };
}

async function listen(one: Server): Promise<number> {
  one.listen(0, '127.0.0.1');
  await once(one, 'listening');
  return (one.address() as AddressInfo).port;
}

process.once('message', () => lines.end(() => process.exit()));
process.once('disconnect', () => process.exit());
process.send?.({ port: await listen(server), hangingPort: await listen(hanging) } satisfies Listening);
setInterval(() => process.send?.({ requests, deliveries: deliveries.size } satisfies Taken), TELL_EVERY_MS);
