import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { ensureNamespace } from '../../../functions/actions/accounts.ts';
import { deliverHandler } from '../../../functions/deliver.ts';
import { eventsIn, SEVERAL_EVENTS, writeDetail } from '../../../functions/domain/event.ts';
import {
  CONNECTION_IDLE_MAX_MS,
  DELIVERY_RETENTION_DAYS,
  EVENT_RETENTION_DAYS,
  EVENTS_PER_ENTRY_MAX,
} from '../../../functions/domain/limits.ts';
import { ingestHandler } from '../../../functions/ingest.ts';
import { retryHandler } from '../../../functions/retry.ts';
import { deliverDeps, ingestDeps, retryDeps } from '../../../functions/runtime/deps.ts';
import { countInLog } from '../../../functions/runtime/metrics.ts';
import type { SqsEvent } from '../../../functions/runtime/sqs-event.ts';
import type { Item } from '../../../functions/store/table.ts';
import { EVENT_SOURCE } from '../../../functions/transport/bus.ts';
import type { Post } from '../../../functions/transport/post.ts';
import { FUNCTIONS } from '../../../infra/functions.ts';
import { BATCH_SIZE } from '../../../infra/queues.ts';
import { busEvent, type Deployment, deploy } from '../../support/deployment.ts';
import { severalDetail } from '../../support/several-events.ts';
import type { Usage } from './bill.ts';
import { itemBytes, STORAGE_OVERHEAD_BYTES } from './item-size.ts';
import { loggedBytes } from './logged.ts';
import { type Metered, meter, sumOf } from './meter.ts';
import { eventId, PAYLOAD_TYPE, payload } from './payload.ts';
import { startTlsReceiver } from './receiver.ts';

/** How long a receiver takes: assumed. */
const RECEIVER_MS = 200;
/**
 * What a warm invocation with a full batch takes of a whole processor, in ms, TLS included: measured as the median of 35 batches, on the machine
 * that the other numbers are of. And how long it waits for AWS: assumed, for two calls one after the other, and for three.
 */
const TIMES = { deliver: { cpuMs: 26, waitMs: 15 + RECEIVER_MS }, ingest: { cpuMs: 7, waitMs: 25 } } as const;
/** Memory with which a function has a whole processor; with less it has as large a part of one (Lambda developer guide, "Memory"). */
const PROCESSOR_MB = 1_769;
/** Of a POST over TLS some ten packets are ours, over a connection that was kept four, each with 52 bytes of TCP and IP before what it carries. */
const PACKET_HEADS_BYTES = { opened: 10 * 52, kept: 4 * 52 };

/** A receiver's host that only these worlds know. */
const HOST = 'hooks.customer-ci.com';

/** Connections to a receiver across a continent: their times are data, and the digits bytes. */
const KEPT = {
  dnsMs: 12,
  firstByteMs: RECEIVER_MS,
  httpVersion: '1.1',
  certificateExpiresAt: '2027-01-31T23:59:59.000Z',
  remoteAddress: '203.0.113.107',
};
const OPENED = { ...KEPT, connectMs: 31, tlsMs: 48 };

export type CostStage = Awaited<ReturnType<typeof openStage>>;
type Counted = Pick<Usage, 'invocations' | 'gbSeconds' | 'logBytes'>;
const NONE: Counted = { invocations: 0, gbSeconds: 0, logBytes: 0 };

/** The functions over real engines, with the template's settings, and a receiver; all that AWS would bill is counted. */
export async function openStage() {
  const answer = { status: 200 };
  const receiver = await startTlsReceiver(HOST, () => answer.status);
  const { port } = receiver;
  const deployment = await deploy({
    resolve: async () => ['127.0.0.1'],
    dial: ({ address }, signal) => deployment.engines.world.dial({ address, port }, signal),
  });
  const { world, clock, engines } = deployment;
  withoutDelays(world.sqs);
  const metered = meter(world);
  let counted = NONE;
  const posts = { opened: 0, kept: 0 };
  const settings = { ...engines.settings, ALLOW_INSECURE_TLS: 'true', PUBLIC_URL: 'https://webhooks.djinn-ci.example' };
  const deps = deliverDeps(settings, world);
  const post: Post = async (request) => {
    const begunMs = clock.nowMs;
    const outcome = await deps.post(request);
    // Of all that are made at once the first is answered when all are.
    clock.nowMs = Math.max(clock.nowMs, begunMs + RECEIVER_MS);
    const isKept = outcome.connection?.reused === true;
    posts[isKept ? 'kept' : 'opened'] += 1;
    return { ...outcome, connection: isKept ? { ...KEPT, reused: true } : OPENED };
  };
  // However slow this machine is: no receiver is.
  const sleep = (_ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
  const deliver = deliverHandler({ ...deps, post, sleep, onTrouble: countInLog });
  const ingest = ingestHandler(ingestDeps(settings, world));
  const retry = retryHandler(retryDeps(settings, world));
  const invoke =
    <A>(name: keyof typeof TIMES, handler: (event: SqsEvent) => Promise<A>) =>
    async (event: SqsEvent) => {
      const { result, bytes } = await loggedBytes(() => handler(event));
      const batches = name === 'ingest' ? Math.max(1, eventsOfBatch(event) / BATCH_SIZE) : 1;
      counted = sumOf(counted, { invocations: 1, gbSeconds: batches * gbSecondsOf(name), logBytes: bytes });
      return result;
    };
  return {
    deployment,
    clock,
    /** What the receiver answers with. */
    answer,
    handlers: {
      ingest: invoke('ingest', ingest),
      deliver: invoke('deliver', deliver),
    },
    /** A run of the schedule. Its invocations come by the minute, whatever there is to do. */
    retry: () => retry({}),
    namespaces: (count: number) => addNamespaces(deployment, count),
    put: (namespaceIds: readonly number[], from: number) => put(deployment, namespaceIds, { from, perEntry: 1 }),
    putTogether: (namespaceIds: readonly number[], from: number) =>
      put(deployment, namespaceIds, { from, perEntry: EVENTS_PER_ENTRY_MAX }),
    send: (namespaceIds: readonly number[], from: number) => send(deployment, namespaceIds, from),
    /** Lets connections get too old to be used again. */
    forgetConnections: () => {
      clock.nowMs += CONNECTION_IDLE_MAX_MS;
    },
    /** What `work` costs. */
    async cost(
      work: () => Promise<void>,
    ): Promise<{ readonly usage: Usage; readonly calls: Readonly<Record<string, number>> }> {
      const [sentBefore, storedBefore] = [receiver.bytesReceived(), await storedByteMonths(deployment)];
      metered.reset();
      counted = NONE;
      Object.assign(posts, { opened: 0, kept: 0 });
      await work();
      const [wire, calls]: [Metered, Readonly<Record<string, number>>] = [metered.read(), metered.calls()];
      const headsBytes = posts.opened * PACKET_HEADS_BYTES.opened + posts.kept * PACKET_HEADS_BYTES.kept;
      const sentBytes = receiver.bytesReceived() - sentBefore + headsBytes;
      const stored = (await storedByteMonths(deployment)) - storedBefore;
      return { usage: { ...wire, ...counted, sentBytes, storedByteMonths: stored }, calls };
    },
    async stop() {
      await receiver.stop();
      await deployment.stop();
    },
  };
}

/** Of ten messages with ten events each `ingest` has the work of ten batches. */
function eventsOfBatch({ Records }: SqsEvent): number {
  return Records.flatMap(({ body }) => eventsIn(body)).length;
}

/** What an invocation is billed for: its memory for as long as it lasts, and it lasts the longer the less of a processor it has. */
function gbSecondsOf(name: keyof typeof TIMES): number {
  const { memoryMb } = FUNCTIONS[name];
  const { cpuMs, waitMs } = TIMES[name];
  const seconds = (waitMs + (cpuMs * PROCESSOR_MB) / memoryMb) / 1_000;
  return (memoryMb / 1_024) * seconds;
}

/** Namespaces with a webhook each, of all events. */
async function addNamespaces(deployment: Deployment, count: number): Promise<readonly number[]> {
  const ids: number[] = [];
  for (let nth = 0; nth < count; nth++) {
    const namespace = await ensureNamespace(deployment.accounts, { username: 'admin', path: `team-${nth}` });
    const body = {
      payload_url: `https://${HOST}/djinn/builds/${nth}`,
      secret: 'b7e151628aed2a6abf7158809cf4f3c7',
      ssl: false,
    };
    await deployment.addWebhook(body, namespace);
    ids.push(namespace.id);
  }
  return ids;
}

/** Events of namespaces, one each, as the CI makes them; they are the `from`th and those after it. */
function eventsOf(namespaceIds: readonly number[], { from, nowMs }: { readonly from: number; readonly nowMs: number }) {
  const createdAt = new Date(nowMs).toISOString();
  return namespaceIds.map((namespaceId, index) => {
    const nth = from + index;
    return { namespaceId, id: eventId(nth), type: PAYLOAD_TYPE, createdAt, payload: payload(nth) };
  });
}

/** Puts them on the bus, so many in an entry, as the CI does. */
async function put(
  { world, engines, clock }: Deployment,
  namespaceIds: readonly number[],
  { from, perEntry }: { readonly from: number; readonly perEntry: number },
): Promise<void> {
  const events = eventsOf(namespaceIds, { from, nowMs: clock.nowMs });
  const Entries = Array.from({ length: events.length / perEntry }, (_, nth) => {
    const [first, ...others] = events.slice(nth * perEntry, (nth + 1) * perEntry);
    if (first === undefined) throw new RangeError('An entry holds an event at least');
    return {
      Source: EVENT_SOURCE,
      EventBusName: engines.settings.EVENT_BUS_NAME,
      DetailType: others.length === 0 ? PAYLOAD_TYPE : SEVERAL_EVENTS,
      Detail: others.length === 0 ? writeDetail(first) : severalDetail([first, ...others]),
    };
  });
  const { Entries: results = [] } = await world.eventbridge.send(new PutEventsCommand({ Entries }));
  for (const { ErrorMessage } of results) if (ErrorMessage !== undefined) throw new Error(ErrorMessage);
}

/** Sends them to the events queue past the bus, ten in a request, as what the bus would have made of them. */
async function send(deployment: Deployment, namespaceIds: readonly number[], from: number): Promise<void> {
  const events = eventsOf(namespaceIds, { from, nowMs: deployment.clock.nowMs });
  await deployment.send(
    'events',
    events.map((event) => busEvent(event)),
  );
}

/** Bytes of the table that events and attempts take, each for as long as it is kept, in months of thirty days. */
async function storedByteMonths({ table }: Deployment): Promise<number> {
  const { Items = [] } = await table.db.send(new ScanCommand({ TableName: table.name }));
  return (Items as Item[]).reduce((sum, item) => sum + (itemBytes(item) + STORAGE_OVERHEAD_BYTES) * monthsOf(item), 0);
}

function monthsOf({ pk, sk }: Item): number {
  if (pk.endsWith('#EVENTS')) return EVENT_RETENTION_DAYS / 30;
  return sk.startsWith('DELIVERY#') ? DELIVERY_RETENTION_DAYS / 30 : 0;
}

/** Messages come at once, however long they are to be delayed: the clock is the test's. */
function withoutDelays(sqs: SQSClient): void {
  sqs.middlewareStack.add(
    (next, context) => (args) => {
      if (context['commandName'] !== 'SendMessageBatchCommand' || !('Entries' in args.input)) return next(args);
      const Entries = (args.input.Entries ?? []).map((entry) => ({ ...entry, DelaySeconds: 0 }));
      return next({ ...args, input: { ...args.input, Entries } as typeof args.input });
    },
    { step: 'initialize', name: 'withoutDelays' },
  );
}
