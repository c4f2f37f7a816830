import { type AttemptKey, redeliveryOf } from '../domain/delivery.ts';
import { writeMessage } from '../domain/delivery-message.ts';
import type { MissedPage } from '../domain/missed-page.ts';
import { afterPage, isToRecover, type Recovery } from '../domain/recovery.ts';
import type { Webhook } from '../domain/webhook.ts';
import type { DueRecovery, Ending, RecoveryStore, RunningRecovery } from '../store/recoveries.ts';
import type { WebhookStore } from '../store/webhooks.ts';
import type { Queue } from '../transport/queue.ts';
import { type MissedDeps, readMissed } from './missed.ts';

export type { RunningRecovery };

export type RecoverDeps = MissedDeps & {
  readonly webhooks: Pick<WebhookStore, 'get'>;
  readonly recoveries: RecoveryStore;
  readonly deliveries: Pick<Queue, 'send'>;
  /** Deliveries that are made again between two marks of how far a recovery is, and in one run of the schedule. */
  readonly deliveriesPerPage: number;
  readonly deliveriesPerRun: number;
  /** Told of what made a recovery stop for now: the schedule takes it in hand again. */
  readonly onRecoveryFailure: (error: unknown, recovery: DueRecovery) => void;
};

/**
 * What a page of a recovery came to: it goes on, with so many more deliveries made again; it has ended; or it is in other
 * hands: somebody has cancelled it, or has undertaken it because we held it for too long.
 */
export type PageResult =
  | { readonly kind: 'goes_on'; readonly recovery: RunningRecovery; readonly redelivered: number }
  | { readonly kind: 'ended' | 'lost'; readonly recovery: Recovery; readonly redelivered: number };

/** How long whoever works on a recovery has for its next page, until it counts as left alone: longer than a function runs. */
export const HOLD_MS = 2 * 60_000;
/** How long one run of the schedule goes on to begin pages. The function is ended after 30 s. */
const RUN_MS = 20_000;
/** A recovery is let alone from run to run, also by a second run in the same minute: that is what keeps its pace. */
const REST_MS = 50_000;
/** Recoveries that a run works on at once. */
const AT_ONCE = 5;

const GONE = 'The webhook was deleted';
const INACTIVE = 'The webhook was deactivated';

/**
 * Makes the next page of a recovery's deliveries again, up to `limit` of them, and saves how far it is. A crash before that is
 * saved sends the page once more, which makes the same attempts: they have the same numbers. Throws where the queue did not
 * take all of a page: then the page is not done.
 */
export async function recoverPage(deps: RecoverDeps, held: RunningRecovery, limit: number): Promise<PageResult> {
  const webhook = await deps.webhooks.get(held.namespaceId, held.webhookId);
  if (!webhook?.active) {
    return end(deps, { held, after: held, redelivered: 0, reason: webhook === undefined ? GONE : INACTIVE });
  }
  const { keys, isEnd, ...reached } = await readNext(deps, held, { webhook, limit });
  await sendAll(deps, keys);
  const redelivered = keys.length;
  const nowMs = deps.now();
  const after = afterPage(held, { ...reached, redelivered }, nowMs);
  if (isEnd) return end(deps, { held, after, redelivered });
  const recovery = await deps.recoveries.save(held, { ...after, dueAtMs: nowMs + HOLD_MS });
  return recovery === undefined ? lost(deps, held, redelivered) : { kind: 'goes_on', recovery, redelivered };
}

async function readNext(
  deps: RecoverDeps,
  held: RunningRecovery,
  page: { readonly webhook: Webhook; readonly limit: number },
): Promise<MissedPage> {
  if (held.filter.status === 'missed') return readMissed(deps, held, page);
  const { deliveries, read, last, isEnd } = await deps.attempts.stretch(held.webhookId, {
    after: held.cursor,
    sinceMs: Date.parse(held.filter.since),
    untilMs: Date.parse(held.filter.until),
    lets: (standing) => isToRecover(held, standing),
    limit: page.limit,
    nowMs: deps.now(),
  });
  return { keys: deliveries.map(({ last: of, status }) => redeliveryOf({ ...of, status })), read, last, isEnd };
}

/** Works on the recoveries that are due. Answers how many deliveries were made again; throws where one could not go on, once all others have. */
export async function recoverDue(deps: RecoverDeps): Promise<number> {
  const startedMs = deps.now();
  // One iterator for all workers: each takes the next one.
  const due = (await deps.recoveries.due(startedMs)).values();
  const errors: unknown[] = [];
  const onRecoveryFailure: RecoverDeps['onRecoveryFailure'] = (error, one) => {
    errors.push(error);
    deps.onRecoveryFailure(error, one);
  };
  const work = async () => {
    let redelivered = 0;
    for (const one of due) {
      if (deps.now() >= startedMs + RUN_MS) break;
      redelivered += await recoverOne({ ...deps, onRecoveryFailure }, one, startedMs);
    }
    return redelivered;
  };
  const counts = await Promise.all(Array.from({ length: AT_ONCE }, work));
  for (const error of errors) throw error;
  return counts.reduce((sum, count) => sum + count, 0);
}

/** One recovery's share of a run. What fails is told of, and is tried again when the hold has run out. */
async function recoverOne(deps: RecoverDeps, due: DueRecovery, startedMs: number): Promise<number> {
  let redelivered = 0;
  try {
    let held = await deps.recoveries.hold(due, deps.now() + HOLD_MS);
    while (held !== undefined && redelivered < deps.deliveriesPerRun && deps.now() < startedMs + RUN_MS) {
      const limit = Math.min(deps.deliveriesPerPage, deps.deliveriesPerRun - redelivered);
      const page = await recoverPage(deps, held, limit);
      redelivered += page.redelivered;
      held = page.kind === 'goes_on' ? page.recovery : undefined;
    }
    if (held !== undefined) await deps.recoveries.hold(held, Math.max(deps.now(), startedMs + REST_MS));
  } catch (error) {
    deps.onRecoveryFailure(error, due);
  }
  return redelivered;
}

async function sendAll(deps: RecoverDeps, keys: readonly AttemptKey[]): Promise<void> {
  const messages = keys.map((key) => ({ body: writeMessage(key), groupId: key.webhookId.toString() }));
  const sent = await deps.deliveries.send(messages);
  const refused = sent.filter((isSent) => !isSent).length;
  if (refused > 0) throw new Error(`The deliveries queue did not take ${refused} of ${sent.length} redeliveries`);
}

type End = {
  readonly held: RunningRecovery;
  readonly after: Recovery;
  readonly redelivered: number;
  readonly reason?: string;
};

async function end(deps: RecoverDeps, { held, after, redelivered, reason }: End): Promise<PageResult> {
  const finishedAt = new Date(deps.now()).toISOString();
  const ending: Ending = { status: reason === undefined ? 'finished' : 'cancelled', finishedAt, reason };
  if (!(await deps.recoveries.end(held, after, ending))) return lost(deps, held, redelivered);
  return { kind: 'ended', recovery: { ...after, ...ending, updatedAt: finishedAt }, redelivered };
}

async function lost(deps: RecoverDeps, held: RunningRecovery, redelivered: number): Promise<PageResult> {
  return { kind: 'lost', recovery: (await deps.recoveries.find(held, deps.now())) ?? held, redelivered };
}
