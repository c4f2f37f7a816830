import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { REPLY_KEPT_MAX_BYTES } from '../../functions/domain/limits.ts';
import { afterRequest, answering, NAME, rig, startRaw } from './rig.ts';

test('tells a 204', async () => {
  const server = await startRaw(answering('HTTP/1.1 204 No Content\r\nX-Trace: abc\r\n\r\n'));
  const { response, error } = await rig().post(server.url);
  expect(error).toBeUndefined();
  expect(response).toEqual({ status: 204, headers: [['x-trace', 'abc']], body: Buffer.alloc(0), truncated: false });
});

test('tells a 200 with its body and each of its headers', async () => {
  const server = await startRaw(
    answering('HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 4\r\n\r\nfine'),
  );
  const { response } = await rig().post(server.url);
  expect(response?.status).toBe(200);
  expect(response?.headers).toEqual([
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
    ['content-length', '4'],
  ]);
  expect(Buffer.from(response?.body ?? []).toString()).toBe('fine');
  expect(response?.truncated).toBe(false);
});

test.each([
  ['chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nfi\r\n2\r\nne\r\n0\r\n\r\n'],
  ['ended by the end of the connection', 'HTTP/1.1 200 OK\r\n\r\nfine'],
  ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nfine'],
])('reads a body that is %s', async (_, reply) => {
  const server = await startRaw(answering(reply));
  const { response } = await rig().post(server.url);
  expect(response).toMatchObject({ status: 200, body: Buffer.from('fine'), truncated: false });
});

test.each([500, 410, 429, 304])('tells a %i as a response', async (status) => {
  const server = await startRaw(answering(`HTTP/1.1 ${status} Status\r\nContent-Length: 0\r\nRetry-After: 7\r\n\r\n`));
  const { response, error } = await rig().post(server.url);
  expect(error).toBeUndefined();
  expect(response?.status).toBe(status);
  expect(response?.headers).toContainEqual(['retry-after', '7']);
});

test('writes the request as given: names in their case and order, and the bytes of the body', async () => {
  const requests: Buffer[] = [];
  const server = await startRaw(
    afterRequest((socket, request) => {
      requests.push(request);
      socket.end('HTTP/1.1 204 No Content\r\n\r\n');
    }),
  );
  const body = Buffer.from('{"name":"djinn – \\u0000","n":1.0}');
  await rig().post(`http://${NAME}:${server.port}/a%20b/hook?x=1&y=%2F`, {
    headers: [
      ['Content-Type', 'application/json; charset=utf-8'],
      ['Accept-Encoding', 'identity'],
      ['X-Djinn-CI-Event', 'build.finished'],
      ['webhook-id', '1'],
      ['X-Djinn-CI-Delivery', '2'],
    ],
    body,
  });
  const head = [
    'POST /a%20b/hook?x=1&y=%2F HTTP/1.1',
    `host: ${NAME}:${server.port}`,
    'connection: keep-alive',
    'Content-Type: application/json; charset=utf-8',
    'Accept-Encoding: identity',
    'X-Djinn-CI-Event: build.finished',
    'webhook-id: 1',
    'X-Djinn-CI-Delivery: 2',
    `content-length: ${body.length}`,
  ];
  expect(requests.map(String)).toEqual([`${head.join('\r\n')}\r\n\r\n${body}`]);
});

test.each([0, 1024 * 1024])('sends a body of %i bytes', async (length) => {
  const body = Buffer.alloc(length, 'djinn');
  const bodies: Buffer[] = [];
  const server = await startRaw(
    afterRequest((socket, request) => {
      bodies.push(request.subarray(request.indexOf('\r\n\r\n') + 4));
      socket.end('HTTP/1.1 204 No Content\r\n\r\n');
    }),
  );
  const { response } = await rig().post(server.url, { body });
  expect(response?.status).toBe(204);
  expect(bodies.map((one) => one.equals(body))).toEqual([true]);
});

test.each([301, 302, 303, 307, 308])('does not follow a %i', async (status) => {
  const elsewhere = await startRaw(answering('HTTP/1.1 204 No Content\r\n\r\n'));
  for (const location of [elsewhere.url, 'http://169.254.169.254/latest/meta-data/']) {
    const server = await startRaw(
      answering(`HTTP/1.1 ${status} Moved\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`),
    );
    const { post, dials } = rig();
    const { response } = await post(server.url);
    expect(response).toMatchObject({
      status,
      headers: [
        ['location', location],
        ['content-length', '0'],
      ],
    });
    expect(dials).toEqual([{ address: '127.0.0.1', port: server.port }]);
    expect(server.taken()).toBe(1);
  }
  expect(elsewhere.taken()).toBe(0);
});

test.each([
  [REPLY_KEPT_MAX_BYTES, false],
  [REPLY_KEPT_MAX_BYTES + 1, true],
])('keeps the first 16 KB of a body of %i bytes', async (length, truncated) => {
  const body = Buffer.alloc(length, 'djinn');
  const server = await startRaw(answering(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`, body));
  const { response } = await rig().post(server.url);
  expect(Buffer.from(response?.body ?? []).equals(body.subarray(0, REPLY_KEPT_MAX_BYTES))).toBe(true);
  expect(response?.truncated).toBe(truncated);
});

test('tells headers of whatever name in the order in which they first came', async () => {
  const names = ['Zeta: 1', '__proto__: x', 'constructor: y', '42: z', 'ZETA: 2', '__PROTO__: toString'];
  const server = await startRaw(answering(`HTTP/1.1 204 No Content\r\n${names.join('\r\n')}\r\n\r\n`));
  const { response } = await rig().post(server.url);
  expect(response?.headers).toEqual([
    ['zeta', '1'],
    ['zeta', '2'],
    ['__proto__', 'x'],
    ['__proto__', 'toString'],
    ['constructor', 'y'],
    ['42', 'z'],
  ]);
});

test('a receiver may answer before it has read all, and close', async () => {
  const server = await startRaw((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno'));
  });
  const { response } = await rig().post(server.url, { body: Buffer.alloc(1024 * 1024) });
  expect(response).toMatchObject({ status: 413, body: Buffer.from('no') });
});

test('keeps a compressed body as it came', async () => {
  const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024));
  const server = await startRaw(
    answering(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`, bomb),
  );
  const { response } = await rig().post(server.url);
  expect(response).toMatchObject({ status: 200, body: bomb, truncated: false });
});
