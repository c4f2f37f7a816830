import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { deliveryId } from '../../functions/domain/id.ts';
import { api } from '../support/api-client.ts';
import { type LedgerKeeper, startLedgerKeeper } from '../support/ledger.ts';
import { type Accepted, type Producer, producer } from '../support/producer.ts';
import { until } from '../support/until.ts';
import { type Program, type WholeSystem, wholeSystem } from '../support/whole-system.ts';
import { PAYLOAD_TYPE, payload } from './cost/payload.ts';

/** A namespace with one webhook, so that each event is one delivery. */
export type Endpoint = {
  readonly namespaceId: number;
  readonly webhookId: number;
  readonly remove: () => Promise<void>;
};

/** A whole system under load, with a receiver in a process of its own. */
export type Stage = {
  readonly system: WholeSystem;
  readonly receiver: LedgerKeeper;
  readonly producer: Producer;
  /** Makes so many endpoints; they are sent to `url`, each to a path of its own. */
  readonly endpoints: (count: number, url: string) => Promise<readonly Endpoint[]>;
};

const ANSWER_MS = 20;
/** Namespaces that are added at once, each by a process of the command line. */
const ADDED_AT_ONCE = 2;
const DONE_WITHIN_MS = 300_000;
/** What a file system in memory says that it is (linux/magic.h, TMPFS_MAGIC). */
const TMPFS = 0x01021994;

/** Runs work on a stage of its own, on disk unless another program is named, and takes it down. */
export async function onStage<T>(work: (stage: Stage) => Promise<T>, program?: Program): Promise<T> {
  const folder = mkdtempSync(join(program === undefined ? folderOnDisk() : tmpdir(), 'djinn-bench-'));
  const system = await wholeSystem(folder, program);
  const receiver = await startLedgerKeeper({
    ledger: join(folder, 'ledger.jsonl'),
    failingShare: 0,
    answerMs: ANSWER_MS,
  });
  const events = producer({ url: system.url, payload: payload(1) });
  try {
    await system.start();
    const { token } = (await system.ctl('token', 'create', 'bench')) as { readonly token: string };
    return await work({ system, receiver, producer: events, endpoints: endpointMaker(system, token) });
  } finally {
    events.stop();
    await system.kill();
    receiver.stop();
    rmSync(folder, { recursive: true });
  }
}

/** Where data go that a disk is to be measured by: where temporary files do, or into this checkout where those are kept in memory. */
function folderOnDisk(): string {
  const ofCheckout = join(import.meta.dirname, '..', '..', '.local');
  mkdirSync(ofCheckout, { recursive: true });
  const found = [tmpdir(), ofCheckout].find((folder) => statfsSync(folder).type !== TMPFS);
  if (found !== undefined) return found;
  throw new Error(`${tmpdir()} and ${ofCheckout} are in memory: set TMPDIR to a folder on a disk`);
}

function endpointMaker(system: WholeSystem, token: string): Stage['endpoints'] {
  let made = 0;
  const make = async (url: string): Promise<Endpoint> => {
    made += 1;
    const namespace = `bench/n${made}`;
    const { id } = (await system.ctl('namespace', 'add', namespace)) as { readonly id: number };
    const client = api({ url: system.url, namespace, token });
    const webhookId = await client.createWebhook({ payload_url: `${url}/${made}`, secret: 's3cret' });
    return { namespaceId: id, webhookId, remove: () => client.deleteWebhook(webhookId) };
  };
  return async (count, url) => {
    const all: Endpoint[] = [];
    const work = async () => {
      while (all.length + underWay < count) {
        underWay += 1;
        const one = await make(url);
        underWay -= 1;
        all.push(one);
      }
    };
    let underWay = 0;
    await Promise.all(Array.from({ length: ADDED_AT_ONCE }, work));
    return all;
  };
}

/** An accepted event, and the endpoint that it is for. */
export type Sent = { readonly event: Accepted; readonly endpoint: Endpoint };

/** Puts events on the bus one by one, to each endpoint in turn, at a steady rate that no answer holds up. */
export async function putSteadily(
  { producer: { put } }: Stage,
  of: { readonly endpoints: readonly Endpoint[]; readonly count: number; readonly eventsPerSecond: number },
): Promise<readonly Sent[]> {
  const begunAt = Date.now();
  const puts: Promise<Sent>[] = [];
  while (puts.length < of.count) {
    const due = Math.min(of.count, ((Date.now() - begunAt) / 1_000) * of.eventsPerSecond);
    while (puts.length < due) puts.push(putOne(put, of.endpoints[puts.length % of.endpoints.length]));
    await sleep(2);
  }
  return Promise.all(puts);
}

/** A load: all at once, or nearly. */
export type Load = {
  readonly endpoints: readonly Endpoint[];
  readonly count: number;
  /** Entries of the bus in a request: ten at most. */
  readonly perRequest?: number;
  /** Events in an entry. */
  readonly perEntry?: number;
};

const PRODUCERS = 8;

/** How many deliveries a second the system makes when it is given all it can take. */
export async function capacity(
  stage: Stage,
  { endpoints, count, perRequest = 1, perEntry = 1 }: Load,
): Promise<number> {
  const before = stage.receiver.taken().deliveries;
  const begunAt = Date.now();
  let begun = 0;
  const work = async () => {
    while (begun < count) {
      const from = begun;
      begun = Math.min(count, from + perRequest * perEntry);
      const happenings = Array.from({ length: begun - from }, (_, nth) =>
        happeningAt(endpoints[(from + nth) % endpoints.length]),
      );
      await stage.producer.put(happenings, perEntry);
    }
  };
  await Promise.all(Array.from({ length: PRODUCERS }, work));
  await untilTaken(stage, before + count);
  return count / ((Date.now() - begunAt) / 1_000);
}

/**
 * Half of the events a second that the system holds where each is put by itself: measured with eight producers that each put one after
 * the other, once it has warmed up. In tens it holds more of them.
 */
export async function halfOfWhatItHolds(
  stage: Stage,
  of: { readonly endpoints: readonly Endpoint[]; readonly warmUp: number; readonly count: number },
): Promise<number> {
  await capacity(stage, { endpoints: of.endpoints, count: of.warmUp, perRequest: 10 });
  return Math.round((await capacity(stage, of)) / 2);
}

/** Waits until the receiver has had so many deliveries in all. */
export async function untilTaken({ receiver }: Stage, deliveries: number): Promise<void> {
  await until(`${deliveries} are delivered`, () => receiver.taken().deliveries >= deliveries, DONE_WITHIN_MS);
}

async function putOne(put: Producer['put'], endpoint: Endpoint | undefined): Promise<Sent> {
  const [event] = await put([happeningAt(endpoint)]);
  if (event === undefined || endpoint === undefined) throw new Error('An event was neither accepted nor refused');
  return { event, endpoint };
}

function happeningAt(endpoint: Endpoint | undefined) {
  if (endpoint === undefined) throw new RangeError('There is no endpoint to send to');
  return { namespaceId: endpoint.namespaceId, type: PAYLOAD_TYPE };
}

/**
 * How long events waited, in ms: from the acceptance of each to its first request. Ends the receiver, of which each phase's
 * requests are asked.
 */
export async function latenciesMs({ receiver }: Stage, phases: readonly (readonly Sent[])[]): Promise<number[][]> {
  const lines = await receiver.finish();
  const calledAt = new Map(lines.toReversed().map(({ delivery, at }) => [delivery, at]));
  return phases.map((sent) =>
    sent.map(({ event, endpoint }) => {
      const at = calledAt.get(deliveryId(event, endpoint.webhookId));
      if (at === undefined) throw new Error(`The event ${event.id} never arrived`);
      return at - event.acceptedAt;
    }),
  );
}
