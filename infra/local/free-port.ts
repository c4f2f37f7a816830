import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that systems give to outgoing connections (32768 on, 49152 by RFC 6335): one of these is taken only by who asks for it. */
const PORTS = { from: 10_000, below: 32_768 };
const TRIES = 100;

/** A port of 127.0.0.1 that was free a moment ago, for programs that cannot take one themselves. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < TRIES; tried++) {
    const port = randomInt(PORTS.from, PORTS.below);
    if (await isFree(port)) return port;
  }
  throw new Error(`Of ${TRIES} ports that were tried none was free`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
