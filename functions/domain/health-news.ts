import type { AttemptError } from './delivery.ts';
import type { Judged, Sign } from './health.ts';

/** A change that is worth an event of the service's own. `at` and `since` are ISO 8601. */
export type HealthNews = {
  readonly type: 'webhook.failing' | 'webhook.recovered' | 'webhook.deactivated';
  readonly at: string;
  readonly since: string;
  readonly reason: string;
  readonly error?: AttemptError | undefined;
};

/** The news that these signs made of a webhook which stands as it does, but for what it was told of as it stood `before`. */
export function newsAgain(webhook: Judged, signs: readonly Sign[], before?: Judged): HealthNews[] {
  const { health, deactivation } = webhook;
  const made = (by: string | undefined, beforeBy: string | undefined) =>
    by === undefined || by === beforeBy ? undefined : signs.find((sign) => sign.by === by);
  const recovery = made(health?.recovered?.by, before?.health?.recovered?.by);
  const failure = made(health?.failing?.toldBy, before?.health?.failing?.toldBy);
  const last = made(deactivation?.by, before?.deactivation?.by);
  return [
    ...(recovery
      ? [news('webhook.recovered', recovery, { sinceMs: health?.recovered?.sinceMs, reason: 'attempt_succeeded' })]
      : []),
    ...(failure
      ? [news('webhook.failing', failure, { sinceMs: health?.failing?.sinceMs, reason: 'attempts_failed' })]
      : []),
    ...(last && deactivation
      ? [news('webhook.deactivated', last, { sinceMs: health?.failing?.sinceMs, reason: deactivation.reason })]
      : []),
  ];
}

function news(
  type: HealthNews['type'],
  { endedMs, error }: Sign,
  { sinceMs = endedMs, reason }: { readonly sinceMs: number | undefined; readonly reason: string },
): HealthNews {
  return { type, at: new Date(endedMs).toISOString(), since: new Date(sinceMs).toISOString(), reason, error };
}
