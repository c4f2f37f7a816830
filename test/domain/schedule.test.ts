import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ATTEMPTS_MAX, RETRY_DELAYS_SECONDS, type Reply, retryDelayMs } from '../../functions/domain/schedule.ts';

const [MINUTE, HOUR] = [60, 3600];
const NOW = Date.parse('2026-03-09T00:00:00Z');

/** Written out, not taken from the code: the attempt that failed, and the seconds to the next one. */
const SCHEDULE: readonly (readonly [attempt: number, seconds: number])[] = [
  [1, 5],
  [2, 5 * MINUTE],
  [3, 30 * MINUTE],
  [4, 2 * HOUR],
  [5, 5 * HOUR],
  [6, 10 * HOUR],
  [7, 14 * HOUR],
  [8, 20 * HOUR],
  [9, 24 * HOUR],
];

const scheduled = fc.constantFrom(...SCHEDULE);
// `Math.random` never gives 1.
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** The wait in seconds, without jitter. */
function waitOf(attemptNumber: number, reply?: Reply): number | undefined {
  const delayMs = retryDelayMs({ attemptNumber, random: 0, nowMs: NOW, reply });
  return delayMs === undefined ? undefined : delayMs / 1000;
}

describe('the schedule', () => {
  it.each(SCHEDULE)('waits after attempt %i for %i seconds', (attempt, seconds) => {
    expect(waitOf(attempt)).toBe(seconds);
    expect(RETRY_DELAYS_SECONDS[attempt - 1]).toBe(seconds);
  });

  it('gives up after the tenth attempt, whatever the receiver asks for', () => {
    expect(ATTEMPTS_MAX).toBe(10);
    for (const attempt of [10, 11, 1000]) expect(waitOf(attempt)).toBeUndefined();
    expect(waitOf(10, { status: 503, retryAfter: '60' })).toBeUndefined();
  });

  it('takes 75.6 hours in all', () => {
    const seconds = SCHEDULE.reduce((sum, [attempt]) => sum + (waitOf(attempt) ?? 0), 0);
    expect(seconds / HOUR).toBeCloseTo(75.6, 1);
  });
});

describe('jitter', () => {
  it('only adds, and up to a fifth', () => {
    fc.assert(
      fc.property(scheduled, random, ([attemptNumber, seconds], share) => {
        const delayMs = retryDelayMs({ attemptNumber, random: share, nowMs: NOW });
        expect(Number.isInteger(delayMs)).toBe(true);
        expect(delayMs).toBeGreaterThanOrEqual(seconds * 1000);
        expect(delayMs).toBeLessThanOrEqual(seconds * 1200);
      }),
    );
  });

  it('spreads over the whole fifth', () => {
    expect(retryDelayMs({ attemptNumber: 2, random: 0.5, nowMs: NOW })).toBe(330_000);
    expect(retryDelayMs({ attemptNumber: 2, random: 1 - 2 ** -53, nowMs: NOW })).toBe(360_000);
  });
});

describe('Retry-After', () => {
  it.each([
    ['3600', 3600],
    [' 3600 ', 3600],
    ['6', 6],
    ['4', 5],
    ['0', 5],
    ['86400', 24 * HOUR],
    ['86401', 24 * HOUR],
    ['9'.repeat(30), 24 * HOUR],
    ['Mon, 09 Mar 2026 01:00:00 GMT', HOUR],
    ['Monday, 09-Mar-26 01:00:00 GMT', HOUR],
    ['Mon, 09 Mar 2026 00:00:01 GMT', 5],
    ['Sun, 08 Mar 2026 23:00:00 GMT', 5],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 24 * HOUR],
    ['-1', 5],
    ['-60', 5],
    // Neither seconds nor a date; but a parser that is out to find a year finds 3600.
    ['-3600', 5],
    ['+60', 5],
    ['1.5', 5],
    ['1e9', 5],
    ['0x10', 5],
    ['Infinity', 5],
    ['60, 60', 5],
    ['60 seconds', 5],
    ['soon', 5],
    ['', 5],
  ])('%j waits after the first attempt for %i seconds', (retryAfter, seconds) => {
    for (const status of [429, 503]) expect(waitOf(1, { status, retryAfter })).toBe(seconds);
  });

  it.each([200, 301, 400, 404, 413, 500, 502, 504])('asks for nothing on %i', (status) => {
    expect(waitOf(1, { status, retryAfter: '3600' })).toBe(5);
  });

  it('is not needed on 429 and 503', () => {
    for (const status of [429, 503]) expect(waitOf(1, { status })).toBe(5);
  });

  it('never makes an attempt earlier than the schedule, nor later than a day or the jitter says', () => {
    const date = fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true });
    const retryAfter = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer().map(String),
      date.map((when) => when.toUTCString()),
    );
    const reply = fc.record({ status: fc.constantFrom(200, 404, 429, 500, 503), retryAfter });
    fc.assert(
      fc.property(scheduled, random, reply, ([attemptNumber, seconds], share, given) => {
        const delayMs = retryDelayMs({ attemptNumber, random: share, nowMs: NOW, reply: given });
        expect(delayMs).toBeGreaterThanOrEqual(seconds * 1000);
        expect(delayMs).toBeLessThanOrEqual(Math.max(seconds * 1200, 24 * HOUR * 1000));
      }),
      { numRuns: 1000 },
    );
  });
});
