import { writeMessage } from '../domain/delivery-message.ts';
import { type Release, releaseOf } from '../domain/hold.ts';
import { ATTEMPT_DEADLINE_MS } from '../domain/limits.ts';
import type { HeldAttempt } from '../store/attempt-due.ts';
import type { AttemptStore } from '../store/attempts.ts';
import type { DueHold, HoldStore, TakenHold } from '../store/holds.ts';
import type { WebhookStore } from '../store/webhooks.ts';
import type { Queue } from '../transport/queue.ts';
import { CLAIM_MS, claimEach } from './retry.ts';

export type ReleaseDeps = {
  readonly holds: Pick<HoldStore, 'due' | 'move' | 'end'>;
  readonly webhooks: Pick<WebhookStore, 'get'>;
  readonly attempts: Pick<AttemptStore, 'held' | 'claim'>;
  readonly deliveries: Pick<Queue, 'send'>;
  readonly now: () => number;
  /** How many of one webhook are released in one run. */
  readonly releasesPerRun: number;
  /** Told of what stopped the release of a webhook's deliveries for now. */
  readonly onReleaseFailure: (error: unknown, hold: DueHold) => void;
};

/** How long one run of the schedule goes on to take up webhooks. The function is ended after 30 s. */
const RUN_MS = 20_000;
/** The schedule runs every minute: what is due after this is looked at by the next run, and once by it. */
const REST_MS = 30_000;
/** How long a probe has until the next one is made: an attempt and its time in the queue, and longer. */
const PROBE_MS = 120_000;
/** What is released in one run is spread over the time until the next, but that what takes long has its end by then: it would seem busy. */
const SPREAD_SECONDS = 60 - ATTEMPT_DEADLINE_MS / 1000 - 5;

/**
 * Releases held deliveries, webhook by webhook: the oldest as a probe of a receiver that kept failing, the oldest alone where it would only be held again,
 * as far as can be known, or the oldest, as many as one run may, where nothing holds them any more. Where there are more webhooks than a run has time for, the next one goes on. Answers how many were sent; throws where one
 * webhook's could not be released, once all others' are.
 */
export async function releaseHeld(deps: ReleaseDeps): Promise<number> {
  const startedMs = deps.now();
  let sent = 0;
  const errors: unknown[] = [];
  for (const due of await deps.holds.due(startedMs)) {
    if (deps.now() >= startedMs + RUN_MS) break;
    try {
      const taken = await deps.holds.move(due, deps.now() + CLAIM_MS);
      if (taken !== undefined) sent += await releaseOne(deps, taken);
    } catch (error) {
      deps.onReleaseFailure(error, due);
      errors.push(error);
    }
  }
  for (const error of errors) throw error;
  return sent;
}

async function releaseOne(deps: ReleaseDeps, taken: TakenHold): Promise<number> {
  const { webhookId, namespaceId } = taken;
  const release = releaseOf(await deps.webhooks.get(namespaceId, webhookId), taken, deps.now());
  if (release.kind === 'wait') {
    await deps.holds.move(taken, release.untilMs);
    return 0;
  }
  const limit = release.kind === 'all' ? deps.releasesPerRun : 1;
  const held = await deps.attempts.held(webhookId, deps.now(), limit);
  if (held.length === 0 && (await isOver(deps, taken))) {
    await deps.holds.end(taken);
    return 0;
  }
  // As of before they are sent: what is held again is so later.
  const releasedMs = deps.now();
  const sent = await sendClaimed(deps, held, release);
  const restMs = release.kind === 'probe' && sent > 0 ? PROBE_MS : REST_MS;
  await deps.holds.move(taken, deps.now() + restMs, sent > 0 ? releasedMs : undefined);
  return sent;
}

/** Nothing is held, nothing that was released is still on its way, and nothing has been held so lately that the index may not know of it. */
async function isOver(deps: ReleaseDeps, { webhookId, heldLastMs }: TakenHold): Promise<boolean> {
  if (deps.now() - heldLastMs <= CLAIM_MS) return false;
  return (await deps.attempts.held(webhookId, Number.MAX_SAFE_INTEGER, 1)).length === 0;
}

/** Claimed before they are sent, as retries are; what the queue does not take is claimed in vain for so long. */
async function sendClaimed(deps: ReleaseDeps, held: readonly HeldAttempt[], release: Release): Promise<number> {
  const isProbe = release.kind === 'probe';
  const delaySeconds = release.kind === 'trial' ? release.delayMs / 1000 : 0;
  const untilMs = deps.now() + CLAIM_MS;
  const { claimed, errors } = await claimEach(held, (one) => deps.attempts.claim(one, untilMs));
  const messages = claimed.map((key, index) => ({
    body: writeMessage({ ...key, isProbe, isReleased: true }),
    groupId: key.webhookId.toString(),
    delaySeconds: delaySeconds + Math.floor((index * SPREAD_SECONDS) / deps.releasesPerRun),
  }));
  const sent = await deps.deliveries.send(messages);
  for (const error of errors) throw error;
  return sent.filter(Boolean).length;
}
