import fc from 'fast-check';
import { expect, it } from 'vitest';
import { phasesOf } from '../../functions/domain/phases.ts';

const spent = (durationMs: number, connection?: Parameters<typeof phasesOf>[0]['connection']) => {
  const { phases, longest } = phasesOf({ durationMs, connection });
  return { longest, ...Object.fromEntries(phases.map(({ name, ms }) => [name, ms])) };
};

it('takes the wait from when the request was under way, and the body from its first byte', () => {
  const connection = { dnsMs: 3, connectMs: 5, tlsMs: 12, firstByteMs: 120, httpVersion: '1.1' };
  expect(spent(150, connection)).toEqual({ dns: 3, connect: 5, tls: 12, wait: 100, body: 30, longest: 'wait' });
  const { phases } = phasesOf({ durationMs: 200, connection });
  expect(phases.map(({ share }) => share)).toEqual([0.015, 0.025, 0.06, 0.5, 0.4]);
});

it('leaves out what was not measured, or not come to', () => {
  expect(spent(40)).toEqual({ longest: undefined });
  expect(spent(40, { connectMs: 5, firstByteMs: 30 })).toEqual({ connect: 5, wait: 25, body: 10, longest: 'wait' });
  expect(spent(5_001, { dnsMs: 5_000 })).toEqual({ dns: 5_000, longest: 'dns' });
  expect(spent(9, { dnsMs: 3, connectMs: 5 })).toEqual({ dns: 3, connect: 5, longest: 'connect' });
});

it('was waiting for the first byte, where none came until the end', () => {
  expect(spent(15_000, { dnsMs: 3, connectMs: 5, tlsMs: 12 })).toEqual({
    dns: 3,
    connect: 5,
    tls: 12,
    wait: 14_980,
    longest: 'wait',
  });
});

it('waited from the beginning over a connection that was open already', () => {
  expect(spent(150, { reused: true, firstByteMs: 120 })).toEqual({ wait: 120, body: 30, longest: 'wait' });
  expect(spent(15_000, { reused: true, dnsMs: 3 })).toEqual({ dns: 3, wait: 14_997, longest: 'wait' });
});

it('has no longest phase where none took any time', () => {
  expect(spent(0, { connectMs: 0, firstByteMs: 0 })).toEqual({ connect: 0, wait: 0, body: 0, longest: undefined });
});

it('sums up to no more than the duration, whatever the two clocks say', () => {
  const ms = fc.option(fc.nat(20_000), { nil: undefined });
  const measured = fc.record({ dnsMs: ms, connectMs: ms, tlsMs: ms, firstByteMs: ms });
  fc.assert(
    fc.property(fc.nat(20_000), measured, (durationMs, of) => {
      const connection = Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined));
      const { phases, longest } = phasesOf({ durationMs, connection });
      const total = phases.reduce((sum, phase) => sum + phase.ms, 0);
      expect(total).toBeLessThanOrEqual(durationMs);
      for (const phase of phases) {
        expect(phase.ms).toBeGreaterThanOrEqual(0);
        expect(phase.share).toBeGreaterThanOrEqual(0);
        expect(phase.share).toBeLessThanOrEqual(1);
      }
      const most = Math.max(0, ...phases.map((phase) => phase.ms));
      expect(phases.find(({ name }) => name === longest)?.ms ?? 0).toBe(most);
      if (connection['firstByteMs'] !== undefined) expect(total).toBe(durationMs);
    }),
  );
});
