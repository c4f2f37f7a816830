import { type RecoverDeps, type RunningRecovery, recoverPage } from '../../functions/actions/recover.ts';
import type { Recovery } from '../../functions/domain/recovery.ts';

const MINUTE_MS = 60_000;

export type WorkOff = {
  /** Told of how far the recovery is, after each page. */
  readonly onPage: (recovery: Recovery) => void;
  /** Ends the work after the page that is under way. */
  readonly signal: AbortSignal;
  /** Waits so many milliseconds, or until the signal. */
  readonly rest: (ms: number, signal: AbortSignal) => Promise<void>;
};

/**
 * Works a recovery off, page by page, no faster than the schedule would: its receiver has just come back. Answers it as it is
 * when it has ended, is in other hands, or was left to the schedule on the signal.
 */
export async function workOff(deps: RecoverDeps, begun: RunningRecovery, work: WorkOff): Promise<Recovery> {
  let held = begun;
  let minute = { startedMs: deps.now(), redelivered: 0 };
  while (!work.signal.aborted) {
    const limit = Math.min(deps.deliveriesPerPage, deps.deliveriesPerRun - minute.redelivered);
    const page = await recoverPage(deps, held, limit);
    work.onPage(page.recovery);
    if (page.kind !== 'goes_on') return page.recovery;
    held = page.recovery;
    minute = { ...minute, redelivered: minute.redelivered + page.redelivered };
    const passedMs = deps.now() - minute.startedMs;
    const isFull = minute.redelivered >= deps.deliveriesPerRun;
    if (isFull && passedMs < MINUTE_MS) await work.rest(MINUTE_MS - passedMs, work.signal);
    if (isFull || passedMs >= MINUTE_MS) minute = { startedMs: deps.now(), redelivered: 0 };
  }
  await deps.recoveries.hold(held, deps.now());
  return held;
}
