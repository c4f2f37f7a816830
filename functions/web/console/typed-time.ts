import { instantOf } from '../../domain/timestamp.ts';
import { exactTime } from './words.ts';

export const TIME_WANTED = 'must be a time in UTC, such as 2026-11-23 12:00';

/** A sentence of the API's with its times as people type them here, and read them everywhere else. */
export function timesSpoken(sentence: string): string {
  return sentence
    .replace(/must be a time .*/, TIME_WANTED)
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (time) => exactTime(Date.parse(time)));
}

/** A day, or a day and a time of day, in UTC where nothing else is said; milliseconds. Undefined for what is none. */
export function timeOf(typed: string): number | undefined {
  const [, day, time = '00:00', seconds = ':00', zone = 'Z'] =
    /^(\d{4}-\d{2}-\d{2})(?:[T ]+(\d{2}:\d{2})(:\d{2}(?:\.\d+)?)?)? ?(Z|UTC|[+-]\d{2}:\d{2})?$/i.exec(typed.trim()) ??
    [];
  const instant = day && instantOf(`${day}T${time}${seconds}${zone.toUpperCase() === 'UTC' ? 'Z' : zone}`);
  return instant ? Date.parse(instant) : undefined;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** The same as the end of a stretch of time: a day without a time of day lasts until the next one begins. */
export function endTimeOf(typed: string): number | undefined {
  const ms = timeOf(typed);
  return ms !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(typed.trim()) ? ms + DAY_MS : ms;
}

/** The same as a request of the API has it. What is no time stays as it was typed, for the API to complain of. */
export function instantTyped(typed: string): string {
  const ms = timeOf(typed);
  return ms === undefined ? typed.trim() : new Date(ms).toISOString();
}
