import { constants } from 'node:crypto';
import { connect } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { REPLY_WIRE_MAX_BYTES } from '../../functions/domain/limits.ts';
import { makeCertificate } from '../support/tls/certificate.ts';
import { until } from '../support/until.ts';
import { afterRequest, answering, NAME, rig, startRaw } from './rig.ts';

const authority = makeCertificate({ name: 'djinn test authority', isAuthority: true });
const good = makeCertificate({ name: NAME, issuer: authority });

const NO_CONTENT = answering('HTTP/1.1 204 No Content\r\n\r\n');

/** The tests' authority in place of the world's. */
const authorities = [authority.cert];

test('sends over TLS to a good certificate', async () => {
  const server = await startRaw(NO_CONTENT, good);
  const { post } = rig({ authorities });
  expect((await post(`https://${NAME}:${server.port}/`)).response?.status).toBe(204);
});

test('dials the address, and asks for the certificate of the name', async () => {
  const names: unknown[] = [];
  const server = await startRaw(
    afterRequest((socket) => {
      names.push((socket as TLSSocket).servername);
      socket.end('HTTP/1.1 204 No Content\r\n\r\n');
    }),
    good,
  );
  const { post, dials } = rig({ authorities });
  await post(`https://${NAME}:${server.port}/`);
  expect(dials.map(({ address }) => address)).toEqual(['127.0.0.1']);
  expect(names).toEqual([NAME]);
});

test('offers HTTP/1.1 alone', async () => {
  const protocols: unknown[] = [];
  const server = await startRaw(
    afterRequest((socket) => {
      protocols.push((socket as TLSSocket).alpnProtocol);
      socket.end('HTTP/1.1 204 No Content\r\n\r\n');
    }),
    { ...good, ALPNProtocols: ['h2', 'http/1.1'] },
  );
  await rig().post(`https://${NAME}:${server.port}/`, { verifyCertificate: false });
  expect(protocols).toEqual(['http/1.1']);
});

const chained = makeCertificate({ name: NAME, issuer: authority });
const REFUSED = [
  [
    'has expired',
    makeCertificate({ name: NAME, issuer: authority, validFromDays: -3, validToDays: -1 }),
    "The receiver's certificate has expired",
  ],
  [
    'is not valid yet',
    makeCertificate({ name: NAME, issuer: authority, validFromDays: 1, validToDays: 3 }),
    "The receiver's certificate is not valid yet",
  ],
  [
    'is for another name',
    makeCertificate({ name: 'other.example.test', issuer: authority }),
    "The receiver's certificate is for another name",
  ],
  ['is self-signed', makeCertificate({ name: NAME }), "The receiver's certificate is self-signed"],
] as const;

test.each(REFUSED)('refuses a certificate that %s', async (_, certificate, message) => {
  const server = await startRaw(NO_CONTENT, certificate);
  const { post } = rig({ authorities });
  expect(await post(`https://${NAME}:${server.port}/`)).toEqual({ error: { class: 'tls', message } });
  expect(server.taken()).toBe(1);
});

test.each([
  ['without it', chained],
  ['with it', { ...chained, cert: chained.cert + authority.cert }],
])('refuses a certificate of an authority that nobody knows, sent %s', async (_, certificate) => {
  const server = await startRaw(NO_CONTENT, certificate);
  const message = "The receiver's certificate comes from an unknown authority";
  expect(await rig().post(`https://${NAME}:${server.port}/`)).toEqual({ error: { class: 'tls', message } });
});

test.each(REFUSED)('takes a certificate that %s where none is verified', async (_, certificate) => {
  const server = await startRaw(NO_CONTENT, certificate);
  const { post } = rig();
  const { response } = await post(`https://${NAME}:${server.port}/`, { verifyCertificate: false });
  expect(response?.status).toBe(204);
});

test.each(['20261301000000Z', 'sometime in May', '\0'.repeat(15)])(
  'takes a certificate that ends at %j where none is verified, tells no end, and closes the socket of one that is',
  async (validToText) => {
    const server = await startRaw(NO_CONTENT, makeCertificate({ name: NAME, issuer: authority, validToText }));
    const { outcome, post } = rig({ authorities });
    const url = `https://${NAME}:${server.port}/`;
    const { response, connection } = await outcome(url, { verifyCertificate: false });
    expect(response?.status).toBe(204);
    expect(connection).not.toHaveProperty('certificateExpiresAt');
    expect((await post(url)).error?.class).toBe('tls');
    await until('the sockets are closed', () => server.open() === 0);
  },
);

/** A message that asks for another handshake: during one it is passed over. */
const HELLO_REQUEST = Buffer.from([22, 3, 3, 0, 4, 0, 0, 0, 0]);

test('gives a receiver up that says more than a handshake takes, and takes one with a long chain', async () => {
  const endless = await startRaw((socket) => {
    const flood = Buffer.concat(Array.from({ length: 7_000 }, () => HELLO_REQUEST));
    const again = () => {
      while (socket.writable && socket.write(flood));
    };
    socket.once('data', again).on('drain', again).resume();
  });
  const { post, sockets } = rig({ authorities });
  const error = { class: 'tls', message: 'No secure connection could be agreed on (TLS)' };
  expect(await post(`https://${NAME}:${endless.port}/`)).toEqual({ error });
  expect(sockets[0]?.bytesRead).toBeLessThan(4 * 1024 * 1024);
  await until('the socket is closed', () => endless.open() === 0);
  const long = await startRaw(NO_CONTENT, { ...good, cert: good.cert + authority.cert.repeat(60) });
  expect((await post(`https://${NAME}:${long.port}/`)).response?.status).toBe(204);
  expect(sockets[1]?.bytesRead).toBeGreaterThan(20_000);
});

test('gives a receiver up that asks for one handshake after the other in place of a reply', async () => {
  const long = { ...good, cert: good.cert + authority.cert.repeat(60) };
  const secureOptions = constants.SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION;
  let handshakes = 0;
  const again = (socket: TLSSocket) => {
    handshakes += 1;
    if (socket.writable) socket.renegotiate({ rejectUnauthorized: false }, () => setImmediate(again, socket));
  };
  const server = await startRaw(
    afterRequest((socket) => again(socket as TLSSocket)),
    { ...long, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', secureOptions },
  );
  const { post, sockets } = rig({ authorities });
  expect((await post(`https://${NAME}:${server.port}/`)).error?.class).toBe('protocol');
  expect(handshakes).toBeGreaterThan(10);
  expect(sockets[0]?.bytesRead).toBeLessThan(2 * REPLY_WIRE_MAX_BYTES);
  await until('the socket is closed', () => server.open() === 0);
});

test('verifies again after a POST that did not', async () => {
  const server = await startRaw(NO_CONTENT, makeCertificate({ name: NAME }));
  const { post } = rig();
  const url = `https://${NAME}:${server.port}/`;
  expect((await post(url, { verifyCertificate: false })).response?.status).toBe(204);
  expect((await post(url)).error?.class).toBe('tls');
});

test('says so when no TLS is spoken', async () => {
  const server = await startRaw((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
  const error = { class: 'tls', message: 'No secure connection could be agreed on (TLS)' };
  expect(await rig().post(`https://${NAME}:${server.port}/`)).toEqual({ error });
});

test.each(['TLSv1', 'TLSv1.1'] as const)('speaks no %s', async (version) => {
  const old = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
  const server = await startRaw(NO_CONTENT, { ...good, ...old });
  const error = { class: 'tls', message: 'No secure connection could be agreed on (TLS)' };
  expect(await rig().post(`https://${NAME}:${server.port}/`)).toEqual({ error });
});

test('outlives a receiver that ends the handshake and breaks it in one breath', async () => {
  const behind = await startRaw(NO_CONTENT, { ...good, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' });
  const brokenRecord = Buffer.from([0x17, 3, 3, 0, 4, 1, 2, 3, 4]);
  const server = await startRaw((socket) => {
    const upstream = connect(behind.port, '127.0.0.1').on('error', () => undefined);
    let flights = 0;
    socket.pipe(upstream).on('data', (chunk: Buffer) => {
      flights += 1;
      // The second flight ends the handshake of TLS 1.2.
      socket.write(flights === 2 ? Buffer.concat([chunk, brokenRecord]) : chunk);
    });
  });
  const { post } = rig({ authorities });
  expect((await post(`https://${NAME}:${server.port}/`)).error?.class).toMatch(/^(tls|connection)$/);
});

test('checks the certificate of an address, and asks for no name', async () => {
  const names: unknown[] = [];
  const server = await startRaw((socket) => {
    names.push((socket as TLSSocket).servername);
    NO_CONTENT(socket);
  }, good);
  const { post } = rig({ authorities });
  const message = "The receiver's certificate is for another name";
  expect(await post(server.url)).toEqual({ error: { class: 'tls', message } });
  expect((await post(server.url, { verifyCertificate: false })).response?.status).toBe(204);
  expect(new Set(names)).toEqual(new Set([false]));
  const local = await startRaw(NO_CONTENT, makeCertificate({ name: 'localhost', issuer: authority }));
  expect(await post(local.url)).toEqual({ error: { class: 'tls', message } });
});

test('gives a receiver up in the time for connecting that never ends the handshake', async () => {
  const server = await startRaw((socket) => socket.resume());
  const error = { class: 'timeout', message: 'The receiver took no connection within 5 s' };
  expect(await rig().post(`https://${NAME}:${server.port}/`)).toEqual({ error });
  await until('the socket is closed', () => server.open() === 0);
});

test('gives a receiver up at the deadline that never ends the handshake', async () => {
  const server = await startRaw((socket) => socket.resume());
  const { post } = rig({ deadlineMs: 300 });
  expect((await post(`https://${NAME}:${server.port}/`)).error?.class).toBe('timeout');
  expect(server.taken()).toBe(1);
  await until('the socket is closed', () => server.open() === 0);
});

test('gives a receiver up at the deadline that never answers', async () => {
  const server = await startRaw(
    afterRequest(() => undefined),
    good,
  );
  const { post } = rig({ authorities, deadlineMs: 500 });
  expect((await post(`https://${NAME}:${server.port}/`)).error?.class).toBe('timeout');
  await until('the socket is closed', () => server.open() === 0);
});
