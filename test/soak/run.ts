import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventType } from '../../functions/domain/catalogue.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import { api } from '../support/api-client.ts';
import { type LedgerKeeper, startLedgerKeeper } from '../support/ledger.ts';
import { type Accepted, producer } from '../support/producer.ts';
import { type WholeSystem, wholeSystem } from '../support/whole-system.ts';
import { type Judgement, judge, type Promised } from './judge.ts';
import { type Audited, settle } from './settle.ts';

export type SoakOptions = {
  /** An empty folder for all that the run writes. */
  readonly folder: string;
  readonly events: number;
  /** How long the system is up between two kills. */
  readonly killEveryMs: number;
  /** Events per second that are put on the bus, at most. */
  readonly eventsPerSecond: number;
  /** Once everything was sent once, retries are waited for that are due within this time; later ones are left pending. */
  readonly waitMs: number;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
};

export type Progress = {
  readonly doing: string;
  readonly accepted: number;
  readonly deliveries: number;
  readonly requests: number;
  readonly kills: number;
};

export type SoakResult = Judgement & {
  readonly accepted: number;
  readonly promised: number;
  readonly requests: number;
  readonly refused: number;
  readonly kills: number;
  readonly stormMs: number;
  readonly audit: Audited;
};

/** Of ten events put at once, the types: a second webhook subscribes only to the last of them. */
const RARE = 'cron';
const TYPES: readonly EventType[] = [...Array.from({ length: 9 }, () => 'build.finished' as const), RARE];
const NAMESPACE = 'soak/everything';
const FAILING_SHARE = 1 / 3;
/** Events that may be under way at once, else the next is put later: all would be accepted before the first kill. */
const AHEAD_MAX = 1_000;
const LATER_MS = 5_000;
/** Every so many kills, one comes while the system starts. */
const EARLY_KILL_EVERY = 5;
const EARLY_KILL_AFTER_MS = 400;
const PAYLOAD = JSON.stringify({ id: 1, status: 'passed', manifest: 'x'.repeat(1_000) });

/**
 * Puts events on the bus of a whole system, which is killed every few seconds, with a receiver that fails a third of the time; then
 * lets it come to rest, and compares what was accepted, the log and the receiver's ledger, id by id.
 */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const system = await wholeSystem(options.folder);
  const ledger = join(options.folder, 'ledger.jsonl');
  const receiver = await startLedgerKeeper({ ledger, failingShare: FAILING_SHARE, answerMs: 0 });
  try {
    await system.start();
    const { namespaceId, log, webhooks } = await arrange(system, receiver);
    const begunAt = Date.now();
    const { accepted, kills } = await storm(options, { system, receiver, namespaceId });
    const stormMs = Date.now() - begunAt;
    const audit = await settle(system, { namespace: NAMESPACE, ...options, onWait: (doing) => tell(doing) });
    const logged = (await Promise.all(webhooks.map(({ id }) => log(id)))).flat();
    const lines = await receiver.finish();
    const promised = promise(accepted, webhooks);
    function tell(doing: string): void {
      options.onProgress?.({ doing, accepted: accepted.length, ...receiver.taken(), kills: kills.length });
    }
    return {
      ...withAudit(judge({ promised, log: logged, ledger: lines, kills }), { audit, accepted, promised }),
      accepted: accepted.length,
      promised: promised.length,
      requests: lines.length,
      refused: lines.filter(({ status }) => status >= 300).length,
      kills: kills.length,
      stormMs,
      audit,
    };
  } finally {
    await system.kill();
    receiver.stop();
  }
}

type Subscriber = { readonly id: number; readonly types: readonly string[] };

/** Does what a user does first: a namespace, a token, and two webhooks. */
async function arrange(system: WholeSystem, receiver: LedgerKeeper) {
  const { id: namespaceId } = (await system.ctl('namespace', 'add', NAMESPACE)) as { readonly id: number };
  const { token } = (await system.ctl('token', 'create', 'soak')) as { readonly token: string };
  const { createWebhook, log } = api({ url: system.url, namespace: NAMESPACE, token });
  const at = `http://127.0.0.1:${receiver.port}`;
  const all = await createWebhook({ payload_url: `${at}/all`, secret: 's3cret' });
  const rare = await createWebhook({ payload_url: `${at}/rare`, events: [RARE] });
  const webhooks: readonly Subscriber[] = [
    { id: all, types: TYPES },
    { id: rare, types: [RARE] },
  ];
  return { namespaceId, log, webhooks };
}

function promise(accepted: readonly Accepted[], webhooks: readonly Subscriber[]): readonly Promised[] {
  return accepted.flatMap((event) =>
    webhooks
      .filter(({ types }) => types.includes(event.type))
      .map(({ id }) => ({
        deliveryId: deliveryId(event, id),
        eventId: event.id,
        createdAt: Date.parse(event.createdAt),
      })),
  );
}

type Stage = { readonly system: WholeSystem; readonly receiver: LedgerKeeper; readonly namespaceId: number };

/** Emits all events and kills the system meanwhile, until every delivery has been sent once. */
async function storm(options: SoakOptions, { system, receiver, namespaceId }: Stage) {
  const accepted: Accepted[] = [];
  const kills: number[] = [];
  const isSent = () => receiver.taken().deliveries >= deliveriesOf(options.events);
  // So that what is lost ends the storm, too.
  const isIdle = async () => accepted.length >= options.events && (await system.messagesLeft()) === 0;
  const emitting = emit(options, { url: system.url, namespaceId, receiver, accepted });
  while (!isSent() && !(await isIdle())) {
    options.onProgress?.({ doing: 'storm', accepted: accepted.length, ...receiver.taken(), kills: kills.length });
    await sleepUnless(isSent, options.killEveryMs);
    kills.push(Date.now());
    await system.kill();
    if (kills.length % EARLY_KILL_EVERY === 0) {
      await system.start({ untilUp: false });
      await sleep(EARLY_KILL_AFTER_MS);
      kills.push(Date.now());
      await system.kill();
    }
    await system.start();
  }
  await emitting;
  return { accepted, kills };
}

function deliveriesOf(events: number): number {
  return events + events / TYPES.length;
}

type Emission = {
  readonly url: string;
  readonly namespaceId: number;
  readonly receiver: LedgerKeeper;
  /** Filled with what the bus has accepted. */
  readonly accepted: Accepted[];
};

async function emit(options: SoakOptions, { url, namespaceId, receiver, accepted }: Emission): Promise<void> {
  const { put, stop } = producer({ url, payload: PAYLOAD });
  const everyMs = (TYPES.length / options.eventsPerSecond) * 1_000;
  for (let perEntry = 1; accepted.length < options.events; perEntry = perEntry === 1 ? TYPES.length : 1) {
    const next = sleep(everyMs);
    const happenings = TYPES.map((type) => ({ type, namespaceId }));
    accepted.push(...(await put(happenings, perEntry)));
    await next;
    await sleepUnless(() => deliveriesOf(accepted.length) - receiver.taken().deliveries <= AHEAD_MAX, LATER_MS);
  }
  stop();
}

async function sleepUnless(isOver: () => boolean, ms: number): Promise<void> {
  for (const until = Date.now() + ms; Date.now() < until && !isOver(); ) await sleep(50);
}

/** The judgement, and what the operator's audit has against it. */
function withAudit(
  judgement: Judgement,
  of: { readonly audit: Audited; readonly accepted: readonly Accepted[]; readonly promised: readonly Promised[] },
): Judgement {
  const { events, matching, queued, violations, unsettled } = of.audit;
  return {
    ...judgement,
    violations: [
      ...judgement.violations,
      ...violations.map(({ kind, delivery_id: id }) => `${id}: ctl audit says ${kind}`),
      ...(events === of.accepted.length ? [] : [`ctl audit knows ${events} of ${of.accepted.length} accepted events`]),
      ...(matching === of.promised.length ? [] : [`ctl audit knows ${matching} of ${of.promised.length} deliveries`]),
      ...(queued === 0 ? [] : [`ctl audit says that ${queued} deliveries were never attempted`]),
      ...(unsettled === undefined ? [] : [`it did not come to rest: ${unsettled}`]),
    ],
  };
}
