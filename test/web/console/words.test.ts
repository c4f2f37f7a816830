import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytes,
  count,
  duration,
  exactTime,
  grouped,
  percent,
  relativeTime,
  span,
} from '../../../functions/web/console/words.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('times in words', () => {
  it.each([
    [0, 'just now'],
    [-4 * SECOND, 'just now'],
    [-40 * SECOND, '40 s ago'],
    [-2 * MINUTE, '2 min ago'],
    [-3 * HOUR, '3 h ago'],
    [-DAY, '24 h ago'],
    [-2 * DAY, '2 days ago'],
    [-6 * DAY, '6 days ago'],
    [-8 * DAY, '17 Nov'],
    [-400 * DAY, '21 Oct 2025'],
    [200, 'in 1 s'],
    [4 * MINUTE, 'in 4 min'],
    [2 * DAY, 'in 2 days'],
    [8 * DAY, '3 Dec'],
  ])('%i ms from now is %s', (awayMs, words) => {
    expect(relativeTime(NOW + awayMs, NOW)).toBe(words);
  });

  it('have the exact one beside them', () => {
    expect(exactTime(NOW)).toBe('2026-11-25 12:00:00 UTC');
  });

  it('never say zero of a unit', () => {
    fc.assert(fc.property(fc.nat({ max: 30 * DAY }), (ms) => /^[1-9]/.test(span(ms))));
  });
});

describe('numbers with units', () => {
  it.each([
    [38, '38 ms'],
    [999, '999 ms'],
    [1210, '1.21 s'],
    [15_000, '15.0 s'],
    [61_000, '1 min'],
  ])('%i ms took %s', (ms, words) => {
    expect(duration(ms)).toBe(words);
  });

  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [2150, '2.1 KB'],
    [1024 * 1024, '1.0 MB'],
  ])('%i is %s', (number, words) => {
    expect(bytes(number)).toBe(words);
  });

  it('agree with their nouns', () => {
    expect([count(1, 'delivery', 'deliveries'), count(1234, 'event')]).toEqual(['1 delivery', '1,234 events']);
  });

  it('have their thousands apart', () => {
    fc.assert(fc.property(fc.nat(), (number) => grouped(number) === number.toLocaleString('en')));
  });

  it('say all and none only where it is so', () => {
    expect([percent(1), percent(0), percent(0.9999), percent(0.00001), percent(0.969)]).toEqual([
      '100 %',
      '0 %',
      '99.9 %',
      '0.1 %',
      '96.9 %',
    ]);
  });
});
