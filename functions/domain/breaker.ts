import {
  CIRCUIT_OPENS_AFTER_ATTEMPTS,
  CIRCUIT_OPENS_AFTER_SECONDS,
  CIRCUIT_OPENS_AT_SHARE,
  CIRCUIT_PROBES_AFTER_MINUTES,
  CIRCUIT_WINDOW_ATTEMPTS,
  CIRCUIT_WINDOW_MINUTES,
} from './limits.ts';

/** An open circuit: nothing is sent to the receiver but one probe now and then, until one of them succeeds. */
type Breaker = {
  readonly openedMs: number;
  /** When the next probe may be made; from then on the circuit is half open. */
  readonly probeAtMs: number;
  readonly failedProbes: number;
};

/**
 * What recent attempts came to, while the circuit is closed: all that failed, and those of the others that were made together with
 * one that failed, or were the first to succeed after one. The others are not written of, and so not counted.
 */
type Tally = {
  readonly attempts: number;
  readonly failures: number;
  /** When the first of them began, and the last. */
  readonly sinceMs: number;
  readonly lastMs: number;
};

/** What decides whether a receiver is spared. */
export type Circuit = { readonly tally?: Tally | undefined; readonly breaker?: Breaker | undefined };

/** As much of an attempt as a circuit goes by. */
export type Outcome = { readonly startedMs: number; readonly endedMs: number; readonly isSuccess: boolean };

const MINUTE_MS = 60_000;

/** Whether a change of a circuit is worth a write of its own: not where most attempts succeed. */
export function isCircuitWorthNoting(before: Circuit, { tally, breaker }: Circuit): boolean {
  if (breaker !== before.breaker) return true;
  return tally !== undefined && tally !== before.tally && tally.failures > tally.attempts / 2;
}

/**
 * Where attempts leave a circuit. A closed one opens when most of its receiver's recent attempts have failed, over some seconds: a
 * restart is no reason. An open one closes with a success that began once it was open; a probe that failed puts the next one off.
 * What began before the last that was counted is not counted, so that nothing counts twice.
 */
export function judgeCircuit(before: Circuit, outcomes: readonly Outcome[]): Circuit {
  return before.breaker ? afterProbes(before.breaker, outcomes) : afterAttempts(before.tally, outcomes);
}

function afterProbes(breaker: Breaker, outcomes: readonly Outcome[]): Circuit {
  if (outcomes.some(({ isSuccess, startedMs }) => isSuccess && startedMs >= breaker.openedMs)) {
    // What began until now belongs to what is over.
    const lastMs = Math.max(...outcomes.map(({ startedMs }) => startedMs));
    return { tally: { attempts: 0, failures: 0, sinceMs: lastMs, lastMs } };
  }
  const failed = outcomes.filter(({ isSuccess, startedMs }) => !isSuccess && startedMs >= breaker.probeAtMs);
  if (failed.length === 0) return { breaker };
  const failedProbes = breaker.failedProbes + 1;
  const endedMs = Math.max(...failed.map((one) => one.endedMs));
  return { breaker: { ...breaker, failedProbes, probeAtMs: endedMs + probeDelayMs(failedProbes) } };
}

function afterAttempts(before: Tally | undefined, outcomes: readonly Outcome[]): Circuit {
  const counted = outcomes
    .filter(({ startedMs }) => before === undefined || startedMs > before.lastMs)
    .toSorted((one, other) => one.startedMs - other.startedMs);
  const [first, last] = [counted[0], counted.at(-1)];
  if (first === undefined || last === undefined) return { tally: before };
  const kept =
    before && first.startedMs - before.lastMs <= CIRCUIT_WINDOW_MINUTES * MINUTE_MS ? aged(before) : undefined;
  const tally: Tally = {
    attempts: (kept?.attempts ?? 0) + counted.length,
    failures: (kept?.failures ?? 0) + counted.filter(({ isSuccess }) => !isSuccess).length,
    sinceMs: kept?.sinceMs ?? first.startedMs,
    lastMs: last.startedMs,
  };
  if (tally.failures === 0) return {};
  const endedMs = Math.max(...counted.map((outcome) => outcome.endedMs));
  if (!opens(tally, endedMs)) return { tally };
  return { breaker: { openedMs: endedMs, failedProbes: 0, probeAtMs: endedMs + probeDelayMs(0) } };
}

/** Older attempts weigh less and less. */
function aged(tally: Tally): Tally {
  if (tally.attempts < CIRCUIT_WINDOW_ATTEMPTS) return tally;
  return { ...tally, attempts: tally.attempts / 2, failures: tally.failures / 2 };
}

function opens({ attempts, failures, sinceMs }: Tally, endedMs: number): boolean {
  return (
    attempts >= CIRCUIT_OPENS_AFTER_ATTEMPTS &&
    failures >= CIRCUIT_OPENS_AT_SHARE * attempts &&
    endedMs - sinceMs >= CIRCUIT_OPENS_AFTER_SECONDS * 1000
  );
}

function probeDelayMs(failedProbes: number): number {
  const minutes = CIRCUIT_PROBES_AFTER_MINUTES[failedProbes] ?? CIRCUIT_PROBES_AFTER_MINUTES.at(-1) ?? 1;
  return minutes * MINUTE_MS;
}
