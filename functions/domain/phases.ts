import type { Attempt } from './delivery.ts';

/** What an attempt spends its time on, in this order, and how people call it. */
export const PHASE_LABELS = {
  dns: 'DNS',
  connect: 'Connect',
  tls: 'TLS',
  wait: 'Waiting for the first byte',
  body: 'Reading the response',
} as const;
type PhaseName = keyof typeof PHASE_LABELS;

/** `share` is of the attempt's duration, from 0 to 1. */
export type Phase = { readonly name: PhaseName; readonly ms: number; readonly share: number };

export type Phases = {
  /** Those that were measured, in their order: none for an attempt of before that was done. Together no longer than the attempt. */
  readonly phases: readonly Phase[];
  /** Undefined where no phase took any time. */
  readonly longest: PhaseName | undefined;
};

/** Milliseconds that may be missing because each phase is rounded by itself. */
const ROUNDING_MS = 2;

/**
 * How an attempt spent its time. The phases are taken by another clock than its duration, so that each gets at most what is left
 * of that. Where no byte came, the rest of the time was spent on waiting for it.
 */
export function phasesOf({ connection = {}, durationMs }: Pick<Attempt, 'connection' | 'durationMs'>): Phases {
  const { dnsMs, connectMs, tlsMs, firstByteMs } = connection;
  const isConnected = connectMs !== undefined || connection.reused === true;
  let leftMs = durationMs;
  const take = (name: PhaseName, ms: number | undefined): Phase[] => {
    if (ms === undefined) return [];
    const takenMs = Math.min(Math.max(0, ms), leftMs);
    leftMs -= takenMs;
    return [{ name, ms: takenMs, share: durationMs === 0 ? 0 : takenMs / durationMs }];
  };
  const before = [...take('dns', dnsMs), ...take('connect', connectMs), ...take('tls', tlsMs)];
  const waitMs =
    firstByteMs === undefined
      ? unansweredMs(isConnected, leftMs)
      : firstByteMs - (dnsMs ?? 0) - (connectMs ?? 0) - (tlsMs ?? 0);
  const wait = take('wait', waitMs);
  const phases = [...before, ...wait, ...take('body', firstByteMs === undefined ? undefined : leftMs)];
  const longest = phases.reduce<Phase | undefined>(
    (one, other) => (other.ms > (one?.ms ?? 0) ? other : one),
    undefined,
  );
  return { phases, longest: longest?.name };
}

function unansweredMs(isConnected: boolean, leftMs: number): number | undefined {
  return isConnected && leftMs > ROUNDING_MS ? leftMs : undefined;
}
