import { concludeForGood, isDeletionNotice } from '../domain/deletion-notice.ts';
import {
  type Attempt,
  type AttemptError,
  type AttemptKey,
  conclude,
  type DeliveryStatus,
  nextAttempt,
  numberInRun,
  writeMessage,
} from '../domain/delivery.ts';
import { deliveryRequest } from '../domain/request.ts';
import type { Webhook } from '../domain/webhook.ts';
import type { AttemptStore, Recording } from '../store/attempts.ts';
import type { StoredEvent } from '../store/events.ts';
import type { FactStore, Facts } from '../store/facts.ts';
import type { Post } from '../transport/post.ts';
import type { Queue } from '../transport/queue.ts';
import type { Vault } from '../transport/vault.ts';
import { type AftermathDeps, followUp, type Logged } from './aftermath.ts';
import { CLAIM_MS, QUEUE_DELAY_MAX_MS } from './retry.ts';

export type AttemptDeps = AftermathDeps & {
  readonly facts: FactStore;
  readonly attempts: Pick<AttemptStore, 'record' | 'settle' | 'cancel' | 'delivery'>;
  readonly vault: Pick<Vault, 'open'>;
  readonly post: Post;
  readonly deliveries: Pick<Queue, 'send'>;
  readonly random: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Whether webhooks with `ssl: false` are sent to without a good certificate; else every certificate must be good. */
  readonly allowInsecureTls: boolean;
  /** Told of our own failures, each of which gives a message back to the queue. */
  readonly onFailure: (error: unknown, key: AttemptKey) => void;
};

/** What became of a message: an attempt to record, nothing (it is in the log, or was cancelled), or our own failure. */
type Ending = { readonly index: number; readonly webhook?: Webhook | undefined } & (
  | { readonly kind: 'attempted' | 'done_before'; readonly attempt: Attempt }
  | { readonly kind: 'cancelled' | 'failed' }
);

/** Attempts that end within this time are recorded together; a slow receiver holds up the others' log no longer. */
const RECORD_WITHIN_MS = 1_000;

/**
 * Makes a batch of attempts at once and records each, whatever it came to: a receiver's failure is data. Only what we
 * could not do ourselves is false in the answer, which is in the order of `keys`. A message that came twice in one batch
 * is one attempt.
 */
export async function attemptAll(deps: AttemptDeps, keys: readonly AttemptKey[]): Promise<boolean[]> {
  // Of two that ask for the same attempt a user's redelivery counts: what the other one's run is to do may be cancelled.
  const ordered = keys.toSorted((a, b) => a.firstOfRun - b.firstOfRun);
  const unique = [...new Map(ordered.map((key) => [identity(key), key])).values()];
  const isDone = await attemptEach(deps, unique);
  const byIdentity = new Map(unique.map((key, index) => [identity(key), isDone[index] ?? false]));
  return keys.map((key) => byIdentity.get(identity(key)) ?? false);
}

function identity(key: AttemptKey): string {
  return `${key.webhookId}/${key.deliveryId}/${key.number}`;
}

async function attemptEach(deps: AttemptDeps, keys: readonly AttemptKey[]): Promise<boolean[]> {
  const isDone = keys.map(() => false);
  const facts = await deps.facts.gather(keys);
  const ended: Ending[] = [];
  const all = Promise.all(
    keys.map(async (key, index) => {
      ended.push(await attemptOne(deps, { key, index, facts: facts[index] }));
    }),
  );
  const finish = async () => {
    for (const [index, done] of await recordEnded(deps, keys, ended.splice(0))) isDone[index] = done;
  };
  await firstOf(deps, all, RECORD_WITHIN_MS);
  await finish();
  await all;
  await finish();
  return isDone;
}

async function firstOf({ sleep }: AttemptDeps, all: Promise<unknown>, withinMs: number): Promise<void> {
  const timer = new AbortController();
  const timeUp = sleep(withinMs, timer.signal).catch(() => undefined);
  await Promise.race([all, timeUp]);
  timer.abort();
}

type Task = { readonly key: AttemptKey; readonly index: number; readonly facts: Facts | undefined };

async function attemptOne(deps: AttemptDeps, { key, index, facts }: Task): Promise<Ending> {
  const { webhook, event, deletedBy, recorded } = facts ?? {};
  if (recorded) return { index, kind: 'done_before', webhook, attempt: recorded };
  if (facts?.isCancelled) return { index, kind: 'cancelled' };
  const isGone = deletedBy !== undefined && !isDeletionNotice(key, deletedBy);
  if (webhook === undefined || isGone) return unsent(deps, { key, index }, 'cancelled', GONE);
  if (!webhook.active) return unsent(deps, { key, index }, 'cancelled', inactive(webhook));
  if (event === undefined) return unsent(deps, { key, index }, 'dead', PAYLOAD_GONE);
  try {
    const attempt = await send(deps, key, { webhook, event });
    return { index, kind: 'attempted', webhook, attempt: deletedBy === undefined ? attempt : concludeForGood(attempt) };
  } catch (error) {
    deps.onFailure(error, key);
    return { index, kind: 'failed' };
  }
}

const GONE: AttemptError = { class: 'webhook_gone', message: 'The webhook was deleted before this attempt' };
const PAYLOAD_GONE: AttemptError = { class: 'payload_gone', message: 'The payload of this event is no longer kept' };

function inactive({ deactivation }: Webhook): AttemptError {
  const message = deactivation?.message ?? 'The webhook was deactivated before this attempt';
  return { class: 'webhook_inactive', message };
}

function unsent(deps: AttemptDeps, task: Omit<Task, 'facts'>, status: DeliveryStatus, error: AttemptError): Ending {
  const startedAt = new Date(deps.now()).toISOString();
  return { index: task.index, kind: 'attempted', attempt: { ...task.key, status, error, startedAt, durationMs: 0 } };
}

async function send(
  deps: AttemptDeps,
  key: AttemptKey,
  { webhook, event }: { readonly webhook: Webhook; readonly event: StoredEvent },
): Promise<Attempt> {
  const owner = { webhookId: webhook.id, namespaceId: webhook.namespaceId };
  const secret = webhook.sealedSecret && (await deps.vault.open(webhook.sealedSecret, owner));
  const startedMs = deps.now();
  const body = event.payload;
  const request = deliveryRequest({
    webhook,
    eventType: event.type,
    deliveryId: key.deliveryId,
    body,
    secret,
    nowMs: startedMs,
  });
  const verifyCertificate = webhook.ssl || !deps.allowInsecureTls;
  const outcome = await deps.post({ ...request, body, verifyCertificate });
  const circumstances = { startedMs, endedMs: deps.now(), random: deps.random() };
  return { ...key, request, connection: outcome.connection, ...conclude(outcome, numberInRun(key), circumstances) };
}

/** Records attempts, sends what is due soon, settles what came before, and sees to what follows; answers what is done, by index. */
async function recordEnded(
  deps: AttemptDeps,
  keys: readonly AttemptKey[],
  ended: readonly Ending[],
): Promise<[number, boolean][]> {
  const nowMs = deps.now();
  const made = ended.flatMap((ending) =>
    ending.kind === 'attempted' ? [{ index: ending.index, ...recording(ending.attempt, nowMs) }] : [],
  );
  const recorded = made.length === 0 ? [] : await deps.attempts.record(made);
  const isNew = made.filter((_, position) => recorded[position] === 'inserted');
  await sendSoon(deps, isNew);
  const failed = new Set(made.filter((_, position) => recorded[position] === 'failed').map(({ index }) => index));
  const results = ended.map(({ index, kind }): [number, boolean] => [index, kind !== 'failed' && !failed.has(index)]);
  const isCancelled = new Set(ended.filter(({ kind }) => kind === 'cancelled').map(({ index }) => index));
  await Promise.all(
    results.map(([index, done]) => {
      const key = keys[index];
      if (!done || key === undefined || key.number === 1) return undefined;
      return isCancelled.has(index) ? deps.attempts.cancel(previous(key)) : settlePrevious(deps, key);
    }),
  );
  const inserted = new Set(isNew.map(({ index }) => index));
  const logged = ended.flatMap((ending) => (failed.has(ending.index) ? [] : asLogged(ending, inserted)));
  const undone = await followUp(deps, logged);
  for (const { one, error } of undone) deps.onFailure(error, one.attempt);
  // Their messages come again and find the attempts in the log: nothing is sent to a receiver for it.
  const isUndone = new Set(undone.map(({ one }) => one.index));
  return results.map(([index, done]) => [index, done && !isUndone.has(index)]);
}

function asLogged(ending: Ending, inserted: ReadonlySet<number>): (Logged & { readonly index: number })[] {
  if (!('attempt' in ending)) return [];
  const { index, webhook, attempt, kind } = ending;
  return [{ index, webhook, attempt, standsAsMade: kind === 'done_before' || inserted.has(index) }];
}

/** A retry that is due soon goes through the queue's own delay; the due index then only guards it against being lost. */
function recording(attempt: Attempt, nowMs: number): Recording & { readonly delaySeconds?: number } {
  if (attempt.nextAttemptAt === undefined) return { attempt };
  const dueMs = Date.parse(attempt.nextAttemptAt);
  if (dueMs - nowMs > QUEUE_DELAY_MAX_MS) return { attempt, dueAtMs: dueMs };
  const delaySeconds = Math.max(0, Math.ceil((dueMs - nowMs) / 1000));
  return { attempt, dueAtMs: dueMs + CLAIM_MS, delaySeconds };
}

async function sendSoon(deps: AttemptDeps, made: readonly ReturnType<typeof recording>[]): Promise<void> {
  const soon = made.flatMap(({ attempt, delaySeconds }) =>
    delaySeconds === undefined ? [] : [{ key: nextAttempt(attempt), delaySeconds }],
  );
  if (soon.length === 0) return;
  const messages = soon.map(({ key, delaySeconds }) => ({
    body: writeMessage(key),
    groupId: key.webhookId.toString(),
    delaySeconds,
  }));
  try {
    await deps.deliveries.send(messages);
  } catch (error) {
    // The attempts are recorded and due: `retry` will send what the queue did not take, only later.
    for (const { key } of soon) deps.onFailure(error, key);
  }
}

function previous(key: AttemptKey): AttemptKey {
  return { ...key, number: key.number - 1 };
}

async function settlePrevious(deps: AttemptDeps, key: AttemptKey): Promise<void> {
  const { wasCancelled } = await deps.attempts.settle(previous(key));
  // Cancelled while this attempt was under way: it was the last one. A redelivery's own run is another matter.
  if (wasCancelled && key.number > key.firstOfRun) await deps.attempts.cancel(key);
}
