import { expect, test } from 'vitest';
import { dialTcp, type Guard } from '../../functions/transport/connector.ts';
import { makeCertificate } from '../support/tls/certificate.ts';
import { until } from '../support/until.ts';
import { admitsAddress, afterRequest, answering, NAME, NO_CONTENT, rig, startAnswering, startRaw } from './rig.ts';

const UNRESOLVED = { class: 'dns', message: "The receiver's host name could not be resolved" };
const TIMEOUT = { class: 'timeout', message: 'The receiver did not answer within 15 s' };

const never = () => new Promise<never>(() => undefined);
const refused = async () => {
  throw Object.assign(new Error(), { code: 'ECONNREFUSED' });
};

test('tries the next of the addresses that were checked where one does not connect', async () => {
  const server = await startAnswering();
  const dial: Guard['dial'] = (to, signal) => (to.address === '127.0.0.1' ? dialTcp(to, signal) : refused());
  const resolve = async () => ['127.0.0.3', '127.0.0.4', '127.0.0.1', '127.0.0.5'];
  const { post, dials } = rig({ dial, resolve });
  expect((await post(`http://${NAME}:${server.port}/`)).response?.status).toBe(204);
  expect(dials.map(({ address }) => address)).toEqual(['127.0.0.3', '127.0.0.4', '127.0.0.1']);
  expect(server.taken()).toBe(1);
});

test('tries three addresses at most, and says what the last one came to', async () => {
  const resolve = async () => ['127.0.0.3', '127.0.0.4', '127.0.0.5', '127.0.0.1'];
  const { post, dials } = rig({ dial: refused, resolve });
  const message = 'The receiver refused the connection';
  expect(await post(`http://${NAME}/`)).toEqual({ error: { class: 'connection', message } });
  expect(dials).toHaveLength(3);
});

/** A dialler whose sockets fail with a code. */
const failing =
  (code: string): Guard['dial'] =>
  async () => {
    throw Object.assign(new Error(`connect ${code}`), { code });
  };

test.each(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'])(
  'throws %s, which says nothing of the receiver, and tries no other address',
  async (code) => {
    const { post, dials } = rig({ dial: failing(code), resolve: async () => ['127.0.0.3', '127.0.0.1'] });
    await expect(post(`http://${NAME}/`)).rejects.toThrow(code);
    expect(dials).toHaveLength(1);
    const resolve = () => failing(code)({ address: '', port: 0 }, AbortSignal.abort()).then(() => []);
    await expect(rig({ resolve }).post(`http://${NAME}/`)).rejects.toThrow('could not be resolved');
  },
);

test.each(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EACCES', 'EPERM'])(
  'calls it a receiver that cannot be reached where its address may be why: %s',
  async (code) => {
    const message = 'The receiver cannot be reached';
    const error = { class: 'connection', message };
    expect(await rig({ dial: failing(code) }).post(`http://${NAME}/`)).toEqual({ error });
  },
);

test('throws where a socket that is open runs out of buffers', async () => {
  const server = await startRaw(afterRequest(() => undefined));
  const { post, sockets } = rig();
  const posted = post(server.url);
  await until('it is sent', () => server.open() === 1 && (sockets[0]?.bytesWritten ?? 0) > 0);
  sockets[0]?.destroy(Object.assign(new Error('write ENOBUFS'), { code: 'ENOBUFS' }));
  await expect(posted).rejects.toThrow('ENOBUFS');
});

test('gives each address its share of the time for connecting', async () => {
  const server = await startAnswering();
  const given: AbortSignal[] = [];
  const dial: Guard['dial'] = (to, signal) => {
    given.push(signal);
    return to.address === '127.0.0.1' ? dialTcp(to, signal) : never();
  };
  const { post, dials } = rig({ dial, resolve: async () => ['127.0.0.3', '127.0.0.1'] });
  expect((await post(`http://${NAME}:${server.port}/`)).response?.status).toBe(204);
  expect(dials).toHaveLength(2);
  expect(given.map(({ aborted }) => aborted)).toEqual([true, false]);
});

test('says so when no address takes a connection in time', async () => {
  const { post, dials } = rig({ dial: never, resolve: async () => ['127.0.0.3', '127.0.0.4'] });
  const message = 'The receiver took no connection within 5 s';
  expect(await post(`http://${NAME}/`)).toEqual({ error: { class: 'timeout', message } });
  expect(dials).toHaveLength(2);
});

test('dials no second address after the certificate of the first one was refused', async () => {
  const server = await startRaw(answering(NO_CONTENT), makeCertificate({ name: NAME }));
  const { post, dials } = rig({ resolve: async () => ['127.0.0.1', '127.0.0.2'] });
  expect((await post(`https://${NAME}:${server.port}/`)).error?.class).toBe('tls');
  expect(dials).toHaveLength(1);
});

test.each<[string, Guard['resolve']]>([
  [
    'is unknown',
    async () => Promise.reject(Object.assign(new Error(`queryA ENOTFOUND ${NAME}`), { code: 'ENOTFOUND' })),
  ],
  ['no server knows about', async () => Promise.reject(Object.assign(new Error('ETIMEOUT'), { code: 'ETIMEOUT' }))],
  ['has no address', async () => []],
])('says so when a name %s', async (_, resolve) => {
  const { post, dials } = rig({ admitsAddress, resolve });
  expect(await post(`http://${NAME}/`)).toEqual({ error: UNRESOLVED });
  expect(dials).toEqual([]);
});

test('gives the resolver its own time', async () => {
  const given: AbortSignal[] = [];
  const resolve: Guard['resolve'] = (_, signal) => {
    given.push(signal);
    return never();
  };
  const { post, dials } = rig({ resolve });
  const message = "The receiver's host name could not be resolved within 5 s";
  expect(await post(`http://${NAME}/`)).toEqual({ error: { class: 'dns', message } });
  expect([given.map(({ aborted }) => aborted), dials]).toEqual([[true], []]);
});

test('ends at the deadline while the resolver says nothing', async () => {
  const { post, dials } = rig({ admitsAddress, resolve: () => new Promise(() => undefined), deadlineMs: 100 });
  expect(await post(`http://${NAME}/`)).toEqual({ error: TIMEOUT });
  expect(dials).toEqual([]);
});

test('tells the resolver of the deadline, and calls its giving up a timeout', async () => {
  const resolve: Guard['resolve'] = (_, signal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('queryA ECANCELLED'))));
  const { post } = rig({ admitsAddress, resolve, deadlineMs: 100 });
  expect(await post(`http://${NAME}/`)).toEqual({ error: TIMEOUT });
});

test('dials no more when the resolver answers after the deadline', async () => {
  const late = Promise.withResolvers<string[]>();
  const server = await startAnswering();
  const { post, dials } = rig({ resolve: () => late.promise, deadlineMs: 100 });
  expect(await post(`http://${NAME}:${server.port}/`)).toEqual({ error: TIMEOUT });
  late.resolve(['127.0.0.1']);
  await late.promise;
  await new Promise(setImmediate);
  expect(dials).toEqual([]);
  expect(server.taken()).toBe(0);
});

test('ends at the deadline while the dialler says nothing', async () => {
  const { post, dials } = rig({ dial: () => new Promise(() => undefined), deadlineMs: 100 });
  expect(await post(`http://${NAME}/`)).toEqual({ error: TIMEOUT });
  expect(dials).toHaveLength(1);
});

test('dials no further address after the deadline', async () => {
  const { post, dials } = rig({ dial: never, resolve: async () => ['127.0.0.3', '127.0.0.4'], deadlineMs: 100 });
  expect(await post(`http://${NAME}/`)).toEqual({ error: TIMEOUT });
  await new Promise(setImmediate);
  expect(dials).toHaveLength(1);
});

test('gives a connection up that is not there yet', async () => {
  const server = await startAnswering();
  const controller = new AbortController();
  const dialled = dialTcp({ address: '127.0.0.1', port: server.port }, controller.signal);
  controller.abort(new Error('given up'));
  await expect(dialled).rejects.toThrow('given up');
});

test('closes a socket that opens after the deadline', async () => {
  const server = await startAnswering();
  const late = Promise.withResolvers<void>();
  const dial: Guard['dial'] = (to) => late.promise.then(() => dialTcp(to, new AbortController().signal));
  const { post, sockets } = rig({ dial, deadlineMs: 100 });
  expect(await post(server.url)).toEqual({ error: TIMEOUT });
  late.resolve();
  await until('the socket was opened and closed', () => sockets[0]?.destroyed === true && server.open() === 0);
});

test('answers where the dialler throws', async () => {
  const dial: Guard['dial'] = () => {
    throw new Error(`No socket to ${NAME}`);
  };
  expect((await rig({ dial }).post(`http://${NAME}/`)).error?.class).toBe('protocol');
});
