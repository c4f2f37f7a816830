import type { AttemptError, AttemptKey } from './delivery.ts';
import { ATTEMPT_DEADLINE_MS, SLOW_POSTS_PER_WEBHOOK_MAX } from './limits.ts';
import type { Webhook } from './webhook.ts';

/** As much of a webhook as says whether its deliveries are held. */
export type Held = Pick<Webhook, 'active' | 'pause' | 'health' | 'slowPosts'>;

/** Whether a user's pause holds at this moment. */
export function isPaused({ pause }: Pick<Webhook, 'pause'>, nowMs: number): boolean {
  return pause !== undefined && nowMs < pause.untilMs;
}

/** Whether a user may have something sent at this moment: an inactive or a paused webhook refuses that. */
export function maySend(webhook: Pick<Webhook, 'active' | 'pause'>, nowMs: number): boolean {
  return webhook.active && !isPaused(webhook, nowMs);
}

/** Where a webhook's circuit stands; half open from when a probe may be made. */
export function circuitState({ health }: Pick<Webhook, 'health'>, nowMs: number): 'closed' | 'open' | 'half_open' {
  if (health?.breaker === undefined) return 'closed';
  return nowMs < health.breaker.probeAtMs ? 'open' : 'half_open';
}

/**
 * Why an attempt is not made now but held, in the form of an attempt's error; undefined for one that is to be made. A probe is made though the
 * circuit is open; a pause holds probes, too.
 */
export function holdOn(webhook: Held, key: Pick<AttemptKey, 'isProbe'>, nowMs: number): AttemptError | undefined {
  if (isPaused(webhook, nowMs))
    return { class: 'paused', message: 'The webhook is paused: this is held until it resumes' };
  if (key.isProbe) return undefined;
  if (webhook.health?.breaker) return { class: 'circuit_open', message: CIRCUIT_OPEN };
  return isBusy(webhook, nowMs) ? { class: 'busy', message: BUSY } : undefined;
}

/** Whether as many POSTs to a webhook that take long are under way as may be. */
function isBusy({ slowPosts = [] }: Held, nowMs: number): boolean {
  return slowPosts.filter((deadlineMs) => nowMs < deadlineMs).length >= SLOW_POSTS_PER_WEBHOOK_MAX;
}

const CIRCUIT_OPEN = 'The receiver keeps failing: this is held until a probe of it succeeds';
const BUSY = 'The receiver is still busy with others: this is held until it has answered';

/**
 * What to do with a webhook's held deliveries: nothing before a time, send the oldest as a probe, or to find out whether it is held again, in a
 * while, or send them off.
 */
export type Release =
  | { readonly kind: 'wait'; readonly untilMs: number }
  | { readonly kind: 'probe' }
  | { readonly kind: 'trial'; readonly delayMs: number }
  | { readonly kind: 'all' };

/** What became of releases, in milliseconds of the epoch: when some were released last, and when one could not be signed last, the first or a released one. */
export type Releases = { readonly releasedLastMs?: number | undefined; readonly unsignedLastMs?: number | undefined };

/**
 * What to do with the held deliveries of a webhook; those of one that is inactive or gone are sent off to be cancelled. Where they would only be
 * held again, as far as can be known, one of them finds out: what a receiver is busy with now has its end by the deadline of an attempt.
 */
export function releaseOf(webhook: Held | undefined, releases: Releases, nowMs: number): Release {
  if (!webhook?.active) return { kind: 'all' };
  const { pause, health } = webhook;
  if (pause && nowMs < pause.untilMs) return { kind: 'wait', untilMs: pause.untilMs };
  if (health?.breaker !== undefined) {
    const { probeAtMs } = health.breaker;
    return nowMs < probeAtMs ? { kind: 'wait', untilMs: probeAtMs } : { kind: 'probe' };
  }
  if (isBusy(webhook, nowMs)) return { kind: 'trial', delayMs: ATTEMPT_DEADLINE_MS };
  const { releasedLastMs = Number.NEGATIVE_INFINITY, unsignedLastMs } = releases;
  const isUnsigned = unsignedLastMs !== undefined && unsignedLastMs >= releasedLastMs;
  return isUnsigned ? { kind: 'trial', delayMs: 0 } : { kind: 'all' };
}
