import { expect, it } from 'vitest';
import { UNVERSIONED, versionAfter, versionOf } from '../../functions/domain/version.ts';

const at = (createdAt: string, id = 'a') => ({ createdAt, id });
const NOON = at('2026-11-23T12:00:00.000Z');

it('orders by time, then created before updated before deleted, then by id; what was made by hand is before all', () => {
  const ordered = [
    UNVERSIONED,
    versionOf(NOON, 'created'),
    versionOf(NOON, 'updated'),
    versionOf({ ...NOON, id: 'b' }, 'updated'),
    versionOf(NOON, 'deleted'),
    versionOf(at('2026-11-23T12:00:00.001Z'), 'created'),
    versionOf(at('2026-11-24T00:00:00.000Z'), 'created'),
  ];
  expect([...ordered].reverse().sort()).toEqual(ordered);
  expect(new Set(ordered).size).toBe(ordered.length);
});

it('is the candidate where that is later, and else only just after what was seen', () => {
  const [noon, end] = [versionOf(NOON, 'created'), versionOf(NOON, 'deleted')];
  expect(versionAfter(noon, end)).toBe(end);
  for (const candidate of [noon, end]) {
    expect(versionAfter(end, candidate) > end).toBe(true);
    expect(versionAfter(end, candidate) < versionOf(at('2026-11-23T12:00:00.001Z'), 'created')).toBe(true);
  }
});
