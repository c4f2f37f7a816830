import * as v from 'valibot';
import { ValidationError } from './errors.ts';
import { type JsonObject, readFields } from './fields.ts';
import { isPaused } from './hold.ts';
import { PAUSE_MAX_DAYS } from './limits.ts';
import { instantOf } from './timestamp.ts';
import type { Pause, Webhook } from './webhook.ts';

const UNTIL = 'Until must be a time as in 2026-03-09T14:00:00Z';
const DAY_MS = 24 * 60 * 60 * 1000;

/** The body of a request that pauses a webhook. */
export const PauseSchema = v.object(
  {
    until: v.pipe(
      v.string(({ received }) => (received === 'undefined' || received === 'null' ? 'Until is required' : UNTIL)),
      v.description(`When it resumes by itself: at most ${PAUSE_MAX_DAYS} days after its pause began.`),
    ),
  },
  'Until is required',
);

/**
 * Reads the body of a request that pauses a webhook; one that is paused stays so since it was. Throws ValidationError for a time that is
 * none, that has passed, or that is later than 14 days after the pause began.
 */
export function parsePause(body: JsonObject, webhook: Webhook, nowMs: number): Pause {
  const until = instantOf(readFields(PauseSchema, body).until);
  if (until === undefined) throw new ValidationError({ until: [UNTIL] });
  const untilMs = Date.parse(until);
  const sinceMs = webhook.pause && isPaused(webhook, nowMs) ? webhook.pause.sinceMs : nowMs;
  if (untilMs <= nowMs) throw new ValidationError({ until: ['Until must be in the future'] });
  const latestMs = sinceMs + PAUSE_MAX_DAYS * DAY_MS;
  if (untilMs > latestMs) {
    const latest = new Date(latestMs).toISOString();
    throw new ValidationError({
      until: [`Until must be at most ${PAUSE_MAX_DAYS} days after the pause began: ${latest}`],
    });
  }
  return { sinceMs, untilMs };
}
