import { setInterval as every } from 'node:timers/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { deliverHandler } from '../../functions/deliver.ts';
import type { AttemptErrorClass } from '../../functions/domain/delivery.ts';
import { destinationPolicy } from '../../functions/domain/destination.ts';
import { REPLY_KEPT_MAX_BYTES } from '../../functions/domain/limits.ts';
import { deliverDeps } from '../../functions/runtime/deps.ts';
import type { World } from '../../functions/runtime/world.ts';
import { dialTcp } from '../../functions/transport/connector.ts';
import { poster } from '../../functions/transport/post.ts';
import { arrived } from '../support/conservation.ts';
import type { Received } from '../support/receiver.ts';
import { openScene, turn } from '../support/scene.ts';
import { type Certificate, makeCertificate } from '../support/tls/certificate.ts';
import { afterRequest, answering, type Behaviour, NAME, startRaw } from '../transport/rig.ts';

/** Long enough for a reply's head to arrive, and soon over. */
const DEADLINE_MS = 1_000;

/** A receiver that behaves so, its ledger, and a scene whose only webhook is there; its first attempt is made by `attempt`, and so is each that is due. */
async function hostile(
  behave: Behaviour,
  tls?: { readonly certificate: Certificate; readonly authority: Certificate },
) {
  const ledger: Received[] = [];
  const noted = (socket: Parameters<Behaviour>[0]) => {
    socket.on('data', (chunk: Buffer) => {
      const [, id] = /\r\nX-Djinn-CI-Delivery: (\S+)\r\n/i.exec(chunk.toString('latin1')) ?? [];
      if (id !== undefined) ledger.push(arrived(id));
    });
    behave(socket);
  };
  const server = await startRaw(noted, tls?.certificate);
  const world: Partial<World> = { resolve: async () => ['127.0.0.1'] };
  const url = tls ? `https://${NAME}:${server.port}/` : server.url;
  const scene = await openScene({ url, ledger, world });
  const deps = deliverDeps(scene.engines.settings, scene.world);
  const guard = {
    ...destinationPolicy({ admitted: ['127.0.0.0/8'] }),
    resolve: scene.world.resolve,
    dial: scene.world.dial,
    ...(tls && { authorities: [tls.authority.cert] }),
  };
  const impatient = deliverHandler({ ...deps, post: poster(guard, { deadlineMs: DEADLINE_MS }) });
  const [event] = await scene.emit();
  const attempt = async () => {
    await turn(scene.deployment, 'events', scene.handlers.ingest);
    expect(await turn(scene.deployment, 'deliveries', impatient)).toBe(1);
    const made = (await scene.delivery(event)).at(-1);
    if (made === undefined) throw new Error('There is no attempt');
    return made;
  };
  return { scene, ledger, server, attempt };
}

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

it.each<[string, string, Behaviour, AttemptErrorClass]>([
  ['10', 'takes the connection and never answers', (socket) => socket.resume(), 'timeout'],
  ['10', 'takes the request and never answers', afterRequest(() => undefined), 'timeout'],
  ['11', 'sends headers without end', endlessly('HTTP/1.1 200 OK\r\n', `A: ${'b'.repeat(1000)}\r\n`, 1), 'protocol'],
  ['11', 'sends line breaks without end', endlessly('', '\r\n'.repeat(8_000), 1), 'protocol'],
  ['11', 'drips headers', endlessly('HTTP/1.1 200 OK\r\n', 'A: b\r\n', 20), 'timeout'],
  ['11', 'floods with interim responses', endlessly('', 'HTTP/1.1 102 Processing\r\n\r\n', 1), 'protocol'],
  ['11', 'answers 500 and drips its body', endlessly('HTTP/1.1 500 No\r\n\r\n', 'x', 20), 'status'],
  ['12', 'ends within the head', answering('HTTP/1.1 200 OK\r\nContent-'), 'connection'],
])(
  'fault %s: a receiver that %s has failed, in time, and the delivery waits for its retry',
  async (_, __, behave, error) => {
    const { scene, server, attempt } = await hostile(behave);
    expect(await attempt()).toMatchObject({ status: 'retrying', error: { class: error } });
    expect(server.taken()).toBe(1);
    // The retry's own message waits, too.
    expect((await scene.conserve()).counts).toMatchObject({ retrying: 1 });
  },
);

const BOMB = gzipSync(Buffer.alloc(50_000_000));

it.each<[string, string, Behaviour]>([
  ['11', 'sends a body without end', endlessly('HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(16 * 1024), 1)],
  [
    '11',
    'sends the length of a chunk without end',
    endlessly('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', '0'.repeat(16 * 1024), 1),
  ],
  ['11', 'drips its body', endlessly('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx', 'x', 20)],
  ['12', 'sends a gzip bomb', answering(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n`, BOMB)],
  [
    '12',
    'sends it twice compressed',
    answering('HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\n\r\n', gzipSync(BOMB)),
  ],
  [
    '12',
    'lies about its encoding',
    answering('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n', brotliCompressSync('x')),
  ],
  ['12', 'says more bytes than come', answering('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc')],
  ['12', 'breaks off between chunks', answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n')],
])(
  'fault %s: a receiver that answers 200 and %s has succeeded, and little of its body is kept',
  async (_, __, behave) => {
    const { scene, ledger, attempt } = await hostile(behave);
    const { status, response } = await attempt();
    expect([status, response?.status]).toEqual(['succeeded', 200]);
    expect(response?.body.length).toBeLessThanOrEqual(REPLY_KEPT_MAX_BYTES);
    await scene.settle();
    expect(ledger).toHaveLength(1);
    expect((await scene.conserve()).counts).toMatchObject({ succeeded: 1 });
  },
);

const authority = makeCertificate({ name: 'djinn test authority', isAuthority: true });

it.each([
  [
    'has expired',
    makeCertificate({ name: NAME, issuer: authority, validFromDays: -3, validToDays: -1 }),
    'has expired',
  ],
  ['is self-signed', makeCertificate({ name: NAME }), 'is self-signed'],
  ['is for another name', makeCertificate({ name: 'other.example.test', issuer: authority }), 'is for another name'],
])(
  'fault 15: a receiver whose certificate %s is sent nothing, and is tried again until it is good',
  async (_, certificate, why) => {
    const { scene, ledger, server, attempt } = await hostile(answering('HTTP/1.1 204 No Content\r\n\r\n'), {
      certificate,
      authority,
    });
    const failed = { status: 'retrying', error: { class: 'tls', message: `The receiver's certificate ${why}` } };
    for (let nth = 1; nth <= 2; nth++) {
      const { nextAttemptAt = '', ...made } = await attempt();
      expect(made).toMatchObject({ ...failed, number: nth });
      expect((await scene.conserve()).counts).toMatchObject({ retrying: 1 });
      scene.clock.nowMs = Date.parse(nextAttemptAt);
      await scene.handlers.retry({});
    }
    expect(ledger, 'not a byte of the request was sent').toEqual([]);
    server.certify(makeCertificate({ name: NAME, issuer: authority }));
    expect(await attempt()).toMatchObject({ number: 3, status: 'succeeded' });
    expect(ledger).toHaveLength(1);
    expect((await scene.conserve()).counts).toMatchObject({ succeeded: 1 });
  },
);

it('what we lack ourselves is no failure of the receiver: nothing is spent or noted of it, and the message comes again', async () => {
  let isShort = true;
  const scene = await openScene({
    world: {
      async dial(to, signal) {
        if (isShort) throw Object.assign(new Error('connect EMFILE'), { code: 'EMFILE' });
        return dialTcp(to, signal);
      },
    },
  });
  await scene.emit();
  await turn(scene.deployment, 'events', scene.handlers.ingest);
  for (let nth = 0; nth < 5; nth++) expect(await turn(scene.deployment, 'deliveries', scene.handlers.deliver)).toBe(0);
  expect((await scene.conserve()).counts).toMatchObject({ queued: 1 });
  const [webhook] = await scene.deployment.webhooks.all(scene.namespace.id);
  expect(webhook).toEqual(scene.webhooks[0]);
  isShort = false;
  await scene.settle();
  expect(scene.receiver.received).toHaveLength(1);
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 1 });
});
