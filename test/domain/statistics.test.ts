import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { ATTEMPT_ERROR_CLASSES, DELIVERY_STATUSES, type DeliveryStatus } from '../../functions/domain/delivery.ts';
import {
  type MeasuredAttempt,
  type RecentAttempt,
  statisticsOf,
  waitingOf,
} from '../../functions/domain/statistics.ts';

const HOUR_MS = 60 * 60 * 1000;
const FROM_MS = Date.parse('2026-11-22T12:00:00Z');
const DAY = { fromMs: FROM_MS, untilMs: FROM_MS + 24 * HOUR_MS };

function at(ms: number, differences: Partial<MeasuredAttempt> = {}): MeasuredAttempt {
  const startedAt = new Date(FROM_MS + ms).toISOString();
  return { status: 'succeeded', startedAt, durationMs: 10, responseStatus: 204, ...differences };
}

describe('the bars', () => {
  it('are 24, one an hour of a day, also where nothing happened', () => {
    const { bars, ...whole } = statisticsOf([], DAY);
    expect(bars).toHaveLength(24);
    expect(bars[0]).toEqual({
      fromMs: FROM_MS,
      untilMs: FROM_MS + HOUR_MS,
      succeeded: 0,
      failed: 0,
      latency: undefined,
    });
    expect(bars.at(-1)?.untilMs).toBe(DAY.untilMs);
    expect(whole).toEqual({ ...DAY, total: 0, succeeded: 0, failed: 0, successShare: undefined, latency: undefined });
  });

  it('count an attempt in the hour in which it began, and the very end in the last one', () => {
    const attempts = [
      at(-1),
      at(0),
      at(HOUR_MS - 1, { status: 'retrying', responseStatus: undefined, errorClass: 'dns' }),
      at(HOUR_MS),
      at(24 * HOUR_MS),
      at(24 * HOUR_MS + 1),
    ];
    const { bars, total, succeeded, failed, successShare } = statisticsOf(attempts, DAY);
    expect(
      bars.flatMap((bar, index) => (bar.succeeded + bar.failed > 0 ? [[index, bar.succeeded, bar.failed]] : [])),
    ).toEqual([
      [0, 1, 1],
      [1, 1, 0],
      [23, 1, 0],
    ]);
    expect({ total, succeeded, failed, successShare }).toEqual({
      total: 4,
      succeeded: 3,
      failed: 1,
      successShare: 0.75,
    });
  });

  it.each([
    ['held', 'paused', 0],
    ['cancelled', 'paused', 0],
    ['cancelled', 'webhook_inactive', 0],
    ['dead', 'internal', 0],
    ['dead', 'payload_gone', 0],
    ['dead', 'blocked', 1],
    ['cancelled', 'status', 1],
    ['retrying', 'timeout', 1],
  ] as const)('count what was sent: %s with %s is %i', (status, errorClass, total) => {
    expect(statisticsOf([at(0, { status, errorClass, responseStatus: undefined })], DAY).total).toBe(total);
  });

  it('are one moment where the window is', () => {
    const { bars, total } = statisticsOf([at(0), at(0)], { fromMs: FROM_MS, untilMs: FROM_MS });
    expect([bars.length, bars.at(-1)?.succeeded, total]).toEqual([24, 2, 2]);
  });

  it('add up to the whole', () => {
    const attempt = fc.record({
      startedAt: fc.integer({ min: -HOUR_MS, max: 25 * HOUR_MS }).map((ms) => new Date(FROM_MS + ms).toISOString()),
      status: fc.constantFrom(...DELIVERY_STATUSES),
      durationMs: fc.nat(20_000),
      responseStatus: fc.option(fc.integer({ min: 200, max: 599 }), { nil: undefined }),
      errorClass: fc.option(fc.constantFrom(...ATTEMPT_ERROR_CLASSES), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(attempt), fc.nat(24 * HOUR_MS), (attempts, lengthMs) => {
        const all = statisticsOf(attempts, { fromMs: FROM_MS, untilMs: FROM_MS + lengthMs });
        const sum = (of: 'succeeded' | 'failed') => all.bars.reduce((total, bar) => total + bar[of], 0);
        expect([sum('succeeded'), sum('failed')]).toEqual([all.succeeded, all.failed]);
        expect(all.succeeded + all.failed).toBe(all.total);
        expect(all.latency?.p50Ms ?? 0).toBeLessThanOrEqual(all.latency?.p95Ms ?? 0);
        expect(all.latency?.p95Ms ?? 0).toBeLessThanOrEqual(all.latency?.p99Ms ?? 0);
      }),
    );
  });
});

test('the latency is that of the attempts that got a response, whatever it was', () => {
  const answered = Array.from({ length: 100 }, (_, index) => at(index, { durationMs: 100 - index }));
  const timeouts = Array.from({ length: 50 }, () =>
    at(0, { status: 'retrying', durationMs: 15_000, responseStatus: undefined, errorClass: 'timeout' }),
  );
  const { latency, bars } = statisticsOf([...timeouts, ...answered], DAY);
  expect(latency).toEqual({ p50Ms: 50, p95Ms: 95, p99Ms: 99 });
  expect(bars[0]?.latency).toEqual(latency);
  const refused = at(0, { status: 'dead', durationMs: 7, responseStatus: 500, errorClass: 'status' });
  expect(statisticsOf([refused], DAY).latency).toEqual({ p50Ms: 7, p95Ms: 7, p99Ms: 7 });
  expect(statisticsOf(timeouts, DAY).latency).toBeUndefined();
});

describe('what waits', () => {
  const one = (deliveryId: string, status: DeliveryStatus, nextAttemptAt?: string): RecentAttempt => ({
    ...at(0, { status }),
    deliveryId,
    nextAttemptAt,
  });

  it('is by the last attempt of each delivery, and when the next one is due', () => {
    const attempts = [
      one('e', 'held'),
      one('d', 'succeeded'),
      one('d', 'retrying', '2026-11-23T10:00:00.000Z'),
      one('c', 'retrying', '2026-11-23T14:00:00.000Z'),
      one('b', 'retrying', '2026-11-23T13:00:00.000Z'),
      one('a', 'dead'),
    ];
    expect(waitingOf(attempts)).toEqual({ retrying: 2, held: 1, nextAttemptAt: '2026-11-23T13:00:00.000Z' });
  });

  it('is nothing where nothing does', () => {
    expect(waitingOf([])).toEqual({ retrying: 0, held: 0, nextAttemptAt: undefined });
  });
});
