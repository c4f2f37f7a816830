import { RECENT_HOURS } from '../domain/limits.ts';
import type { RecentAttempt, Window } from '../domain/statistics.ts';
import type { Webhook } from '../domain/webhook.ts';
import type { AttemptStore } from '../store/attempts.ts';

export type RecentDeps = { readonly attempts: Pick<AttemptStore, 'recent'>; readonly now: () => number };

/**
 * A webhook's attempts of the last 24 hours, newest event first; or the newest of them, where there were more than could be read:
 * then the window is the time that they span, until now.
 */
export type Recent = Window & { readonly attempts: readonly RecentAttempt[]; readonly isCut: boolean };

const HOUR_MS = 60 * 60 * 1000;
/** Webhooks that are looked at at once. */
const LOOKUPS = 20;

/**
 * The recent attempts of webhooks, by their ids: up to `limit` of each, in one call of the table each. They are those of deliveries
 * whose events are of the last 24 hours; a late retry of an older one is not among them.
 */
export async function recentAttempts(
  deps: RecentDeps,
  webhooks: readonly Pick<Webhook, 'id'>[],
  { limit }: { readonly limit: number },
): Promise<ReadonlyMap<number, Recent>> {
  const recent = new Map<number, Recent>();
  for (let from = 0; from < webhooks.length; from += LOOKUPS) {
    const some = webhooks.slice(from, from + LOOKUPS);
    const read = await Promise.all(some.map(async ({ id }) => [id, await recentOf(deps, id, limit)] as const));
    for (const [id, one] of read) recent.set(id, one);
  }
  return recent;
}

async function recentOf(deps: RecentDeps, webhookId: number, limit: number): Promise<Recent> {
  const untilMs = deps.now();
  const sinceMs = untilMs - RECENT_HOURS * HOUR_MS;
  const { attempts, isCut } = await deps.attempts.recent(webhookId, { sinceMs, limit });
  const oldestMs = Math.min(...attempts.map(({ startedAt }) => Date.parse(startedAt)));
  const fromMs = isCut && attempts.length > 0 ? Math.min(untilMs, Math.max(sinceMs, oldestMs)) : sinceMs;
  return { attempts, isCut, fromMs, untilMs };
}
