import { buildConnector } from 'undici';
import { expect, test, vi } from 'vitest';
import { destinationPolicy } from '../../functions/domain/destination.ts';
import type { Guard } from '../../functions/transport/connector.ts';
import { until } from '../support/until.ts';
import { answering, NAME, rig, startRaw } from './rig.ts';

const BLOCKED = { class: 'blocked', message: 'Payload URL must point to a public address' };
const UNRESOLVED = { class: 'dns', message: "The receiver's host name could not be resolved" };
const TIMEOUT = { class: 'timeout', message: 'The receiver did not answer within 15 s' };

/** Public addresses and 127.0.0.1: no other address of loopback. */
const { admitsAddress } = destinationPolicy({ admitted: ['127.0.0.1/32'] });

const startAnswering = () => startRaw(answering('HTTP/1.1 204 No Content\r\n\r\n'));

test.each([
  'http://127.0.0.2/',
  'http://2130706434/',
  'http://0x7f.2/',
  'http://169.254.169.254/latest/meta-data/',
  'http://10.0.0.1/',
  'http://[::1]/',
  'http://[::ffff:10.0.0.1]/',
  'https://[fd00:ec2::254]/',
])('does not dial %s', async (url) => {
  const { post, dials } = rig({ admitsAddress });
  expect(await post(url)).toEqual({ error: BLOCKED });
  expect(dials).toEqual([]);
});

test.each([
  [['10.0.0.1']],
  [['127.0.0.1', '10.0.0.1']],
  [['10.0.0.1', '127.0.0.1']],
  [['127.0.0.1', '::1']],
  [['127.0.0.1', 'fe80::1%eth0']],
  [['127.0.0.1', 'no address']],
])('does not dial a name with the addresses %j', async (addresses) => {
  const { post, dials } = rig({ admitsAddress, resolve: async () => addresses });
  expect(await post(`http://${NAME}/`)).toEqual({ error: BLOCKED });
  expect(dials).toEqual([]);
});

test('dials the first of the addresses that were checked, by the name in the request', async () => {
  const server = await startAnswering();
  const resolve = vi.fn<Guard['resolve']>(async () => ['127.0.0.1', '93.184.215.14']);
  const { post, dials } = rig({ admitsAddress, resolve });
  expect((await post(`http://${NAME}:${server.port}/`)).response?.status).toBe(204);
  expect(resolve.mock.calls.map(([hostname]) => hostname)).toEqual([NAME]);
  expect(dials).toMatchObject([{ hostname: '127.0.0.1', host: `${NAME}:${server.port}` }]);
});

test('asks no resolver for an address', async () => {
  const server = await startAnswering();
  const resolve = vi.fn<Guard['resolve']>(async () => []);
  expect((await rig({ admitsAddress, resolve }).post(server.url)).response?.status).toBe(204);
  expect(resolve).not.toHaveBeenCalled();
});

test('checks and dials IPv6 without brackets', async () => {
  const dialler: Guard['dialler'] = () => (_, callback) =>
    callback(Object.assign(new Error(), { code: 'ENETUNREACH' }), null);
  const { post, dials } = rig({ admitsAddress, dialler });
  const message = 'The receiver cannot be reached';
  expect(await post('http://[2606:4700:4700::1111]/')).toEqual({ error: { class: 'connection', message } });
  expect(dials.map(({ hostname }) => hostname)).toEqual(['2606:4700:4700::1111']);
});

test('checks the name again at the next POST', async () => {
  const server = await startAnswering();
  const answers = [['127.0.0.1'], ['127.0.0.2']];
  const { post, dials } = rig({ admitsAddress, resolve: async () => answers.shift() ?? [] });
  expect((await post(`http://${NAME}:${server.port}/`)).response?.status).toBe(204);
  expect(await post(`http://${NAME}:${server.port}/`)).toEqual({ error: BLOCKED });
  expect(dials).toHaveLength(1);
  expect(server.taken()).toBe(1);
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
  const { post, dials } = rig({ dialler: () => () => undefined, deadlineMs: 100 });
  expect(await post(`http://${NAME}/`)).toEqual({ error: TIMEOUT });
  expect(dials).toHaveLength(1);
});

test('closes a socket that opens after the deadline', async () => {
  const server = await startAnswering();
  const late = Promise.withResolvers<void>();
  const dial = buildConnector({});
  const dialler: Guard['dialler'] = () => (target, callback) => void late.promise.then(() => dial(target, callback));
  const { post, sockets } = rig({ dialler, deadlineMs: 100 });
  expect(await post(server.url)).toEqual({ error: TIMEOUT });
  late.resolve();
  await until('the socket was opened and closed', () => sockets[0]?.destroyed === true && server.open() === 0);
});

test('answers where the dialler throws', async () => {
  const dialler: Guard['dialler'] = () => () => {
    throw new Error(`No socket to ${NAME}`);
  };
  expect((await rig({ dialler }).post(`http://${NAME}/`)).error?.class).toBe('protocol');
});

test('names no host and no address in what it says', async () => {
  const nobody = await startRaw(() => undefined);
  await nobody.stop();
  const mute = await startRaw((socket) => socket.end());
  const hidden = { admitsAddress: () => false };
  const unknown = { resolve: async () => Promise.reject(new Error(`queryA ENOTFOUND ${NAME}`)) };
  const said = await Promise.all([
    rig().post(nobody.url),
    rig().post(`http://${NAME}:${mute.port}/`),
    rig().post(`https://${NAME}:${mute.port}/`),
    rig(hidden).post(mute.url),
    rig(hidden).post(`http://${NAME}:${mute.port}/`),
    rig(unknown).post(`http://${NAME}:${mute.port}/`),
  ]);
  expect(said.map(({ error }) => error?.class)).toEqual([
    'connection',
    'connection',
    'connection',
    'blocked',
    'blocked',
    'dns',
  ]);
  expect(JSON.stringify(said)).not.toMatch(/example|127\.|\d{4}/);
});
