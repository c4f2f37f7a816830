import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Circuit, isCircuitWorthNoting, judgeCircuit, type Outcome } from '../../functions/domain/breaker.ts';

const START = Date.parse('2026-11-23T12:00:00Z');
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const outcome = (isSuccess: boolean, atMs: number, takesMs = 100): Outcome => ({
  startedMs: START + atMs,
  endedMs: START + atMs + takesMs,
  isSuccess,
});
const failure = (atMs: number, takesMs?: number) => outcome(false, atMs, takesMs);
const success = (atMs: number, takesMs?: number) => outcome(true, atMs, takesMs);
const run = (batches: readonly (readonly Outcome[])[], before: Circuit = {}) => batches.reduce(judgeCircuit, before);
const every = (count: number, everyMs: number, fromMs = 0) =>
  Array.from({ length: count }, (_, nth) => [failure(fromMs + nth * everyMs)]);

const OPEN = run([Array.from({ length: 10 }, () => failure(0, 15 * SECOND))]);

describe('a closed circuit', () => {
  it.each([
    ['ten failures over ten seconds', every(10, 2 * SECOND), true],
    ['nine of them', every(9, 2 * SECOND), false],
    ['ten at one moment', every(10, 1), false],
    ['ten at one moment that took ten seconds', [every(10, 1).flatMap(() => failure(0, 10 * SECOND))], true],
    ['eight of ten', [[...every(8, 2 * SECOND).flat(), success(1), success(9 * SECOND)], [failure(20 * SECOND)]], true],
    ['seven of ten', [[...every(7, 2 * SECOND).flat(), success(1), success(2), success(3)]], false],
    ['ten with a silence of over ten minutes between', [...every(5, SECOND), ...every(5, SECOND, 11 * MINUTE)], false],
    ['ten with a silence of under ten minutes between', [...every(5, SECOND), ...every(5, SECOND, 9 * MINUTE)], true],
  ])('%s: %#', (_, batches, isOpened) => {
    expect(run(batches).breaker !== undefined).toBe(isOpened);
  });

  it('weighs what is long past by half', () => {
    const well = Array.from({ length: 20 }, (_, nth) => [success(nth * SECOND)]);
    const mixed: Circuit = { tally: { attempts: 20, failures: 4, sinceMs: START, lastMs: START } };
    expect(run(every(15, SECOND, SECOND), mixed).breaker).toBeUndefined();
    expect(run(every(40, SECOND, SECOND), mixed).breaker).toBeDefined();
    expect(run(well)).toEqual({});
  });

  it('counts nothing twice', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ at: fc.nat(3_600), ok: fc.boolean() }), { maxLength: 30 }), (given) => {
        const batch = given.map(({ at, ok }) => outcome(ok, at * SECOND));
        for (const before of [{}, OPEN]) {
          const once = run([batch], before);
          expect(judgeCircuit(once, batch)).toEqual(once);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is written of when most attempts fail, and not for a few', () => {
    const of = (failures: number, attempts: number): Circuit => ({
      tally: { attempts, failures, sinceMs: START, lastMs: START },
    });
    expect(isCircuitWorthNoting({}, of(1, 2))).toBe(false);
    expect(isCircuitWorthNoting({}, of(2, 3))).toBe(true);
    expect(isCircuitWorthNoting({}, OPEN)).toBe(true);
    expect(isCircuitWorthNoting(OPEN, OPEN)).toBe(false);
    expect(isCircuitWorthNoting(OPEN, {})).toBe(true);
  });
});

describe('an open circuit', () => {
  const openedMs = START + 15 * SECOND;

  it('may be probed a minute after it opened', () => {
    expect(OPEN).toEqual({ breaker: { openedMs, failedProbes: 0, probeAtMs: openedMs + MINUTE } });
  });

  it('is put off with each probe that failed: a minute, then 2, 4, 8, and 15 from then on', () => {
    let circuit = OPEN;
    const waits = Array.from({ length: 7 }, () => {
      const { probeAtMs = 0 } = circuit.breaker ?? {};
      circuit = judgeCircuit(circuit, [failure(probeAtMs - START, 0)]);
      return ((circuit.breaker?.probeAtMs ?? 0) - probeAtMs) / MINUTE;
    });
    expect(waits).toEqual([2, 4, 8, 15, 15, 15, 15]);
  });

  it('takes no failure for a probe that began before one was due', () => {
    expect(judgeCircuit(OPEN, [failure(16 * SECOND), failure(60 * SECOND)])).toEqual(OPEN);
  });

  it('closes with a success that began once it was open, and begins to count anew', () => {
    expect(judgeCircuit(OPEN, [success(14 * SECOND)])).toEqual(OPEN);
    expect(judgeCircuit(OPEN, [success(15 * SECOND), failure(90 * SECOND)])).toEqual({
      tally: { attempts: 0, failures: 0, sinceMs: START + 90 * SECOND, lastMs: START + 90 * SECOND },
    });
  });
});
