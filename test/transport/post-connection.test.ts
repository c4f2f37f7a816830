import type { TlsOptions } from 'node:tls';
import { expect, test } from 'vitest';
import { type Dial, dialTcp } from '../../functions/transport/connector.ts';
import { makeCertificate } from '../support/tls/certificate.ts';
import { afterRequest, answering, NAME, NO_CONTENT, rig, standingClock, startRaw } from './rig.ts';

const authority = makeCertificate({ name: 'djinn test authority', isAuthority: true });

test('tells how long each step took, and what the receiver is', async () => {
  const { nowMs: clockMs, pass: takes } = standingClock();
  const tls: TlsOptions = {
    ...makeCertificate({ name: NAME, issuer: authority, validToDays: 9 }),
    SNICallback(_, callback) {
      takes(7);
      callback(null);
    },
  };
  const server = await startRaw(
    afterRequest((socket) => {
      takes(11);
      socket.end(NO_CONTENT);
    }),
    tls,
  );
  const dial: Dial = async (to, signal) => {
    const socket = await dialTcp(to, signal);
    takes(5);
    return socket;
  };
  const resolve = async () => {
    takes(3);
    return ['127.0.0.1'];
  };
  const { outcome } = rig({ clockMs, dial, resolve, authorities: [authority.cert] });
  const { connection } = await outcome(`https://${NAME}:${server.port}/`);
  expect(connection).toEqual({
    dnsMs: 3,
    connectMs: 5,
    tlsMs: 7,
    firstByteMs: 26,
    httpVersion: '1.1',
    certificateExpiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/),
    remoteAddress: '127.0.0.1',
  });
  const daysLeft = (Date.parse(connection?.certificateExpiresAt ?? '') - Date.now()) / (24 * 60 * 60 * 1000);
  expect(Math.round(daysLeft)).toBe(9);
});

test('tells nothing of steps that there are not', async () => {
  const server = await startRaw(answering('HTTP/1.0 200 OK\r\n\r\n'));
  const { connection } = await rig({ clockMs: () => 0 }).outcome(server.url);
  expect(connection).toEqual({ connectMs: 0, firstByteMs: 0, httpVersion: '1.0', remoteAddress: '127.0.0.1' });
});

test('counts the first byte of an interim response', async () => {
  const { nowMs: clockMs, pass: takes } = standingClock();
  const server = await startRaw(
    afterRequest((socket) => {
      takes(2);
      socket.write('HTTP/1.1 103 Early Hints\r\n\r\n', () => {
        setTimeout(() => {
          takes(100);
          socket.end(NO_CONTENT);
        }, 100);
      });
    }),
  );
  const { connection } = await rig({ clockMs }).outcome(server.url);
  expect(connection?.firstByteMs).toBe(2);
});

test('tells of a failed attempt what it came to', async () => {
  const { nowMs: clockMs, pass: takes } = standingClock();
  const resolve = async () => {
    takes(3);
    return ['127.0.0.8', '127.0.0.9'];
  };
  const dial: Dial = async () => {
    takes(4);
    throw Object.assign(new Error(), { code: 'ECONNREFUSED' });
  };
  expect((await rig({ clockMs, resolve, dial }).outcome(`http://${NAME}/`)).connection).toEqual({
    dnsMs: 3,
    connectMs: 8,
    remoteAddress: '127.0.0.9',
  });
  const unknown = async () => {
    takes(6);
    throw new Error('queryA ENOTFOUND');
  };
  expect((await rig({ clockMs, resolve: unknown }).outcome(`http://${NAME}/`)).connection).toEqual({ dnsMs: 6 });
  const server = await startRaw(answering(NO_CONTENT), makeCertificate({ name: NAME }));
  const refused = await rig({ clockMs: () => 0 }).outcome(`https://${NAME}:${server.port}/`);
  expect(refused).toMatchObject({ error: { class: 'tls' }, connection: { tlsMs: 0, remoteAddress: '127.0.0.1' } });
});

test('tells no address of a destination that was refused', async () => {
  const { outcome } = rig({ clockMs: () => 0, admitsAddress: () => false });
  expect((await outcome(`http://${NAME}/`)).connection).toEqual({ dnsMs: 0 });
});
