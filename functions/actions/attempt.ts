import { concludeForGood, isDeletionNotice } from '../domain/deletion-notice.ts';
import {
  type Attempt,
  type AttemptError,
  type AttemptKey,
  conclude,
  type DeliveryStatus,
  numberInRun,
} from '../domain/delivery.ts';
import { holdOn } from '../domain/hold.ts';
import { SLOW_POST_MS, UNSIGNED_MAX_HOURS } from '../domain/limits.ts';
import { deliveryRequest } from '../domain/request.ts';
import { signingSecrets } from '../domain/secret.ts';
import { NEVER_SIGNED, PAYLOAD_GONE, UNSIGNED, WEBHOOK_GONE, webhookInactive } from '../domain/unsent.ts';
import type { Webhook } from '../domain/webhook.ts';
import type { StoredEvent } from '../store/events.ts';
import type { FactStore, Facts } from '../store/facts.ts';
import type { Post } from '../transport/post.ts';
import type { Vault } from '../transport/vault.ts';
import { checkGoodbyes } from './goodbye.ts';
import { type Ending, type RecordDeps, recordEnded } from './record.ts';
import { sendBehind } from './send-behind.ts';
import { postsUnderWay, type SlowPostDeps } from './slow-posts.ts';
import { type Trouble, troubleOf } from './trouble.ts';

export type AttemptDeps = RecordDeps &
  SlowPostDeps & {
    readonly facts: FactStore;
    readonly vault: Pick<Vault, 'open'>;
    readonly post: Post;
    readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
    /** Whether webhooks with `ssl: false` are sent to without a good certificate; else every certificate must be good. */
    readonly allowInsecureTls: boolean;
    /** Told of a batch in which not all is well. */
    readonly onTrouble: (trouble: Trouble) => void;
  };

/** Attempts that end within this time are recorded together; a slow receiver holds up the others' log no longer. */
const RECORD_WITHIN_MS = 1_000;
const HOUR_MS = 60 * 60 * 1000;

/**
 * Makes a batch of attempts at once and records each, whatever it came to: a receiver's failure is data. Only what we
 * could not do ourselves is false in the answer, which is in the order of `keys`. A message that came twice in one batch
 * is one attempt.
 */
export async function attemptAll(deps: AttemptDeps, keys: readonly AttemptKey[]): Promise<boolean[]> {
  // Of two that ask for the same attempt a user's redelivery counts: what the other one's run is to do may be cancelled.
  const ordered = keys.toSorted((a, b) => a.firstOfRun - b.firstOfRun);
  const unique = [...Map.groupBy(ordered, identity).values()].flatMap(merged);
  const isDone = await attemptEach(deps, unique);
  const byIdentity = new Map(unique.map((key, index) => [identity(key), isDone[index] ?? false]));
  return keys.map((key) => byIdentity.get(identity(key)) ?? false);
}

/** One key for all that ask for an attempt: that of the latest run, and a release or a probe where any of them is one. */
function merged(keys: readonly AttemptKey[]): AttemptKey[] {
  return keys.slice(-1).map((key) => ({
    ...key,
    isReleased: keys.some(({ isReleased }) => isReleased) || undefined,
    isProbe: keys.some(({ isProbe }) => isProbe) || undefined,
  }));
}

function identity(key: AttemptKey): string {
  return `${key.webhookId}/${key.deliveryId}/${key.number}`;
}

async function attemptEach(deps: AttemptDeps, keys: readonly AttemptKey[]): Promise<boolean[]> {
  const isDone = keys.map(() => false);
  const facts = await deps.facts.gather(keys);
  const posts = postsUnderWay(deps);
  const ended: Ending[] = [];
  const endings: Ending[] = [];
  const all = Promise.all(
    keys.map(async (key, index) => {
      ended.push(await attemptOne(deps, { key, index, facts: facts[index], posts }));
    }),
  );
  const finish = async () => {
    const batch = await checkGoodbyes(deps, ended.splice(0));
    endings.push(...batch);
    try {
      for (const [index, done] of await recordEnded(deps, keys, batch)) isDone[index] = done;
    } catch (error) {
      // Theirs come again; others may be under way, whose outcomes are not to be lost with them.
      for (const key of batch.flatMap(({ index }) => keys[index] ?? [])) deps.onFailure(error, key);
    }
  };
  if (!(await isOver(deps, all, RECORD_WITHIN_MS))) {
    await finish();
    if (!(await isOver(deps, all, SLOW_POST_MS - RECORD_WITHIN_MS))) await posts.note();
    await all;
  }
  await finish();
  await posts.strike();
  const trouble = troubleOf(endings, isDone);
  if (trouble !== undefined) deps.onTrouble(trouble);
  return isDone;
}

/** Whether all are over within so long. */
async function isOver({ sleep }: AttemptDeps, all: Promise<unknown>, withinMs: number): Promise<boolean> {
  const timer = new AbortController();
  const timeUp = sleep(withinMs, timer.signal).then(
    () => false,
    () => false,
  );
  const over = await Promise.race([all.then(() => true), timeUp]);
  timer.abort();
  return over;
}

type Task = {
  readonly key: AttemptKey;
  readonly index: number;
  readonly facts: Facts | undefined;
  readonly posts: ReturnType<typeof postsUnderWay>;
};

async function attemptOne(deps: AttemptDeps, { key, index, facts, posts }: Task): Promise<Ending> {
  const { webhook, event, deletedBy, recorded } = facts ?? {};
  const isToMake = recorded === undefined || (recorded.status === 'held' && key.isReleased);
  if (!isToMake) {
    const isDone = await sendBehind(deps, key, recorded);
    return isDone ? { index, kind: 'done_before', webhook, attempt: recorded } : { index, kind: 'failed' };
  }
  if (facts?.isCancelled) return { index, kind: 'cancelled' };
  const unsent = (status: DeliveryStatus, error: AttemptError): Ending => {
    // What is held goes on being held since when it was first, for as long as the reason is the same.
    const since = status === 'held' && recorded?.error?.class === error.class ? recorded.startedAt : undefined;
    const startedAt = since ?? new Date(deps.now()).toISOString();
    return { index, kind: 'attempted', webhook, attempt: { ...key, status, error, startedAt, durationMs: 0 } };
  };
  const isGone = deletedBy !== undefined && !isDeletionNotice(key, deletedBy);
  if (webhook === undefined || isGone) return unsent('cancelled', WEBHOOK_GONE);
  if (!webhook.active) return unsent('cancelled', webhookInactive(webhook));
  if (facts?.unreadable !== undefined) {
    deps.onFailure(facts.unreadable, key);
    return { index, kind: 'failed' };
  }
  if (event === undefined) return unsent('dead', PAYLOAD_GONE);
  const hold = deletedBy === undefined ? holdOn(webhook, key, deps.now()) : undefined;
  if (hold !== undefined) return unsent('held', hold);
  const secrets = await openSecrets(deps, key, webhook);
  if (secrets === undefined) return isLong(deps, recorded) ? unsent('dead', NEVER_SIGNED) : unsent('held', UNSIGNED);
  try {
    const attempt = await posts.follow(webhook, () => send(deps, key, { webhook, event, secrets }));
    return { index, kind: 'attempted', webhook, attempt: deletedBy === undefined ? attempt : concludeForGood(attempt) };
  } catch (error) {
    deps.onFailure(error, key);
    return { index, kind: 'failed' };
  }
}

/** The secrets to sign with, now; undefined where they cannot be opened, which is no fault of the receiver's. */
async function openSecrets(deps: AttemptDeps, key: AttemptKey, webhook: Webhook): Promise<string[] | undefined> {
  const owner = { webhookId: webhook.id, namespaceId: webhook.namespaceId };
  try {
    return await Promise.all(signingSecrets(webhook, deps.now()).map((one) => deps.vault.open(one, owner)));
  } catch (error) {
    deps.onFailure(error, key);
    return undefined;
  }
}

function isLong(deps: AttemptDeps, held: Attempt | undefined): boolean {
  const since = held?.error?.class === UNSIGNED.class ? held.startedAt : undefined;
  return since !== undefined && deps.now() - Date.parse(since) > UNSIGNED_MAX_HOURS * HOUR_MS;
}

type Sent = { readonly webhook: Webhook; readonly event: StoredEvent; readonly secrets: readonly string[] };

async function send(deps: AttemptDeps, key: AttemptKey, { webhook, event, secrets }: Sent): Promise<Attempt> {
  const startedMs = deps.now();
  const body = event.payload;
  const request = deliveryRequest({
    webhook,
    eventType: event.type,
    deliveryId: key.deliveryId,
    body,
    secrets,
    nowMs: startedMs,
  });
  const verifyCertificate = webhook.ssl || !deps.allowInsecureTls;
  const outcome = await deps.post({ ...request, body, verifyCertificate });
  const circumstances = { startedMs, endedMs: deps.now(), random: deps.random() };
  return { ...key, request, connection: outcome.connection, ...conclude(outcome, numberInRun(key), circumstances) };
}
