import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../support/until.ts';

/** What does not come within that is not slow. */
const WITHIN_MS = 60_000;
/** The emulator and its functions share the processors with the test. */
const REST_MS = 200;

/** Waits until a condition holds that takes a call to find out. Throws, with what was waited for, where it does not within `withinMs`. */
export function eventually(what: string, holds: () => boolean | Promise<boolean>, withinMs = WITHIN_MS): Promise<void> {
  const holdsOrRest = async () => {
    if (await holds()) return true;
    await sleep(REST_MS);
    return false;
  };
  return until(what, holdsOrRest, withinMs);
}
