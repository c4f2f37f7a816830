import { OVERVIEW_DELIVERIES_MAX } from '../domain/limits.ts';
import type { AttemptStore } from '../store/attempts.ts';
import { deliveriesOf, type EventSummary, type EventVerdict, verdictsOf } from './events.ts';

export type OverviewDeps = { readonly attempts: Pick<AttemptStore, 'standings'>; readonly now: () => number };

/**
 * An event of a page with the verdict on every webhook that its namespace had; undefined where the page has too many deliveries to look
 * up this event's, too. Its own `verdicts` have the ids of the webhooks all the same, to be counted.
 */
export type EventOverview = { readonly event: EventSummary; readonly verdicts: readonly EventVerdict[] | undefined };

/**
 * What became of the events of a page, in their order. Up to 200 deliveries are looked up, of as many events as have no more
 * together; the first come first.
 */
export async function verdictOverview(
  deps: OverviewDeps,
  events: readonly EventSummary[],
): Promise<readonly EventOverview[]> {
  let room = OVERVIEW_DELIVERIES_MAX;
  const lookups = events.map((event) => {
    const deliveries = deliveriesOf(event);
    if (deliveries.length > room) return undefined;
    room -= deliveries.length;
    return deliveries;
  });
  const nowMs = deps.now();
  const statuses = await deps.attempts.standings(
    lookups.flatMap((deliveries) => deliveries ?? []),
    nowMs,
  );
  return events.map((event, index) => ({
    event,
    verdicts: lookups[index] === undefined ? undefined : verdictsOf({ event, statuses, nowMs }),
  }));
}
