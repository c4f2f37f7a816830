import { execFileSync } from 'node:child_process';
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { resolveByDns } from '../../functions/transport/resolve-by-dns.ts';
import { until } from '../support/until.ts';

const server = vi.hoisted(() => ({ address: '' }));

// `resolveByDns` asks the machine's name servers; here it asks the test's own, through the same resolver.
vi.mock(import('node:dns/promises'), async (original) => {
  const module = await original();
  class Resolver extends module.Resolver {
    constructor(...options: ConstructorParameters<typeof module.Resolver>) {
      super(...options);
      this.setServers([server.address]);
    }
  }
  return { ...module, Resolver };
});

const HEADER_BYTES = 12;
const AAAA = 28;
const NAME_ERROR = 3;

type Records = { readonly a?: readonly string[]; readonly aaaa?: readonly string[]; readonly isUnknown?: boolean };

/** A name server (RFC 1035) that has the same records for every name; without records to give, it never answers. */
async function startNameServer(records?: Records): Promise<{ readonly asked: () => number }> {
  let asked = 0;
  const socket = createSocket('udp4', (query: Buffer, from: RemoteInfo) => {
    asked += 1;
    if (records !== undefined) socket.send(reply(query, records), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  server.address = `127.0.0.1:${socket.address().port}`;
  onTestFinished(() => void socket.close());
  return { asked: () => asked };
}

function reply(query: Buffer, { a = [], aaaa = [], isUnknown = false }: Records): Buffer {
  const nameEnd = query.indexOf(0, HEADER_BYTES) + 1;
  const type = query.readUInt16BE(nameEnd);
  const addresses = type === AAAA ? aaaa : a;
  const header = Buffer.from(query.subarray(0, HEADER_BYTES));
  header.writeUInt16BE(0x8180 | (isUnknown ? NAME_ERROR : 0), 2);
  header.writeUInt16BE(addresses.length, 6);
  header.writeUInt32BE(0, 8);
  const answers = addresses.map((address) => {
    const data = isIPv4(address) ? Buffer.from(address.split('.').map(Number)) : ipv6(address);
    const record = Buffer.from([0xc0, HEADER_BYTES, 0, type, 0, 1, 0, 0, 0, 0, 0, data.length]);
    return Buffer.concat([record, data]);
  });
  return Buffer.concat([header, query.subarray(HEADER_BYTES, nameEnd + 4), ...answers]);
}

function ipv6(address: string): Buffer {
  return Buffer.from(address.split(':').join(''), 'hex');
}

const SIX = '2606:4700:0000:0000:0000:0000:0000:1111';
const never = () => new AbortController().signal;

test('answers all addresses of both families, IPv4 first', async () => {
  await startNameServer({ a: ['192.0.2.1', '192.0.2.2'], aaaa: [SIX] });
  const addresses = await resolveByDns('hooks.example.com', never());
  expect(addresses.slice(0, 2).toSorted()).toEqual(['192.0.2.1', '192.0.2.2']);
  expect(addresses.slice(2)).toEqual(['2606:4700::1111']);
});

test.each<[string, Records, string]>([
  ['IPv4', { a: ['192.0.2.1'] }, '192.0.2.1'],
  ['IPv6', { aaaa: [SIX] }, '2606:4700::1111'],
])('takes a name that has only %s', async (_, records, address) => {
  await startNameServer(records);
  expect(await resolveByDns('hooks.example.com', never())).toEqual([address]);
});

test.each<[string, Records, string]>([
  ['nobody knows', { isUnknown: true }, 'ENOTFOUND'],
  ['has no address', {}, 'ENODATA'],
])('rejects for a name that %s', async (_, records, code) => {
  await startNameServer(records);
  await expect(resolveByDns('hooks.example.com', never())).rejects.toMatchObject({ code });
});

test('gives up when told to', async () => {
  const { asked } = await startNameServer();
  const controller = new AbortController();
  const answer = resolveByDns('hooks.example.com', controller.signal);
  const rejected = expect(answer).rejects.toMatchObject({ code: 'ECANCELLED' });
  await until('it is asked', () => asked() > 0);
  controller.abort();
  await rejected;
});

test('leaves no listener on the signal', async () => {
  await startNameServer({ a: ['192.0.2.1'] });
  const signal = never();
  const added = vi.spyOn(signal, 'addEventListener');
  const removed = vi.spyOn(signal, 'removeEventListener');
  await resolveByDns('hooks.example.com', signal);
  expect(added.mock.calls.map(([type, listener]) => [type, listener])).toEqual(
    removed.mock.calls.map(([type, listener]) => [type, listener]),
  );
  expect(added).toHaveBeenCalledOnce();
});

test('waits for none of the threads that files and `dns.lookup` share', async () => {
  await startNameServer({ a: ['192.0.2.1'] });
  const folder = mkdtempSync(join(tmpdir(), 'threads-'));
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  // To open a pipe that nobody writes to holds a thread: here all four of them.
  const opened = Array.from({ length: 4 }, () => open(pipe, 'r'));
  let isFree = false;
  const behind = stat(folder).then(() => {
    isFree = true;
  });
  expect(await resolveByDns('hooks.example.com', never())).toEqual(['192.0.2.1']);
  expect(isFree).toBe(false);
  // Held until all have come in: whoever opens it after that would wait for ever.
  const writer = openSync(pipe, 'w');
  await Promise.all((await Promise.all(opened)).map((file) => file.close()));
  closeSync(writer);
  await behind;
  rmSync(folder, { recursive: true });
});
