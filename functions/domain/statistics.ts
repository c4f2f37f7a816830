import type { Attempt, AttemptErrorClass } from './delivery.ts';

/** As much of an attempt as statistics go by. */
export type MeasuredAttempt = Pick<Attempt, 'status' | 'startedAt' | 'durationMs'> & {
  readonly responseStatus?: number | undefined;
  readonly errorClass?: AttemptErrorClass | undefined;
};

/** An attempt among the newest of its webhook. */
export type RecentAttempt = MeasuredAttempt & Pick<Attempt, 'deliveryId' | 'nextAttemptAt'>;

/** A stretch of time, in milliseconds of the epoch. */
export type Window = { readonly fromMs: number; readonly untilMs: number };

/** What the attempts of a stretch came to. */
type Counts = { readonly succeeded: number; readonly failed: number };

export type Bar = Window & Counts & { readonly latency?: Latency | undefined };

/** Of the attempts that got a response: so many took at most so long. */
type Latency = { readonly p50Ms: number; readonly p95Ms: number; readonly p99Ms: number };

export type Statistics = Window &
  Counts & {
    /** Twenty-four, of the same length, oldest first. */
    readonly bars: readonly Bar[];
    readonly total: number;
    /** From 0 to 1; undefined where there was no attempt. */
    readonly successShare: number | undefined;
    readonly latency: Latency | undefined;
  };

const BARS = 24;

/** What was never sent, or is held, says nothing of the receiver: its error says so. */
const UNSENT: Readonly<Record<AttemptErrorClass, boolean>> = {
  status: false,
  redirect: false,
  timeout: false,
  dns: false,
  connection: false,
  tls: false,
  protocol: false,
  blocked: false,
  webhook_gone: true,
  webhook_inactive: true,
  payload_gone: true,
  paused: true,
  circuit_open: true,
  busy: true,
  unsigned: true,
  internal: true,
};

/** Counts the attempts that began in a window, in 24 bars; those that were held or never sent do not count. */
export function statisticsOf(attempts: readonly MeasuredAttempt[], { fromMs, untilMs }: Window): Statistics {
  const barMs = Math.max(0, untilMs - fromMs) / BARS;
  const counted = attempts
    .filter(wasSent)
    .map((attempt) => ({ attempt, startedMs: Date.parse(attempt.startedAt) }))
    .filter(({ startedMs }) => startedMs >= fromMs && startedMs <= untilMs);
  const byBar = Map.groupBy(counted, ({ startedMs }) => barOf(startedMs - fromMs, barMs));
  const bars = Array.from({ length: BARS }, (_, index) => {
    const some = (byBar.get(index) ?? []).map(({ attempt }) => attempt);
    const window = { fromMs: fromMs + index * barMs, untilMs: fromMs + (index + 1) * barMs };
    return { ...window, ...countsOf(some), latency: latencyOf(some) };
  });
  const all = counted.map(({ attempt }) => attempt);
  const counts = countsOf(all);
  const successShare = all.length === 0 ? undefined : counts.succeeded / all.length;
  return { fromMs, untilMs, bars, ...counts, total: all.length, successShare, latency: latencyOf(all) };
}

/** Deliveries that are still to be made: those that are tried again, when the next of them is, and those that are held. */
export type Waiting = { readonly retrying: number; readonly held: number; readonly nextAttemptAt?: string | undefined };

/** What waits among the newest attempts of a webhook, newest delivery first and of each the last attempt first. */
export function waitingOf(attempts: readonly RecentAttempt[]): Waiting {
  const last = new Map<string, RecentAttempt>();
  for (const attempt of attempts) if (!last.has(attempt.deliveryId)) last.set(attempt.deliveryId, attempt);
  const retrying = [...last.values()].filter(({ status }) => status === 'retrying');
  const held = [...last.values()].filter(({ status }) => status === 'held').length;
  const [nextAttemptAt] = retrying.flatMap((attempt) => attempt.nextAttemptAt ?? []).sort();
  return { retrying: retrying.length, held, nextAttemptAt };
}

function wasSent({ errorClass }: MeasuredAttempt): boolean {
  return errorClass === undefined || !UNSENT[errorClass];
}

/** The very end belongs to the last bar, and so does everything where the window has no length. */
function barOf(sinceMs: number, barMs: number): number {
  return barMs === 0 ? BARS - 1 : Math.min(BARS - 1, Math.floor(sinceMs / barMs));
}

function countsOf(attempts: readonly MeasuredAttempt[]): Counts {
  const succeeded = attempts.filter(({ status }) => status === 'succeeded').length;
  return { succeeded, failed: attempts.length - succeeded };
}

function latencyOf(attempts: readonly MeasuredAttempt[]): Latency | undefined {
  const sorted = attempts
    .filter(({ responseStatus }) => responseStatus !== undefined)
    .map(({ durationMs }) => durationMs)
    .sort((a, b) => a - b);
  // By nearest rank, so that each is the duration of one of the attempts.
  const percentile = (percent: number) => sorted[Math.ceil((percent / 100) * sorted.length) - 1];
  const [p50Ms, p95Ms, p99Ms] = [50, 95, 99].map(percentile);
  return p50Ms === undefined || p95Ms === undefined || p99Ms === undefined ? undefined : { p50Ms, p95Ms, p99Ms };
}
