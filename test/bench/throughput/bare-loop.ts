/**
 * The least that a delivery can be, in a process of its own: a signature and a POST, by a client that keeps its connections. Takes
 * its orders as JSON, and prints what it found.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { Agent } from 'undici';
import { type Orders, payload, say, spent } from './child.ts';

const { url, count, atOnce }: Orders = JSON.parse(process.argv[2] ?? '');
const WARM_UP = 1_000;

const agent = new Agent({ connections: atOnce });
const { origin, pathname } = new URL(url);

async function post(nth: number): Promise<void> {
  const body = payload(nth);
  const signature = createHmac('sha256', 's3cret').update(body).digest('hex');
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'x-djinn-ci-delivery': randomUUID(),
    'x-djinn-ci-signature': `sha256=${signature}`,
  };
  const reply = await agent.request({ origin, path: pathname, method: 'POST', headers, body });
  if (reply.statusCode !== 204) throw new Error(`The receiver answered ${reply.statusCode}`);
  await reply.body.dump();
}

async function postAll(from: number, to: number): Promise<void> {
  let next = from;
  const work = async () => {
    while (next < to) await post(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

await postAll(0, WARM_UP);
const before = spent();
await postAll(WARM_UP, WARM_UP + count);
say(before, count);
await agent.close();
