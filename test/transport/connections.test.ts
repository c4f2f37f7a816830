import { expect, onTestFinished, test } from 'vitest';
import { CONNECTION_IDLE_MAX_MS } from '../../functions/domain/limits.ts';
import { makeCertificate } from '../support/tls/certificate.ts';
import { type Behaviour, keepingOpen, NAME, NO_CONTENT, rig, standingClock, startRaw } from './rig.ts';

/** Says how many connections it took for so many POSTs, one after the other, that were all answered with a 2xx. */
async function connectionsFor(posts: number, behaviour: Behaviour): Promise<number> {
  const server = await startRaw(behaviour);
  const { post } = rig();
  for (let index = 0; index < posts; index++) expect((await post(server.url)).response?.status).toBeOneOf([200, 204]);
  return server.taken();
}

test.each([
  ['without a body', NO_CONTENT],
  ['with a body of a known length', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine'],
  ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n'],
  ['after an interim response', `HTTP/1.1 103 Early Hints\r\n\r\n${NO_CONTENT}`],
])('uses a connection again after a reply %s', async (_, reply) => {
  expect(await connectionsFor(3, keepingOpen(reply))).toBe(1);
});

test.each([
  ['TCP', undefined],
  ['TLS', makeCertificate({ name: NAME })],
])('counts the bytes of each reply by itself, and leaves nothing behind on a connection over %s', async (_, tls) => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on('warning', note);
  onTestFinished(() => void process.off('warning', note));
  const reply = `HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n${'x'.repeat(50_000)}`;
  const server = await startRaw(keepingOpen(reply), tls);
  const { post, sockets } = rig();
  const listeners: (number | undefined)[] = [];
  for (let nth = 0; nth < 15; nth++) {
    expect((await post(server.url, { verifyCertificate: false })).response?.status).toBe(200);
    listeners.push(sockets[0]?.listenerCount('data'));
  }
  expect(server.taken()).toBe(1);
  expect(new Set(listeners)).toHaveLength(1);
  await new Promise(setImmediate);
  expect(warnings).toEqual([]);
});

test.each([
  ['asks to close', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'],
  ['is of HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['is longer than what is read of it', `HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n${'x'.repeat(200_000)}`],
  ['leaves no second to use it in', 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 0\r\n\r\n'],
])('opens another after a reply that %s', async (_, reply) => {
  expect(await connectionsFor(2, keepingOpen(reply))).toBe(2);
});

test('opens another after a reply that came before the request was read', async () => {
  const server = await startRaw((socket) => {
    socket.once('data', () => {
      socket.pause();
      socket.write(NO_CONTENT);
    });
  });
  const { post, sockets } = rig();
  const body = Buffer.alloc(8 * 1024 * 1024);
  expect((await post(server.url, { body })).response?.status).toBe(204);
  expect(sockets[0]?.destroyed).toBe(true);
  expect((await post(server.url)).response?.status).toBe(204);
  expect(server.taken()).toBe(2);
});

test('a connection is for one URL, and one care for certificates', async () => {
  const server = await startRaw(keepingOpen(NO_CONTENT));
  const { post } = rig();
  await post(`${server.url}a`);
  await post(`${server.url}b`);
  expect(server.taken()).toBe(2);
  await post(`${server.url}a`, { verifyCertificate: false });
  expect(server.taken()).toBe(3);
  await post(`${server.url}a`);
  await post(`${server.url}b`);
  expect(server.taken()).toBe(3);
});

test('serves requests at once by a connection each, and these by the same again', async () => {
  const server = await startRaw(keepingOpen(NO_CONTENT));
  const { post } = rig();
  const four = () => Promise.all([1, 2, 3, 4].map(() => post(server.url)));
  await four();
  expect(server.taken()).toBe(4);
  await four();
  expect(server.taken()).toBe(4);
});

test('uses the one that was used last, so that those that are too many wait until they are closed', async () => {
  const server = await startRaw(keepingOpen(NO_CONTENT));
  const { nowMs, pass } = standingClock();
  const { post } = rig({ nowMs });
  const two = () => Promise.all([post(server.url), post(server.url)]);
  await two();
  for (let step = 0; step < 3; step++) {
    pass(CONNECTION_IDLE_MAX_MS * 0.375);
    await post(server.url);
  }
  expect(server.taken()).toBe(2);
  await two();
  expect(server.taken()).toBe(3);
});

test('checks the name again: one whose address is no longer its own, or no longer admitted, is not used', async () => {
  const server = await startRaw(keepingOpen(NO_CONTENT));
  let answer = ['127.0.0.1'];
  let closed = '';
  const { post, dials } = rig({ resolve: async () => answer, admitsAddress: (address) => address !== closed });
  const url = `http://${NAME}:${server.port}/`;
  await post(url);
  answer = ['127.0.0.2', '127.0.0.1'];
  await post(url);
  expect(dials.map(({ address }) => address)).toEqual(['127.0.0.1']);
  closed = '127.0.0.1';
  expect(await post(url)).toMatchObject({ error: { class: 'blocked' } });
  closed = '';
  answer = ['127.0.0.2'];
  await post(url);
  expect(dials.map(({ address }) => address)).toEqual(['127.0.0.1', '127.0.0.2']);
});

test('a connection that was kept says so, and what its certificate is, and of no time spent on connecting', async () => {
  const authority = makeCertificate({ name: 'djinn test authority', isAuthority: true });
  const server = await startRaw(keepingOpen(NO_CONTENT), makeCertificate({ name: NAME, issuer: authority }));
  const { outcome } = rig({ authorities: [authority.cert], clockMs: () => 0 });
  const url = `https://${NAME}:${server.port}/`;
  const first = (await outcome(url)).connection;
  expect(first?.tlsMs).toBe(0);
  expect((await outcome(url)).connection).toEqual({
    reused: true,
    dnsMs: 0,
    firstByteMs: 0,
    httpVersion: '1.1',
    remoteAddress: '127.0.0.1',
    certificateExpiresAt: first?.certificateExpiresAt,
  });
  expect(server.taken()).toBe(1);
});
