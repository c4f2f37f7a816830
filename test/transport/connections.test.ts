import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CONNECTION_AGE_MAX_MS, CONNECTION_IDLE_MAX_MS, CONNECTIONS_KEPT_MAX } from '../../functions/domain/limits.ts';
import { makeCertificate } from '../support/tls/certificate.ts';
import { until } from '../support/until.ts';
import { afterRequest, type Behaviour, keepingOpen, NAME, rig, startRaw } from './rig.ts';

const NO_CONTENT = 'HTTP/1.1 204 No Content\r\n\r\n';

/** A clock that stands still until it is told to go on. */
function clock() {
  let now = 1_000_000;
  return {
    nowMs: () => now,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

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
  const { nowMs, pass } = clock();
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

test('is closed when it has waited for as long as servers wait, by a clock that a frozen Lambda cannot stop', async () => {
  const server = await startRaw(keepingOpen(NO_CONTENT));
  const { nowMs, pass } = clock();
  const { post } = rig({ nowMs });
  await post(server.url);
  pass(CONNECTION_IDLE_MAX_MS - 1);
  await post(server.url);
  expect(server.taken()).toBe(1);
  pass(CONNECTION_IDLE_MAX_MS);
  await post(server.url);
  expect(server.taken()).toBe(2);
  await until('the first is closed', () => server.open() === 1);
});

test('is closed after a minute of use, so that a certificate is checked again', async () => {
  const server = await startRaw(keepingOpen(NO_CONTENT));
  const { nowMs, pass } = clock();
  const { post } = rig({ nowMs });
  const stepMs = CONNECTION_IDLE_MAX_MS / 2;
  for (let ageMs = 0; ageMs < CONNECTION_AGE_MAX_MS; ageMs += stepMs, pass(stepMs)) await post(server.url);
  expect(server.taken()).toBe(1);
  await post(server.url);
  expect(server.taken()).toBe(2);
});

test('closes by itself where nothing more is sent', { timeout: 2 * CONNECTION_IDLE_MAX_MS }, async () => {
  const server = await startRaw(keepingOpen(NO_CONTENT));
  await rig().post(server.url);
  expect(server.open()).toBe(1);
  await until('it is closed', () => server.open() === 0);
});

test('a reply may take longer than connections are kept', { timeout: 3 * CONNECTION_IDLE_MAX_MS }, async () => {
  let replies = 0;
  const slow = afterRequest(async (socket) => {
    replies += 1;
    if (replies > 1) await sleep(CONNECTION_IDLE_MAX_MS + 500);
    socket.write(NO_CONTENT);
  });
  expect(await connectionsFor(3, slow)).toBe(1);
});

test('a connection that the receiver has given up is replaced, and the request sent once more, no oftener', async () => {
  const requests: string[] = [];
  let served = 0;
  const server = await startRaw(
    afterRequest((socket, request) => {
      served += 1;
      requests.push(request.toString());
      if (served === 1) socket.write(NO_CONTENT);
      else socket.destroy();
    }),
  );
  const { post, dials } = rig();
  expect((await post(server.url)).response?.status).toBe(204);
  expect(await post(server.url)).toMatchObject({ error: { class: 'connection' } });
  expect(dials).toHaveLength(2);
  expect(requests).toHaveLength(3);
  expect(new Set(requests)).toHaveLength(1);
});

test('one that has just ended is not used', async () => {
  const server = await startRaw(keepingOpen(NO_CONTENT));
  const { post, sockets } = rig();
  await post(server.url);
  sockets[0]?.destroy();
  expect((await post(server.url)).response?.status).toBe(204);
  expect(server.taken()).toBe(2);
});

test('a receiver that does not answer over a kept connection is not asked again', async () => {
  let served = 0;
  const server = await startRaw(
    afterRequest((socket) => {
      served += 1;
      if (served === 1) socket.write(NO_CONTENT);
    }),
  );
  const { post } = rig({ deadlineMs: 500 });
  expect((await post(server.url)).response?.status).toBe(204);
  expect(await post(server.url)).toMatchObject({ error: { class: 'timeout' } });
  expect(served).toBe(2);
  expect(server.taken()).toBe(1);
});

test('a request is not sent again once a byte of the reply has come', async () => {
  let served = 0;
  const server = await startRaw(
    afterRequest((socket) => {
      served += 1;
      if (served === 1) socket.write(NO_CONTENT);
      else socket.end('HTTP/1.1 2');
    }),
  );
  const { post } = rig();
  await post(server.url);
  expect((await post(server.url)).error).toBeDefined();
  expect(served).toBe(2);
});

test('what a receiver says unasked is the reply to nothing', async () => {
  const late = 'HTTP/1.1 500 Late\r\nContent-Length: 0\r\n\r\n';
  const sayUnasked = new Set<() => void>();
  const server = await startRaw(
    afterRequest((socket) => {
      socket.write(NO_CONTENT);
      sayUnasked.add(() => socket.write(late));
    }),
  );
  const { post, sockets } = rig();
  await post(server.url);
  for (const say of sayUnasked) say();
  await until('it has come', () => (sockets[0]?.bytesRead ?? 0) === NO_CONTENT.length + late.length);
  expect((await post(server.url)).response?.status).toBe(204);
  expect(server.taken()).toBe(2);
});

test('what comes behind a reply in the same packet is not the reply to the next request', async () => {
  const server = await startRaw(keepingOpen(`${NO_CONTENT}HTTP/1.1 500 Smuggled\r\nContent-Length: 0\r\n\r\n`));
  const { post } = rig();
  for (let index = 0; index < 3; index++) expect((await post(server.url)).response?.status).toBe(204);
});

test(`keeps ${CONNECTIONS_KEPT_MAX} at most, and closes the oldest`, async () => {
  const server = await startRaw(keepingOpen(NO_CONTENT));
  const { post } = rig();
  const paths = Array.from({ length: CONNECTIONS_KEPT_MAX + 1 }, (_, index) => `${server.url}${index}`);
  for (const url of paths) await post(url);
  await until('one is closed', () => server.open() === CONNECTIONS_KEPT_MAX);
  for (const url of paths.slice(1)) await post(url);
  expect(server.taken()).toBe(paths.length);
  await post(paths[0] ?? '');
  expect(server.taken()).toBe(paths.length + 1);
});

test('those that have ended do not count', async () => {
  const dying = await startRaw(afterRequest((socket) => socket.end(NO_CONTENT)));
  const server = await startRaw(keepingOpen(NO_CONTENT));
  const { post } = rig();
  for (let index = 0; index < CONNECTIONS_KEPT_MAX; index++) await post(`${dying.url}${index}`);
  await until('all are closed', () => dying.open() === 0);
  for (let index = 0; index <= CONNECTIONS_KEPT_MAX; index++) await post(`${server.url}${index}`);
  await until('one is closed', () => server.open() === CONNECTIONS_KEPT_MAX);
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
