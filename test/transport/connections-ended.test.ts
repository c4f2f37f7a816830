import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CONNECTION_AGE_MAX_MS, CONNECTION_IDLE_MAX_MS, CONNECTIONS_KEPT_MAX } from '../../functions/domain/limits.ts';
import { makeCertificate } from '../support/tls/certificate.ts';
import { until } from '../support/until.ts';
import { afterRequest, keepingOpen, NAME, NO_CONTENT, rig, standingClock, startRaw } from './rig.ts';

test('is closed when it has waited for as long as servers wait, by a clock that a frozen Lambda cannot stop', async () => {
  const server = await startRaw(keepingOpen(NO_CONTENT));
  const { nowMs, pass } = standingClock();
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
  const { nowMs, pass } = standingClock();
  const { post } = rig({ nowMs });
  const stepMs = CONNECTION_IDLE_MAX_MS / 2;
  for (let ageMs = 0; ageMs < CONNECTION_AGE_MAX_MS; ageMs += stepMs, pass(stepMs)) await post(server.url);
  expect(server.taken()).toBe(1);
  await post(server.url);
  expect(server.taken()).toBe(2);
});

test('closes by itself where nothing more is sent', async () => {
  const server = await startRaw(keepingOpen(NO_CONTENT));
  await rig().post(server.url);
  expect(server.open()).toBe(1);
  await until('it is closed', () => server.open() === 0);
});

test('a reply may take longer than connections are kept', async () => {
  let replies = 0;
  const slow = afterRequest(async (socket) => {
    replies += 1;
    if (replies > 1) await sleep(CONNECTION_IDLE_MAX_MS + 500);
    socket.write(NO_CONTENT);
  });
  const server = await startRaw(slow);
  const { post } = rig();
  for (let nth = 0; nth < 3; nth++) expect((await post(server.url)).response?.status).toBe(204);
  expect(server.taken()).toBe(1);
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

test('a connection over TLS, too: what ends it is no reply', async () => {
  let served = 0;
  const server = await startRaw(
    afterRequest((socket) => {
      served += 1;
      if (served === 2) socket.end();
      else socket.write(NO_CONTENT);
    }),
    makeCertificate({ name: NAME }),
  );
  const { post } = rig();
  const url = `https://${NAME}:${server.port}/`;
  const untrusted = { verifyCertificate: false };
  expect((await post(url, untrusted)).response?.status).toBe(204);
  expect((await post(url, untrusted)).response?.status).toBe(204);
  expect(served).toBe(3);
  expect(server.taken()).toBe(2);
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
  const { outcome } = rig({ deadlineMs: 500 });
  expect((await outcome(server.url)).response?.status).toBe(204);
  expect(await outcome(server.url)).toMatchObject({
    error: { class: 'timeout' },
    connection: { reused: true, remoteAddress: '127.0.0.1' },
  });
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
