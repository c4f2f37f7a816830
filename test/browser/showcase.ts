import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import { pauseWebhook } from '../../functions/actions/pause.ts';
import { deliverHandler } from '../../functions/deliver.ts';
import { CATALOGUE, type EventType } from '../../functions/domain/catalogue.ts';
import { destinationPolicy } from '../../functions/domain/destination.ts';
import type { Webhook } from '../../functions/domain/webhook.ts';
import { deliverDeps } from '../../functions/runtime/deps.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { dialTcp } from '../../functions/transport/connector.ts';
import { poster } from '../../functions/transport/post.ts';
import { busEvent, type Deployment } from '../support/deployment.ts';
import { makeCertificate } from '../support/tls/certificate.ts';

const HOUR_MS = 60 * 60_000;
const MINUTE_MS = 60_000;
/** A public address, which is not dialled: the receivers are on loopback. */
const ADDRESS = '93.184.215.14';

export type Showcase = {
  readonly webhooks: Readonly<Record<'deploy' | 'chat' | 'ledger' | 'gone' | 'fresh' | 'off', Webhook>>;
  readonly stop: () => Promise<void>;
};

/**
 * Fills a deployment with a day of a team's: one webhook in every state, with what led to it, made by the functions themselves. Its
 * clock ends where it stood.
 */
export async function showcase(deployment: Deployment): Promise<Showcase> {
  const { clock, namespace } = deployment;
  const endMs = clock.nowMs;
  const receivers = await startReceivers();
  const deliver = deliverOver(deployment, receivers);
  const add = (url: string, body: Readonly<Record<string, unknown>> = {}) =>
    deployment.addWebhook({ payload_url: url, secret: 'whsec_c2VjcmV0IG9mIHRoZSBzaG93Y2FzZQ==', ...body });
  clock.nowMs = endMs - 30 * HOUR_MS;
  const webhooks = {
    deploy: await add('https://deploy.acme.example/hooks/ci', {
      events: ['build.finished', 'build.tagged', 'cron'],
    }),
    chat: await add('https://chat.example.org/incoming/9f2'),
    ledger: await add('https://ledger.example.net/djinn', { events: ['objects', 'variables'] }),
    gone: await add('https://old.example.com/ci', { events: ['images'] }),
    off: await add('https://staging.acme.example/hooks', { events: ['build.started'], active: false, secret: '' }),
    fresh: await add('https://new.example.dev/webhooks/djinn?team=platform', { events: ['ssh_keys'], secret: '' }),
  };
  const emit = async (types: readonly EventType[]) => {
    const createdAt = new Date(clock.nowMs).toISOString();
    const events = types.map((type, nth) => ({
      type,
      id: randomUUID(),
      createdAt,
      payload: payloadOf(type, endMs - clock.nowMs + nth),
    }));
    await deployment.send(
      'events',
      events.map((event) => busEvent({ namespaceId: namespace.id, ...event })),
    );
    await deployment.drain('events', deployment.handlers.ingest);
    await deployment.drain('deliveries', deliver);
  };
  for (let hour = 23; hour >= 1; hour--) {
    clock.nowMs = endMs - hour * HOUR_MS;
    if (hour === 3) {
      const deps = apiDeps(deployment.engines.settings, deployment.world);
      const until = new Date(endMs + 2 * HOUR_MS).toISOString();
      await pauseWebhook(deps, { namespace, id: webhooks.ledger.id }, { until });
    }
    await emit(DAY.slice(0, 2 + ((hour * 7) % 5)));
    if (hour === 20) await emit(['images']);
  }
  receivers.break('chat.example.org');
  for (const [minutes, types] of [
    [26, ['build.tagged']],
    [9, ['build.finished']],
    [2, ['build.finished', 'variables']],
  ] as const) {
    clock.nowMs = endMs - minutes * MINUTE_MS;
    await emit(types);
  }
  clock.nowMs = endMs;
  return { webhooks, stop: receivers.stop };
}

const DAY: readonly EventType[] = [
  'build.submitted',
  'build.finished',
  'objects',
  'build.started',
  'cron',
  'build.tagged',
  'variables',
];

/** The sample of a type, of another build each time. */
function payloadOf(type: EventType, seed: number): string {
  const number = 1842 - Math.floor(seed / (20 * MINUTE_MS));
  const status = number % 3 === 0 ? 'failed' : 'passed';
  const sample = structuredClone(CATALOGUE[type].sample) as {
    number?: number;
    status?: string;
    build?: { number: number };
  };
  if (sample.number !== undefined)
    Object.assign(sample, { number, status: type === 'build.finished' ? status : sample.status });
  if (sample.build) sample.build.number = number;
  return JSON.stringify(sample);
}

type Receivers = Awaited<ReturnType<typeof startReceivers>>;

/** Every receiver of the team's on one port of loopback, told apart by name. */
async function startReceivers() {
  const authority = makeCertificate({ name: 'showcase authority', isAuthority: true });
  const broken = new Set<string>();
  let requests = 0;
  const contexts = new Map<string, ReturnType<typeof createSecureContext>>();
  const contextOf = (name: string) => {
    const context =
      contexts.get(name) ?? createSecureContext(makeCertificate({ name, issuer: authority, validToDays: 82 }));
    contexts.set(name, context);
    return context;
  };
  const server = createServer(
    { SNICallback: (name, callback) => callback(null, contextOf(name)) },
    async (request, response) => {
      for await (const _ of request);
      const isBroken = broken.has(request.headers.host ?? '');
      await setTimeout(isBroken ? 420 : 8 + ((requests++ * 13) % 50));
      answer(request, response, isBroken);
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    authorities: [authority.cert],
    break: (host: string) => broken.add(host),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function answer({ headers: { host = '' } }: IncomingMessage, response: ServerResponse, isBroken: boolean): void {
  if (host.startsWith('old.')) {
    response.writeHead(410, { 'content-type': 'text/plain' }).end('This hook has moved');
  } else if (isBroken) {
    const headers = { 'content-type': 'application/json', 'retry-after': '240' };
    response.writeHead(503, headers).end('{"error":"too many requests in flight"}');
  } else {
    response.writeHead(host.startsWith('ledger.') ? 200 : 204).end();
  }
}

function deliverOver(deployment: Deployment, { port, authorities }: Receivers) {
  const { engines, world } = deployment;
  const policy = destinationPolicy({ admitted: [], allowedNetworks: [], ownUrl: '' });
  const post = poster({
    ...policy,
    authorities,
    resolve: async () => [ADDRESS],
    dial: (_to, signal) => dialTcp({ address: '127.0.0.1', port }, signal),
  });
  // The clock stands, but attempts take the time that they take.
  const beganMs = performance.now();
  const now = () => Math.round(deployment.clock.nowMs + performance.now() - beganMs);
  return deliverHandler({ ...deliverDeps(engines.settings, { ...world, now }), post });
}
