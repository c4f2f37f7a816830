const SECOND = 1;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * Seconds from the end of attempt n to attempt n + 1: the schedule that Standard Webhooks proposes. With the first attempt, which is
 * made at once, that is ten attempts over 75.6 hours.
 */
export const RETRY_DELAYS_SECONDS: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/** Attempts of one delivery before it is given up: the first, and one after each delay. */
export const ATTEMPTS_MAX = RETRY_DELAYS_SECONDS.length + 1;

/** Jitter only adds, so that nothing is tried earlier than the schedule says: up to this share of the delay. */
const JITTER_SHARE_MAX = 0.2;

/** `Retry-After` is honoured up to here, each time: whoever asks for it after every attempt has its ten in nine days. */
const RETRY_AFTER_MAX_SECONDS = 24 * HOUR;

/** Where the receiver's reply may ask for more time, and how: RFC 9110, section 10.2.3. */
export type Reply = { readonly status: number; readonly retryAfter?: string | undefined };

/**
 * Milliseconds from the failure of attempt `attemptNumber` (from 1) to the next attempt, or undefined where there is none left.
 * `random` is in [0, 1). A `Retry-After` on 429 and 503 can make the wait longer, never shorter.
 */
export function retryDelayMs(options: {
  readonly attemptNumber: number;
  readonly random: number;
  readonly nowMs: number;
  readonly reply?: Reply | undefined;
}): number | undefined {
  const scheduled = RETRY_DELAYS_SECONDS[options.attemptNumber - 1];
  if (scheduled === undefined) return undefined;
  const jitteredMs = scheduled * 1000 * (1 + JITTER_SHARE_MAX * options.random);
  return Math.ceil(Math.max(jitteredMs, askedForMs(options.reply, options.nowMs)));
}

function askedForMs(reply: Reply | undefined, nowMs: number): number {
  if (reply?.retryAfter === undefined || (reply.status !== 429 && reply.status !== 503)) return 0;
  const text = reply.retryAfter.trim();
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : httpDateMs(text) - nowMs;
  // NaN, where the text is neither seconds nor a date, fails this comparison and asks for nothing.
  return waitMs > 0 ? Math.min(waitMs, RETRY_AFTER_MAX_SECONDS * 1000) : 0;
}

/** An HTTP date (RFC 9110, section 5.6.7) has a weekday and ends in GMT: `Date.parse` alone finds a year in anything. */
function httpDateMs(text: string): number {
  return /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*, .* GMT$/.test(text) ? Date.parse(text) : Number.NaN;
}
