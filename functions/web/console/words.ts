const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A time as seen from another: `just now`, `40 s ago`, `in 4 min`, `3 days ago`; the day of one that is a week away. */
export function relativeTime(ms: number, nowMs: number): string {
  const awayMs = Math.abs(ms - nowMs);
  if (awayMs >= WEEK_MS) return dayOf(ms, nowMs);
  if (ms <= nowMs && awayMs < 5 * SECOND_MS) return 'just now';
  return ms > nowMs ? `in ${span(awayMs)}` : `${span(awayMs)} ago`;
}

/** A span of time in its largest whole unit: `40 s`, `4 min`, `2 h`, `3 days`. */
export function span(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.max(1, Math.floor(ms / SECOND_MS))} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  return `${Math.floor(ms / DAY_MS)} days`;
}

/** How long something took: `38 ms`, `1.2 s`, `2 min`. */
export function duration(ms: number): string {
  if (ms < SECOND_MS) return `${Math.round(ms)} ms`;
  if (ms < MINUTE_MS) return `${(Math.floor(ms / 10) / 100).toFixed(ms < 10 * SECOND_MS ? 2 : 1)} s`;
  return span(ms);
}

/** A size: `512 bytes`, `2.1 KB`, `1.0 MB`. */
export function bytes(count: number): string {
  if (count < 1024) return count === 1 ? '1 byte' : `${count} bytes`;
  const kilobytes = count / 1024;
  return kilobytes < 1024 ? `${kilobytes.toFixed(1)} KB` : `${(kilobytes / 1024).toFixed(1)} MB`;
}

/** A whole number, from 0, with its thousands apart: `1,234,567`. Not by `toLocaleString`, whose first call takes a cold start ten milliseconds. */
export function grouped(number: number): string {
  return `${number}`.replaceAll(/(?<=\d)(?=(?:\d{3})+$)/g, ',');
}

/** A number and its noun: `1 delivery`, `3 deliveries`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${grouped(number)} ${number === 1 ? one : many}`;
}

/** A share in per cent, never rounded up to all or down to none: `100 %`, `99.9 %`, `0.1 %`. */
export function percent(share: number): string {
  if (share <= 0 || share >= 1) return `${share <= 0 ? 0 : 100} %`;
  const rounded = Math.round(share * 1000) / 10;
  return `${Math.min(99.9, Math.max(0.1, rounded))} %`;
}

/** The exact time, for whoever points at a relative one: `2026-11-25 02:34:07 UTC`. */
export function exactTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function dayOf(ms: number, nowMs: number): string {
  const [date, today] = [new Date(ms), new Date(nowMs)];
  const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
  return date.getUTCFullYear() === today.getUTCFullYear() ? day : `${day} ${date.getUTCFullYear()}`;
}
