import { type Attempt, type AttemptKey, nextAttempt } from '../domain/delivery.ts';
import { writeMessage } from '../domain/delivery-message.ts';
import { mayBeOvertaken } from '../domain/overtaken.ts';
import { UNSIGNED } from '../domain/unsent.ts';
import type { Webhook } from '../domain/webhook.ts';
import type { Recording } from '../store/attempt-record.ts';
import type { AttemptStore } from '../store/attempts.ts';
import type { Unsigned } from '../store/holds.ts';
import type { Queue } from '../transport/queue.ts';
import { type AftermathDeps, failing, followUp, type Logged } from './aftermath.ts';
import { CLAIM_MS, QUEUE_DELAY_MAX_MS } from './retry.ts';

export type RecordDeps = AftermathDeps & {
  readonly attempts: Pick<AttemptStore, 'record' | 'settle' | 'cancel' | 'attempt'>;
  readonly deliveries: Pick<Queue, 'send'>;
  /** Told of our own failures, each of which gives a message back to the queue. */
  readonly onFailure: (error: unknown, key: AttemptKey) => void;
};

/** What became of a message: an attempt to record, nothing (it is in the log, or was cancelled), or our own failure. */
export type Ending = { readonly index: number; readonly webhook?: Webhook | undefined } & (
  | { readonly kind: 'attempted' | 'done_before'; readonly attempt: Attempt }
  | { readonly kind: 'cancelled' | 'failed' }
);

/**
 * Records attempts, sends what is due soon, settles what came before, notes what is held, and sees to what follows; answers what is done,
 * by index.
 */
export async function recordEnded(
  deps: RecordDeps,
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
  const overtaken = made.filter(({ attempt }, position) => recorded[position] === 'exists' && mayBeOvertaken(attempt));
  const notDone = new Set([...failed, ...overtaken.map(({ index }) => index)]);
  const results = ended.map(({ index, kind }): [number, boolean] => [index, kind !== 'failed' && !notDone.has(index)]);
  const isCancelled = new Set(ended.filter(({ kind }) => kind === 'cancelled').map(({ index }) => index));
  await Promise.all(
    results.map(async ([index, done]) => {
      const key = keys[index];
      if (!done || key === undefined) return;
      await (isCancelled.has(index) ? cancelBoth(deps, key) : settlePrevious(deps, key));
    }),
  );
  const inserted = new Set(isNew.map(({ index }) => index));
  const logged = ended.flatMap((ending) => (failed.has(ending.index) ? [] : asLogged(ending, inserted)));
  const undone = [...(await noteHolds(deps, logged)), ...(await followUp(deps, logged))];
  for (const { one, error } of undone) deps.onFailure(error, one.attempt);
  // Their messages come again and find the attempts in the log: nothing is sent to a receiver for it.
  const isUndone = new Set(undone.map(({ one }) => one.index));
  return results.map(([index, done]) => [index, done && !isUndone.has(index)]);
}

/** Has the webhooks known of which deliveries are held; answers what could not be noted. */
async function noteHolds<L extends Logged>(deps: RecordDeps, logged: readonly L[]) {
  const held = Map.groupBy(
    logged.filter(({ attempt }) => attempt.status === 'held'),
    ({ attempt }) => attempt.webhookId,
  );
  const failures = await Promise.all(
    [...held.values()].map((group) =>
      failing(group, async () => {
        for (const { attempt } of group.slice(0, 1)) await deps.holds.note(attempt, deps.now(), unsignedOf(group));
      }),
    ),
  );
  return failures.flat();
}

/** Whether some of what is held could not be signed, and whether that had been released to find out. */
function unsignedOf(held: readonly Logged[]): Unsigned | undefined {
  const unsigned = held.filter(({ attempt }) => attempt.error?.class === UNSIGNED.class);
  if (unsigned.length === 0) return undefined;
  return unsigned.some(({ attempt }) => attempt.isReleased) ? 'again' : 'first';
}

function asLogged(ending: Ending, inserted: ReadonlySet<number>): (Logged & { readonly index: number })[] {
  if (!('attempt' in ending)) return [];
  const { index, webhook, attempt, kind } = ending;
  return [{ index, webhook, attempt, standsAsMade: kind === 'done_before' || inserted.has(index) }];
}

/** A retry that is due soon goes through the queue's own delay; the due index then only guards it against being lost. */
function recording(attempt: Attempt, nowMs: number): Recording & { readonly delaySeconds?: number } {
  // What is held keeps the order of the events.
  if (attempt.status === 'held') return { attempt, dueAtMs: Math.min(Date.parse(attempt.eventCreatedAt), nowMs) };
  if (attempt.nextAttemptAt === undefined) return { attempt };
  const dueMs = Date.parse(attempt.nextAttemptAt);
  if (dueMs - nowMs > QUEUE_DELAY_MAX_MS) return { attempt, dueAtMs: dueMs };
  const delaySeconds = Math.max(0, Math.ceil((dueMs - nowMs) / 1000));
  return { attempt, dueAtMs: dueMs + CLAIM_MS, delaySeconds };
}

async function sendSoon(deps: RecordDeps, made: readonly ReturnType<typeof recording>[]): Promise<void> {
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

/** Its predecessor was cancelled, which this attempt may not have learnt when it was held: it would be held for ever. */
async function cancelBoth(deps: RecordDeps, key: AttemptKey): Promise<void> {
  await deps.attempts.cancel(previous(key), deps.now());
  await deps.attempts.cancel(key, deps.now());
}

/** Settles what came before an attempt; answers whether that had been cancelled, and the attempt's run with it. */
export async function settlePrevious(
  deps: { readonly attempts: Pick<AttemptStore, 'settle' | 'cancel'>; readonly now: () => number },
  key: AttemptKey,
): Promise<boolean> {
  if (key.number === 1) return false;
  const { wasCancelled } = await deps.attempts.settle(previous(key));
  // Cancelled while this attempt was under way: it was the last one. A redelivery's own run is another matter.
  const isLast = wasCancelled && key.number > key.firstOfRun;
  if (isLast) await deps.attempts.cancel(key, deps.now());
  return isLast;
}
