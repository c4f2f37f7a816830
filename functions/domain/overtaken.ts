import type { Attempt, AttemptKey } from './delivery.ts';

/**
 * Whether a redelivery has lost its number to the run before it, one of whose attempts was under way when it was asked for. That of a held
 * delivery has not where somebody else released it at that moment, unless it ended with that. (Of a first attempt it cannot be told: both begin
 * the first run.)
 */
export function isOvertaken({ number, firstOfRun, isReleased }: AttemptKey, recorded: Attempt): boolean {
  return number === firstOfRun && recorded.firstOfRun < firstOfRun && (!isReleased || recorded.status === 'dead');
}

/**
 * Whether an attempt that is not in the log, for another has its number, may be a redelivery's that was overtaken while it was made. Its message
 * comes again, and finds what stands there.
 */
export function mayBeOvertaken({ number, firstOfRun, status }: Attempt): boolean {
  return firstOfRun > 1 && number === firstOfRun && status !== 'succeeded';
}
