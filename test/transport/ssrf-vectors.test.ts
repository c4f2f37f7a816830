import { isIP, isIPv6 } from 'node:net';
import { expect, test } from 'vitest';
import { destinationPolicy } from '../../functions/domain/destination.ts';
import { dialTcp } from '../../functions/transport/connector.ts';
import { VECTORS, type Vector } from '../support/ssrf-vectors.ts';
import { makeCertificate } from '../support/tls/certificate.ts';
import { afterRequest, rig, startRaw } from './rig.ts';

const policy = destinationPolicy();
const BLOCKED = { error: { class: 'blocked', message: 'Payload URL must point to a public address' } };
const certificate = makeCertificate({ name: 'anybody.example' });

/** Behaviour of a receiver that answers as a vector says, 204 where it says nothing. */
function replying({ redirectStatus, redirectTo }: Vector) {
  const redirect = `HTTP/1.1 ${redirectStatus} Elsewhere\r\nLocation: ${redirectTo}\r\nContent-Length: 0\r\n\r\n`;
  return afterRequest((socket) => socket.end(redirectStatus ? redirect : 'HTTP/1.1 204 No Content\r\n\r\n'));
}

/** POSTs to a URL by the real client; whatever it dials is the test's own receiver. */
async function posted(vector: Vector, url: string) {
  const isHttps = /^https:/i.test(url);
  const server = await startRaw(replying(vector), isHttps ? certificate : undefined);
  const { resolvesTo = [], thenResolvesTo = resolvesTo, address } = vector;
  const { post, dials } = rig({
    ...policy,
    resolve: async () => (address === undefined ? thenResolvesTo : [address]),
    dial: (_, signal) => dialTcp({ address: '127.0.0.1', port: server.port }, signal),
  });
  const outcome = await post(url, { verifyCertificate: false });
  return { outcome, dialled: dials.map((dial) => dial.address), connections: server.taken() };
}

const named = VECTORS.map((vector) => ({ ...vector, place: vector.address ?? vector.url }));

test.each(named.filter(({ url }) => url !== undefined))('$group: $place, $expect', async (vector) => {
  const { outcome, dialled, connections } = await posted(vector, vector.url ?? '');
  if (vector.group === 'redirect') {
    expect(outcome).toMatchObject({ response: { status: vector.redirectStatus } });
    expect([dialled, connections]).toEqual([vector.resolvesTo, 1]);
  } else if (vector.expect === 'allow') {
    expect(outcome).toMatchObject({ response: { status: 204 } });
    expect([dialled.length, connections]).toEqual([1, 1]);
  } else {
    expect(outcome).toEqual(BLOCKED);
    expect([dialled, connections]).toEqual([[], 0]);
  }
});

test.each(named.filter(({ address }) => address !== undefined))('$group: $place, $expect', async (vector) => {
  const { address = '', expect: expected } = vector;
  const literal = `http://${isIPv6(address) ? `[${address}]` : address}/`;
  // As the answer for a name, and as the host itself where it can be one.
  const isHost = isIP(address) !== 0 && URL.canParse(literal);
  for (const url of ['http://hooks.example.com/', ...(isHost ? [literal] : [])]) {
    const { outcome, dialled, connections } = await posted(vector, url);
    if (expected === 'allow') {
      expect(outcome).toMatchObject({ response: { status: 204 } });
      expect([dialled.length, connections]).toEqual([1, 1]);
    } else {
      expect(outcome).toEqual(BLOCKED);
      expect([dialled, connections]).toEqual([[], 0]);
    }
  }
});
