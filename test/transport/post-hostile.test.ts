import { setInterval as every } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  INTERIM_RESPONSES_MAX,
  REPLY_HEAD_MAX_BYTES,
  REPLY_KEPT_MAX_BYTES,
  REPLY_READ_MAX_BYTES,
} from '../../functions/domain/limits.ts';
import { until } from '../support/until.ts';
import { afterRequest, answering, type Behaviour, keepingOpen, NO_CONTENT, rig, startRaw } from './rig.ts';

const TIMEOUT = { class: 'timeout', message: 'The receiver did not answer within 15 s' };
const CLOSED = { class: 'connection', message: 'The receiver closed the connection before it answered' };
const NOT_HTTP = { class: 'protocol', message: 'The receiver did not answer in HTTP/1.1' };

/** Long enough for a reply's head to arrive, and soon over. */
const DEADLINE_MS = 1_000;

/** Behaviour: answers with a beginning, and then with the same bytes until the client has had enough. */
function endlessly(beginning: string, bytes: string, everyMs: number): Behaviour {
  return afterRequest(async (socket) => {
    socket.write(beginning);
    for await (const _ of every(everyMs)) {
      if (socket.destroyed) return;
      socket.write(bytes);
    }
  });
}

test.each<[string, Behaviour]>([
  ['takes the request and never answers', afterRequest(() => undefined)],
  ['does not even read the request', (socket) => socket.pause()],
  ['drips a status line', endlessly('HTTP/1.1 200 ', 'O', 20)],
  ['drips headers', endlessly('HTTP/1.1 200 OK\r\n', 'A: b\r\n', 20)],
])('gives a receiver up at the deadline that %s', async (_, behaviour) => {
  const server = await startRaw(behaviour);
  const { post, sockets } = rig({ deadlineMs: DEADLINE_MS });
  expect(await post(server.url, { body: Buffer.alloc(8 * 1024 * 1024) })).toEqual({ error: TIMEOUT });
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true]);
});

test('takes the response of a receiver that drips its body, as far as it came by the deadline', async () => {
  const server = await startRaw(endlessly('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx', 'x', 20));
  const { response, error } = await rig({ deadlineMs: DEADLINE_MS }).post(server.url);
  expect(error).toBeUndefined();
  expect(response).toMatchObject({ status: 200, truncated: true });
  expect(Buffer.from(response?.body ?? []).toString()).toMatch(/^x{1,999}$/);
  await until('the socket is closed', () => server.open() === 0);
});

test('reads about 64 KB of an endless body and keeps 16', async () => {
  const server = await startRaw(endlessly('HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(16 * 1024), 1));
  const { post, sockets } = rig();
  const { response } = await post(server.url);
  expect(response).toMatchObject({ status: 200, truncated: true });
  expect(response?.body).toHaveLength(REPLY_KEPT_MAX_BYTES);
  // What the parser and the socket had taken in before the reading stopped comes on top.
  expect(sockets[0]?.bytesRead).toBeLessThan(4 * REPLY_READ_MAX_BYTES);
  await until('the socket is closed', () => server.open() === 0);
});

test.each([
  ['tiny chunks', '', '1\r\nx\r\n'],
  ['an extension of a chunk', '1;', 'x'],
  ['trailers', '3\r\nxxx\r\n0\r\n', 'A: b\r\n'],
  ['spaces in a trailer', '3\r\nxxx\r\n0\r\nA:', ' '],
  ['zeros before the length of its first chunk', '', '0'],
  ['zeros before the length of its second chunk', '3\r\nxxx\r\n', '0'],
])('reads as little of a chunked body that has %s without end', async (_, beginning, again) => {
  const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
  const server = await startRaw(endlessly(head + beginning, again.repeat(4_000), 1));
  const { post, sockets } = rig();
  const { response, error } = await post(server.url);
  expect(error).toBeUndefined();
  expect(response).toMatchObject({ status: 200, truncated: true });
  expect(Buffer.from(response?.body ?? []).toString()).toMatch(/^x{0,16384}$/);
  expect(sockets[0]?.bytesRead).toBeLessThan(4 * REPLY_READ_MAX_BYTES);
  await until('the socket is closed', () => server.open() === 0);
});

test('keeps no more of a body that comes in one piece', async () => {
  const length = 8 * 1024 * 1024;
  const server = await startRaw(
    answering(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`, Buffer.alloc(length, 'x')),
  );
  const { post, sockets } = rig();
  const { response } = await post(server.url);
  expect(response).toMatchObject({ status: 200, truncated: true });
  expect(response?.body).toHaveLength(REPLY_KEPT_MAX_BYTES);
  expect(sockets[0]?.bytesRead).toBeLessThan(4 * REPLY_READ_MAX_BYTES);
});

test.each<[string, Behaviour]>([
  ['resets the connection before the head', afterRequest((socket) => socket.resetAndDestroy())],
  ['resets the connection at once', (socket) => socket.resetAndDestroy()],
  ['ends the connection before the head', afterRequest((socket) => socket.end())],
  ['ends the connection within the head', answering('HTTP/1.1 200 OK\r\nContent-')],
])('calls it a broken connection when a receiver %s', async (_, behaviour) => {
  const server = await startRaw(behaviour);
  expect(await rig().post(server.url)).toEqual({ error: CLOSED });
  expect(server.taken()).toBe(1);
});

test('says so when nothing listens', async () => {
  const server = await startRaw(() => undefined);
  await server.stop();
  const refused = { class: 'connection', message: 'The receiver refused the connection' };
  expect(await rig().post(server.url)).toEqual({ error: refused });
});

test.each([
  ['within its length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'],
  ['between chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'],
])('takes a response whose body is reset %s', async (_, reply) => {
  const { post, sockets } = rig();
  const server = await startRaw(
    afterRequest(async (socket) => {
      socket.write(reply);
      await until('the reply was read', () => sockets[0]?.bytesRead === reply.length);
      socket.resetAndDestroy();
    }),
  );
  const { response, error } = await post(server.url);
  expect(error).toBeUndefined();
  expect(response).toMatchObject({ status: 200, body: Buffer.from('abc'), truncated: true });
});

test.each<[string, Behaviour]>([
  ['is shorter than its length', answering('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc')],
  [
    'is shorter than its length, of a connection that closes',
    answering('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nabc'),
  ],
  ['ends between chunks', answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n')],
  ['is no longer chunked', answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n')],
])('takes a response whose body %s', async (_, behaviour) => {
  const server = await startRaw(behaviour);
  const { response, error } = await rig().post(server.url);
  expect(error).toBeUndefined();
  expect(response).toMatchObject({ status: 200, body: Buffer.from('abc'), truncated: true });
});

test.each<[string, Behaviour]>([
  ['answers with something else', answering('220 mail.example.com ESMTP\r\n')],
  ['speaks first', (socket) => socket.write('SSH-2.0-OpenSSH_9.9\r\n')],
  ['answers with null bytes', answering(Buffer.alloc(1000))],
  ['has a status of no digits', answering('HTTP/1.1 abc\r\n\r\n')],
  ['has two lengths', answering('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab')],
  ['switches protocols', answering('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n')],
  ['switches protocols without a word', answering('HTTP/1.1 101 Switching Protocols\r\n\r\n')],
])('calls it another protocol when a receiver %s', async (_, behaviour) => {
  const server = await startRaw(behaviour);
  expect(await rig().post(server.url)).toEqual({ error: NOT_HTTP });
  expect(server.taken()).toBe(1);
});

test.each([
  ['many headers', endlessly('HTTP/1.1 200 OK\r\n', `A: ${'b'.repeat(1000)}\r\n`, 1)],
  ['one header', endlessly('HTTP/1.1 200 OK\r\nA: ', 'b'.repeat(1000), 1)],
])('gives a receiver up whose answer has %s without end', async (_, behaviour) => {
  const { post, sockets } = rig();
  const message = 'The receiver answered with headers of more than 16 KB';
  expect(await post((await startRaw(behaviour)).url)).toEqual({ error: { class: 'protocol', message } });
  expect(sockets[0]?.bytesRead).toBeLessThan(4 * REPLY_HEAD_MAX_BYTES);
});

test.each([
  ['line breaks before the head', '', '\r\n'],
  ['spaces before the value of a header', 'HTTP/1.1 200 OK\r\nA:', ' '],
  ['tabs before the value of a header', 'HTTP/1.1 200 OK\r\nA:', '\t'],
  ['spaces before the value of an interim header', 'HTTP/1.1 103 Early Hints\r\nA:', ' '],
  ['line breaks after an interim response', 'HTTP/1.1 102 Processing\r\n\r\n', '\r\n'],
])('gives a receiver up that sends %s without end, which the parser passes over', async (_, beginning, again) => {
  const server = await startRaw(endlessly(beginning, again.repeat(8_000), 1));
  const { post, sockets } = rig({ deadlineMs: 5 * DEADLINE_MS });
  const message = 'The receiver sent more than 80 KB and no end of its headers';
  expect(await post(server.url)).toEqual({ error: { class: 'protocol', message } });
  expect(sockets[0]?.bytesRead).toBeLessThan(4 * REPLY_READ_MAX_BYTES);
  await until('the socket is closed', () => server.open() === 0);
});

test('reads the whole of a reply that has as much as it may, after as many interim responses with as much', async () => {
  const header = (bytes: number) => `A: ${'b'.repeat(bytes)}\r\n`;
  const interim = `HTTP/1.1 103 Early Hints\r\n${header(REPLY_HEAD_MAX_BYTES - 100)}\r\n`;
  const body = 'x'.repeat(REPLY_READ_MAX_BYTES - 100);
  const length = `Content-Length: ${body.length}\r\n`;
  const reply = `HTTP/1.1 200 OK\r\n${length}${header(REPLY_HEAD_MAX_BYTES - 100)}\r\n${body}`;
  const server = await startRaw(keepingOpen(interim.repeat(INTERIM_RESPONSES_MAX) + reply));
  const { post } = rig();
  for (let nth = 0; nth < 3; nth++) expect((await post(server.url)).response?.status).toBe(200);
  expect(server.taken(), 'all of it was read, or the connection would have been closed').toBe(1);
});

test('whatever is thrown while a reply comes is a failed attempt, and ends no process', async () => {
  let hasCome = false;
  const clockMs = () => {
    if (hasCome) throw new Error('The clock is broken');
    return 0;
  };
  const server = await startRaw(
    afterRequest((socket) => {
      hasCome = true;
      socket.write(NO_CONTENT.slice(0, 9));
    }),
  );
  expect((await rig({ clockMs }).post(server.url)).error?.class).toBe('protocol');
  await until('the socket is closed', () => server.open() === 0);
});

test.each(['100 Continue', '102 Processing', '103 Early Hints\r\nLink: </a>; rel=preload', '199 Whatever'])(
  'passes over a %s that nobody asked for',
  async (interim) => {
    const server = await startRaw(
      answering(`HTTP/1.1 ${interim}\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`),
    );
    const { response, error } = await rig().post(server.url);
    expect(error).toBeUndefined();
    expect(response).toMatchObject({ status: 200, body: Buffer.from('ok'), truncated: false });
  },
);

test.each(['100 Continue', '102 Processing', '103 Early Hints'])(
  'passes over %s as often as anybody means it, and no more',
  async (interim) => {
    const often = (times: number) => `HTTP/1.1 ${interim}\r\n\r\n`.repeat(times);
    const [some, many, endless] = await Promise.all([
      startRaw(answering(`${often(INTERIM_RESPONSES_MAX)}HTTP/1.1 204 No Content\r\n\r\n`)),
      startRaw(answering(`${often(INTERIM_RESPONSES_MAX + 1)}HTTP/1.1 204 No Content\r\n\r\n`)),
      startRaw(endlessly('', often(10), 1)),
    ]);
    expect((await rig().post(some.url)).response?.status).toBe(204);
    const message = 'The receiver sent more than 20 interim responses (1xx) and no other';
    for (const { url } of [many, endless]) {
      expect(await rig().post(url)).toEqual({ error: { class: 'protocol', message } });
    }
    await until('the sockets are closed', () => endless.open() === 0 && many.open() === 0);
  },
);

test('leaves no socket open after many receivers that hang', async () => {
  const server = await startRaw(afterRequest(() => undefined));
  const { post, sockets } = rig({ deadlineMs: DEADLINE_MS });
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => post(server.url)));
  expect(outcomes).toEqual(outcomes.map(() => ({ error: TIMEOUT })));
  expect(server.taken()).toBe(50);
  expect(sockets.filter(({ destroyed }) => !destroyed)).toEqual([]);
  await until('all sockets are closed', () => server.open() === 0);
});
