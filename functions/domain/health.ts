import type { Circuit } from './breaker.ts';
import type { Attempt, AttemptError } from './delivery.ts';
import { ATTEMPT_SAYS_FOR_HOURS } from './limits.ts';

/** What is known of how a webhook's receiver does. It changes with failures, and with the first success after them. */
export type Health = Circuit & {
  /** When it was last found to be well, or a user started it over: what began until then says nothing any more. */
  readonly healthyMs?: number | undefined;
  /** Since it has only failed; undefined while it is well. */
  readonly failing?: Failing | undefined;
  /** The last recovery that was told of, since when it had failed, and the attempt that it was told with. */
  readonly recovered?: { readonly sinceMs: number; readonly by: string } | undefined;
};

/** A time of nothing but failures. */
export type Failing = {
  readonly sinceMs: number;
  /** When the present spell began: a silence ends a spell, for who knows what the receiver did in it. */
  readonly spellMs: number;
  /** Failures of the present spell, counted up to what deactivates. */
  readonly failures: number;
  /** When the last failure that was noted began. */
  readonly lastMs: number;
  /** The attempt with which it was told that the webhook fails; undefined until it is. */
  readonly toldBy?: string | undefined;
};

/** That the service has deactivated a webhook, and why. */
export type Deactivation = {
  readonly reason: 'gone' | 'failing';
  /** ISO 8601. */
  readonly at: string;
  /** A sentence for the webhook's owner. */
  readonly message: string;
  /** The attempt that decided it. */
  readonly by: string;
};

/** What one attempt says of its receiver. `by` names the attempt. */
export type Sign = {
  readonly by: string;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly kind: 'success' | 'failure' | 'gone';
  readonly error?: AttemptError | undefined;
};

/** What is judged: as much of a webhook. */
export type Judged = {
  readonly active: boolean;
  readonly health?: Health | undefined;
  readonly deactivation?: Deactivation | undefined;
};

export type HealthChange = { readonly health: Health; readonly deactivation?: Deactivation | undefined };

/** What an attempt says of its receiver; undefined where nothing was sent. */
export function signOf(attempt: Attempt): Sign | undefined {
  if (attempt.request === undefined) return undefined;
  const startedMs = Date.parse(attempt.startedAt);
  const times = { startedMs, endedMs: startedMs + attempt.durationMs };
  const by = `${attempt.deliveryId}#${attempt.number}`;
  if (attempt.status === 'succeeded') return { by, ...times, kind: 'success' };
  return { by, ...times, kind: attempt.response?.status === 410 ? 'gone' : 'failure', error: attempt.error };
}

const SAYS_FOR_MS = ATTEMPT_SAYS_FOR_HOURS * 60 * 60 * 1000;

/** Whether a sign is news: one of long ago was judged then, and what the receiver did since is not known to whoever finds it again. */
export function isNews({ endedMs }: Sign, nowMs: number): boolean {
  return nowMs - endedMs < SAYS_FOR_MS;
}
