import { instantOf } from '../../functions/domain/timestamp.ts';
import { CommandError } from './command-error.ts';

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 24 * 3_600_000 };

/** `24h` or `7d` as the time so long ago; what is no such text stays as it is, for whoever takes it to check. */
export function readTime(text: string, nowMs: number): string {
  const [, count, unit = ''] = /^(\d{1,4})([hd])$/.exec(text) ?? [];
  return count === undefined ? text : new Date(nowMs - Number(count) * (UNIT_MS[unit] ?? Number.NaN)).toISOString();
}

/** `24h` or `7d` ago, or a time of RFC 3339, in milliseconds. Throws CommandError for anything else. */
export function readTimeMs(text: string, nowMs: number): number {
  const instant = instantOf(readTime(text, nowMs));
  if (instant !== undefined) return Date.parse(instant);
  throw new CommandError(`${JSON.stringify(text)} is no time: write 24h or 7d, or a time such as 2026-11-23T12:00:00Z`);
}
