import { describe, expect, it } from 'vitest';
import { circuitState, type Held, holdOn, isPaused, releaseOf } from '../../functions/domain/hold.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const WELL: Held = { active: true };
const paused = (untilMs: number): Held => ({ ...WELL, pause: { sinceMs: 0, untilMs } });
const broken = (probeAtMs: number): Held => ({
  ...WELL,
  health: { breaker: { openedMs: NOW - 60_000, failedProbes: 0, probeAtMs } },
});
const busy = (slowPosts: readonly number[]): Held => ({ ...WELL, slowPosts });
const times = (count: number, atMs: number) => Array.from({ length: count }, (_, nth) => atMs + nth / 1000);

describe('an attempt', () => {
  it.each([
    ['of a well webhook', WELL, undefined],
    ['in a pause', paused(NOW + 1), 'paused'],
    ['after a pause', paused(NOW), undefined],
    ['behind an open circuit', broken(NOW + 1), 'circuit_open'],
    ['behind a half open one', broken(NOW - 1), 'circuit_open'],
    ['beside nine slow ones', busy(times(9, NOW + 1)), undefined],
    ['beside ten slow ones', busy(times(10, NOW + 1)), 'busy'],
    ['beside ten that are over', busy([...times(9, NOW + 1), NOW]), undefined],
  ])('%s', (_, webhook, reason) => {
    expect(holdOn(webhook, {}, NOW)?.class).toBe(reason);
  });

  it('that is a probe is held by a pause only', () => {
    const probe = { isProbe: true };
    expect(holdOn(broken(NOW + 1), probe, NOW)).toBeUndefined();
    expect(holdOn(busy(times(10, NOW + 1)), probe, NOW)).toBeUndefined();
    expect(holdOn({ ...broken(NOW + 1), ...paused(NOW + 1) }, probe, NOW)?.class).toBe('paused');
  });
});

describe('what is held', () => {
  it.each([
    ['is released where nothing holds it', WELL, { kind: 'all' }],
    ['is sent off to be cancelled where the webhook is gone', undefined, { kind: 'all' }],
    ['or inactive, whatever else it is', { ...paused(NOW + 1), active: false }, { kind: 'all' }],
    ['waits for the end of a pause', { ...broken(NOW - 1), ...paused(NOW + 9) }, { kind: 'wait', untilMs: NOW + 9 }],
    ['waits for the next probe', broken(NOW + 5), { kind: 'wait', untilMs: NOW + 5 }],
    ['is probed when that is due', broken(NOW), { kind: 'probe' }],
    ['is tried when a busy receiver has had its time', busy(times(10, NOW + 1)), { kind: 'trial', delayMs: 15_000 }],
    ['is released beside nine slow ones', busy(times(9, NOW + 1)), { kind: 'all' }],
  ] as const)('%s', (_, webhook, release) => {
    expect(releaseOf(webhook, {}, NOW)).toEqual(release);
  });

  it.each([
    ['is tried where it could not be signed', { unsignedLastMs: NOW - 2 }, 'trial'],
    ['and where what was tried could not, either', { releasedLastMs: NOW - 2, unsignedLastMs: NOW - 1 }, 'trial'],
    [
      'and is released where what was tried is not held again',
      { releasedLastMs: NOW - 1, unsignedLastMs: NOW - 2 },
      'all',
    ],
  ])('%s', (_, releases, kind) => {
    expect(releaseOf(WELL, releases, NOW)).toMatchObject({ kind });
    expect(releaseOf(broken(NOW), releases, NOW)).toEqual({ kind: 'probe' });
    expect(releaseOf({ active: false }, releases, NOW)).toEqual({ kind: 'all' });
  });
});

it('a pause is over at its end, and a circuit half open from when it may be probed', () => {
  expect([isPaused(paused(NOW + 1), NOW), isPaused(paused(NOW), NOW), isPaused(WELL, NOW)]).toEqual([
    true,
    false,
    false,
  ]);
  expect([WELL, broken(NOW + 1), broken(NOW)].map((one) => circuitState(one, NOW))).toEqual([
    'closed',
    'open',
    'half_open',
  ]);
});
