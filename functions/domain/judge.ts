import { type Circuit, isCircuitWorthNoting, judgeCircuit } from './breaker.ts';
import type { Deactivation, Failing, Health, HealthChange, Judged, Sign } from './health.ts';
import { type HealthNews, newsAgain } from './health-news.ts';
import {
  DEACTIVATED_AFTER_ATTEMPTS,
  DEACTIVATED_AFTER_DAYS,
  DEACTIVATED_AFTER_SPELL_HOURS,
  FAILING_NOTED_EVERY_HOURS,
  FAILING_TOLD_AFTER_ATTEMPTS,
  FAILING_TOLD_AFTER_MINUTES,
  SPELL_ENDS_AFTER_SILENCE_HOURS,
} from './limits.ts';

/** What signs come to: what to write, where anything, and what to tell once that is written. */
export type Judgement = { readonly change?: HealthChange | undefined; readonly news: readonly HealthNews[] };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * Judges a webhook by what attempts say of its receiver, whatever order they come in. A failure counts from when it began, a
 * success to when it ended, so that of two at once the success counts; and nothing counts twice, so that it may all be done again.
 * Who does it again is told the news again that was made by these very attempts.
 */
export function judge(webhook: Judged, signs: readonly Sign[]): Judgement {
  const again = newsAgain(webhook, signs);
  if (!webhook.active) return { news: again };
  const before = webhook.health ?? {};
  const isWell = before.failing === undefined && before.breaker === undefined;
  if (isWell && signs.every(({ kind }) => kind === 'success')) return { news: again };
  const failures = signs
    .filter(({ kind, startedMs }) => kind !== 'success' && startedMs > (before.healthyMs ?? Number.NEGATIVE_INFINITY))
    .sort((one, other) => one.startedMs - other.startedMs);
  const success = latestSuccess(signs);
  const well = afterSuccess(before, success);
  const later = failures.filter(({ startedMs }) => success === undefined || startedMs > success.endedMs);
  const failing = afterFailures(well.failing, later);
  const gone = failures.find(({ kind }) => kind === 'gone');
  const deactivation = gone ? deactivationOf('gone', gone) : onlyFailed(failing, later.at(-1));
  const circuit = circuitAfter(before, signs);
  const isToNote = isCircuitWorthNoting(before, circuit) || isWorthNoting(well.failing, failing);
  const noted = isToNote ? failing : well.failing;
  if (!isToNote && noted === before.failing && deactivation === undefined) return { news: again };
  const { healthyMs, recovered } = well;
  const change = { health: { healthyMs, recovered, failing: noted, ...circuit }, deactivation };
  return { change, news: [...again, ...newsAgain({ active: true, ...change }, signs, webhook)] };
}

function latestSuccess(signs: readonly Sign[]): Sign | undefined {
  return signs
    .filter(({ kind }) => kind === 'success')
    .sort((one, other) => one.endedMs - other.endedMs)
    .at(-1);
}

function afterSuccess(before: Health, success: Sign | undefined): Health {
  const { failing } = before;
  if (failing === undefined || success === undefined || success.endedMs < failing.sinceMs) return before;
  const recovered = failing.toldBy === undefined ? before.recovered : { sinceMs: failing.sinceMs, by: success.by };
  return { healthyMs: success.endedMs, recovered };
}

/** Counts the failures that began after the last one that was noted; `failures` are in the order of their beginning. */
function afterFailures(failing: Failing | undefined, failures: readonly Sign[]): Failing | undefined {
  const counted = failures.filter(({ startedMs }) => failing === undefined || startedMs > failing.lastMs);
  const [first, last] = [counted[0], counted.at(-1)];
  if (first === undefined || last === undefined) return failing;
  const goesOn = failing !== undefined && first.startedMs - failing.lastMs <= SPELL_ENDS_AFTER_SILENCE_HOURS * HOUR_MS;
  const sinceMs = failing?.sinceMs ?? first.startedMs;
  const count = Math.min(DEACTIVATED_AFTER_ATTEMPTS, (goesOn ? failing.failures : 0) + counted.length);
  const isToTell =
    count >= FAILING_TOLD_AFTER_ATTEMPTS && last.endedMs - sinceMs >= FAILING_TOLD_AFTER_MINUTES * MINUTE_MS;
  return {
    sinceMs,
    spellMs: goesOn ? failing.spellMs : first.startedMs,
    failures: count,
    lastMs: last.startedMs,
    toldBy: failing?.toldBy ?? (isToTell ? last.by : undefined),
  };
}

/** A receiver that fails without end is written of once in a while, however often it is tried. */
function isWorthNoting(before: Failing | undefined, after: Failing | undefined): boolean {
  if (before === undefined || after === undefined) return before !== after;
  return (
    after.failures !== before.failures ||
    after.toldBy !== before.toldBy ||
    after.lastMs - before.lastMs >= FAILING_NOTED_EVERY_HOURS * HOUR_MS
  );
}

/** What began before a user started the webhook over is not counted, either. */
function circuitAfter({ healthyMs, tally, breaker }: Health, signs: readonly Sign[]): Circuit {
  const fromMs = tally === undefined && breaker === undefined ? (healthyMs ?? 0) : 0;
  const outcomes = signs.filter(({ startedMs }) => startedMs > fromMs);
  return judgeCircuit(
    { tally, breaker },
    outcomes.map(({ startedMs, endedMs, kind }) => ({ startedMs, endedMs, isSuccess: kind === 'success' })),
  );
}

function onlyFailed(failing: Failing | undefined, last: Sign | undefined): Deactivation | undefined {
  if (failing === undefined || last === undefined || failing.failures < DEACTIVATED_AFTER_ATTEMPTS) return undefined;
  if (last.startedMs - failing.sinceMs < DEACTIVATED_AFTER_DAYS * DAY_MS) return undefined;
  if (last.startedMs - failing.spellMs < DEACTIVATED_AFTER_SPELL_HOURS * HOUR_MS) return undefined;
  return deactivationOf('failing', last, failing.sinceMs);
}

function deactivationOf(reason: Deactivation['reason'], { by, endedMs }: Sign, sinceMs = endedMs): Deactivation {
  const at = new Date(endedMs).toISOString();
  const why =
    reason === 'gone'
      ? 'its receiver answered 410 Gone'
      : `all of its attempts have failed since ${new Date(sinceMs).toISOString()}`;
  return { reason, at, by, message: `The webhook was deactivated at ${at}: ${why}` };
}
