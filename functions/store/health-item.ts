import type { Deactivation, Health } from '../domain/health.ts';
import type { Item } from './table.ts';

/** What of a webhook's item tells of its receiver's health. */
export function readHealth(item: Item) {
  const health = item['health'] as HealthAttribute | undefined;
  return {
    health: health && {
      healthyMs: health.healthy_ms,
      failing: health.failing && {
        sinceMs: health.failing.since_ms,
        spellMs: health.failing.spell_ms,
        failures: health.failing.failures,
        lastMs: health.failing.last_ms,
        toldBy: health.failing.told_by,
      },
      recovered: health.recovered && { sinceMs: health.recovered.since_ms, by: health.recovered.by },
      tally: health.tally && {
        attempts: health.tally.attempts,
        failures: health.tally.failures,
        sinceMs: health.tally.since_ms,
        lastMs: health.tally.last_ms,
      },
      breaker: health.breaker && {
        openedMs: health.breaker.opened_ms,
        probeAtMs: health.breaker.probe_at_ms,
        failedProbes: health.breaker.failed_probes,
      },
    },
    healthRevision: item['health_revision'] as number | undefined,
    deactivation: item['deactivation'] as Deactivation | undefined,
  };
}

/** A webhook's health as an attribute of its item. */
export function healthAttribute({ healthyMs, failing, recovered, tally, breaker }: Health): HealthAttribute {
  return {
    healthy_ms: healthyMs,
    failing: failing && {
      since_ms: failing.sinceMs,
      spell_ms: failing.spellMs,
      failures: failing.failures,
      last_ms: failing.lastMs,
      told_by: failing.toldBy,
    },
    recovered: recovered && { since_ms: recovered.sinceMs, by: recovered.by },
    tally: tally && {
      attempts: tally.attempts,
      failures: tally.failures,
      since_ms: tally.sinceMs,
      last_ms: tally.lastMs,
    },
    breaker: breaker && {
      opened_ms: breaker.openedMs,
      probe_at_ms: breaker.probeAtMs,
      failed_probes: breaker.failedProbes,
    },
  };
}

type HealthAttribute = {
  readonly healthy_ms?: number | undefined;
  readonly failing?:
    | {
        readonly since_ms: number;
        readonly spell_ms: number;
        readonly failures: number;
        readonly last_ms: number;
        readonly told_by?: string | undefined;
      }
    | undefined;
  readonly recovered?: { readonly since_ms: number; readonly by: string } | undefined;
  readonly tally?:
    | { readonly attempts: number; readonly failures: number; readonly since_ms: number; readonly last_ms: number }
    | undefined;
  readonly breaker?:
    | { readonly opened_ms: number; readonly probe_at_ms: number; readonly failed_probes: number }
    | undefined;
};
