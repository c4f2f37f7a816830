import { nextAttempt } from '../domain/delivery.ts';
import { writeMessage } from '../domain/delivery-message.ts';
import type { DueAttempt } from '../store/attempt-due.ts';
import type { AttemptStore } from '../store/attempts.ts';
import type { Queue } from '../transport/queue.ts';

export type RetryDeps = {
  readonly attempts: Pick<AttemptStore, 'due' | 'claim'>;
  readonly deliveries: Pick<Queue, 'send'>;
  readonly now: () => number;
  /** How many one run undertakes to send, whether the queue then takes them or not. */
  readonly retriesPerRun: number;
  /** Told of a run that leaves some for the next, as it may send no more: whose it has undertaken to send, those with the most first. */
  readonly onFull: (busiest: readonly Share[]) => void;
};

/** How many of a run were one webhook's. */
type Share = { readonly webhookId: number; readonly retries: number };

/** As many of the busiest webhooks as whoever reads the log may want to look at. */
const BUSIEST = 3;

/** The schedule runs every minute, so this far ahead: what comes due until the next run leaves now, with the queue's delay. */
export const QUEUE_DELAY_MAX_MS = 60_000;

/**
 * How long whoever undertook to send an attempt has until it counts as lost and is sent again. Longer than a message waits
 * in a queue that keeps up; where it does not, the second message finds the attempt recorded and does nothing.
 */
export const CLAIM_MS = 5 * 60_000;

/**
 * Sends the attempts that are due within the next minute, oldest first: no more than some, so that what a long standstill has
 * left comes upon nobody at once. What the queue does not take counts, too: where it takes nothing, all that is due would be claimed
 * in vain, and come late by the length of a claim. Answers how many were sent; throws where some could not be claimed, once all others are sent.
 */
export async function sendDue(deps: RetryDeps): Promise<number> {
  let sent = 0;
  const errors: unknown[] = [];
  const undertaken: DueAttempt[] = [];
  for await (const page of deps.attempts.due(deps.now() + QUEUE_DELAY_MAX_MS)) {
    if (undertaken.length >= deps.retriesPerRun) {
      deps.onFull(busiest(undertaken));
      break;
    }
    const claims = await claimEach(page, (due) => claim(deps, due));
    errors.push(...claims.errors);
    undertaken.push(...claims.claimed);
    const accepted = await deps.deliveries.send(claims.claimed.map((due) => message(due, deps.now())));
    sent += accepted.filter(Boolean).length;
  }
  for (const error of errors) throw error;
  return sent;
}

function busiest(undertaken: readonly DueAttempt[]): Share[] {
  const groups = [...Map.groupBy(undertaken, ({ webhookId }) => webhookId)];
  const shares = groups.map(([webhookId, all]) => ({ webhookId, retries: all.length }));
  return shares.toSorted((one, other) => other.retries - one.retries).slice(0, BUSIEST);
}

/** Claims attempts; answers those that it got, which are to be sent whatever became of the others, and the errors of those. */
export async function claimEach<T>(
  all: readonly T[],
  claimOne: (one: T) => Promise<boolean>,
): Promise<{ readonly claimed: readonly T[]; readonly errors: readonly unknown[] }> {
  const ends = await Promise.allSettled(all.map(claimOne));
  return {
    claimed: all.filter((_, index) => {
      const end = ends[index];
      return end?.status === 'fulfilled' && end.value;
    }),
    errors: ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : [])),
  };
}

/** Claimed before it is sent: a crash in between costs the length of the claim, and loses nothing. */
function claim(deps: RetryDeps, due: DueAttempt): Promise<boolean> {
  return deps.attempts.claim(due, Math.max(deps.now(), due.dueAtMs) + CLAIM_MS);
}

function message(due: DueAttempt, nowMs: number) {
  const waitMs = Date.parse(due.nextAttemptAt) - nowMs;
  return {
    body: writeMessage(nextAttempt(due)),
    groupId: due.webhookId.toString(),
    delaySeconds: Math.max(0, Math.ceil(waitMs / 1000)),
  };
}
