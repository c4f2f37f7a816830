import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TlsOptions } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { PostChildInput, PostChildOutput } from '../support/post-child.ts';
import { makeCertificate } from '../support/tls/certificate.ts';
import { afterRequest, answering, type Behaviour, startRaw } from './rig.ts';

const OVER_IDLE_MAX_BYTES = 64 * 1024 * 1024;
const RECEIVERS_OF_A_KIND = 9;
const OK = 'HTTP/1.1 200 OK\r\n';

/** Writes the same bytes for as long as the client takes them, as fast as it does. */
async function flood(socket: Socket, bytes: Buffer): Promise<void> {
  while (!socket.destroyed) {
    if (socket.write(bytes)) await new Promise(setImmediate);
    else await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
  }
}

/** Behaviour: answers with a beginning, and then with the same text again and again, some 64 KB at a time. */
function flooding(beginning: string, again: string): Behaviour {
  const bytes = Buffer.from(again.repeat(Math.ceil((64 * 1024) / again.length)));
  return afterRequest((socket) => {
    socket.write(beginning);
    flood(socket, bytes).catch(() => undefined);
  });
}

/** Behaviour: answers with a beginning, and then with a byte now and then. */
function dripping(beginning: string): Behaviour {
  return afterRequest((socket) => {
    socket.write(beginning);
    const timer = setInterval(() => socket.write('x'), 20);
    socket.on('close', () => clearInterval(timer));
  });
}

const BOMB = gzipSync(Buffer.alloc(50_000_000));

const certificate = makeCertificate({ name: 'hooks.example.test' });

/** Ways to be hostile, what a POST comes to, and the TLS that is spoken, where it is. */
const HOSTILE: readonly (readonly [Behaviour, string, TlsOptions?])[] = [
  [afterRequest(() => undefined), 'timeout'],
  [dripping(OK), 'timeout'],
  [dripping(`${OK}\r\n`), '200'],
  [flooding(`${OK}\r\n`, 'x'), '200'],
  [flooding(`${OK}Transfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n'), '200'],
  [flooding(`${OK}Transfer-Encoding: chunked\r\n\r\n1;`, 'x'), '200'],
  [flooding(`${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n`, 'A: b\r\n'), '200'],
  [flooding(`${OK}Transfer-Encoding: chunked\r\n\r\n`, '0'), '200'],
  [flooding(OK, 'A: b\r\n'), 'protocol'],
  [flooding('', '\r\n'), 'protocol'],
  [flooding('', 'HTTP/1.1 103 Early Hints\r\n\r\n'), 'protocol'],
  [answering(`${OK}Content-Encoding: gzip\r\n\r\n`, BOMB), '200'],
  [afterRequest(() => undefined), 'tls', certificate],
  [flooding(OK, 'A: b\r\n'), 'tls', { ...certificate, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' }],
];

test('more than a hundred hostile receivers at once cost less than 64 MB', async () => {
  const servers = await Promise.all(HOSTILE.map(([behaviour, , tls]) => startRaw(behaviour, tls)));
  const rounds = Array.from({ length: RECEIVERS_OF_A_KIND }, () => servers.map(({ url }) => url));
  const urls = rounds.flat();
  expect(urls.length).toBeGreaterThan(100);
  const input: PostChildInput = { urls, deadlineMs: 10_000 };
  const child = spawn(
    process.execPath,
    ['--expose-gc', new URL('../support/post-child.ts', import.meta.url).pathname],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  child.stdin.end(JSON.stringify(input));
  const { outcomes, idleBytes, peakBytes }: PostChildOutput = JSON.parse(await text(child.stdout));
  expect(outcomes).toEqual(urls.map((_, nth) => HOSTILE[nth % HOSTILE.length]?.[1]));
  expect(servers.map((server) => server.taken())).toEqual(servers.map(() => RECEIVERS_OF_A_KIND));
  expect(peakBytes - idleBytes).toBeLessThan(OVER_IDLE_MAX_BYTES);
});
