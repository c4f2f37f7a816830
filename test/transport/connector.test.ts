import { expect, test, vi } from 'vitest';
import { destinationPolicy } from '../../functions/domain/destination.ts';
import { dialTcp, type Guard } from '../../functions/transport/connector.ts';
import { admitsAddress, afterRequest, NAME, rig, startAnswering, startRaw } from './rig.ts';

const BLOCKED = { class: 'blocked', message: 'Payload URL must point to a public address' };

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

test('dials the first of the addresses that were checked', async () => {
  const server = await startAnswering();
  const resolve = vi.fn<Guard['resolve']>(async () => ['127.0.0.1', '93.184.215.14']);
  const { post, dials } = rig({ admitsAddress, resolve });
  expect((await post(`http://${NAME}:${server.port}/`)).response?.status).toBe(204);
  expect(resolve.mock.calls.map(([hostname]) => hostname)).toEqual([NAME]);
  expect(dials).toEqual([{ address: '127.0.0.1', port: server.port }]);
});

test('reaches a receiver that has an IPv6 address alone', async () => {
  const dial: Guard['dial'] = ({ port }, signal) => dialTcp({ address: '127.0.0.1', port }, signal);
  const server = await startAnswering();
  const { post, dials } = rig({ admitsAddress, dial, resolve: async () => ['2606:4700:4700::1111'] });
  expect((await post(`http://${NAME}:${server.port}/`)).response?.status).toBe(204);
  expect(dials).toEqual([{ address: '2606:4700:4700::1111', port: server.port }]);
});

test('holds the URL to the rules for its text again', async () => {
  const policy = destinationPolicy({ admitted: ['127.0.0.1/32'], ownUrl: 'https://ci.example.com' });
  const { post, dials } = rig(policy);
  const urls = [
    'https://ci.example.com/events',
    'https://CI.EXAMPLE.COM./',
    'http://127.0.0.1:22/',
    'http://db.internal/',
  ];
  for (const url of [...urls, 'ftp://127.0.0.1/', 'no url']) expect(await post(url)).toEqual({ error: BLOCKED });
  expect(dials).toEqual([]);
});

test('calls the URL as its rules write it: without the root dot, which no certificate has', async () => {
  const heads: string[] = [];
  const server = await startRaw(
    afterRequest((socket, request) => {
      heads.push(request.toString());
      socket.end('HTTP/1.1 204 No Content\r\n\r\n');
    }),
  );
  const resolve = vi.fn<Guard['resolve']>(async () => ['127.0.0.1']);
  const { post } = rig({ ...destinationPolicy({ admitted: ['127.0.0.1/32'] }), resolve });
  expect((await post(`http://HOOKS.example.test.:${server.port}/`)).response?.status).toBe(204);
  expect(resolve.mock.calls.map(([hostname]) => hostname)).toEqual([NAME]);
  expect(heads[0]).toContain(`\r\nhost: ${NAME}:${server.port}\r\n`);
});

test('tells the operator what was refused, and nobody else', async () => {
  const onBlocked = vi.fn<NonNullable<Guard['onBlocked']>>();
  const { outcome } = rig({ admitsAddress, onBlocked, resolve: async () => ['127.0.0.1', '10.0.0.7'] });
  const said = await outcome(`http://${NAME}/hook?token=s3cret`);
  expect(onBlocked.mock.calls).toEqual([[NAME, ['10.0.0.7']]]);
  expect(JSON.stringify(said)).not.toMatch(/10\.0|127/);
  await rig({ onBlocked }).post('http://127.0.0.1/');
  expect(onBlocked).toHaveBeenCalledOnce();
});

test('asks no resolver for an address', async () => {
  const server = await startAnswering();
  const resolve = vi.fn<Guard['resolve']>(async () => []);
  expect((await rig({ admitsAddress, resolve }).post(server.url)).response?.status).toBe(204);
  expect(resolve).not.toHaveBeenCalled();
});

test('checks and dials IPv6 without brackets', async () => {
  const dial: Guard['dial'] = async () => {
    throw Object.assign(new Error(), { code: 'ENETUNREACH' });
  };
  const { post, dials } = rig({ admitsAddress, dial });
  const message = 'The receiver cannot be reached';
  expect(await post('http://[2606:4700:4700::1111]/')).toEqual({ error: { class: 'connection', message } });
  expect(dials).toEqual([{ address: '2606:4700:4700::1111', port: 80 }]);
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
