import { type AttemptKey, firstAttempt, redeliveryOf } from './delivery.ts';
import { type CiEvent, eventName, timeOfPosition } from './event.ts';
import { firstIdAt, timeOfId } from './id.ts';
import type { RecoveredPage, Standing } from './recovery.ts';

/** An event that came while a webhook was inactive, and of which it has no delivery. */
export type MissedEvent = Pick<CiEvent, 'id' | 'createdAt' | 'type'> & { readonly namespaceId: number };

/**
 * What was read of a stretch's events, oldest first: those that were missed; the position of the last one that was read, missed or
 * not; and whether there are no more.
 */
export type EventsRead = {
  readonly events: readonly MissedEvent[];
  readonly last: string | undefined;
  readonly isEnd: boolean;
};

/** What was read of the log, up to where the events were read: what is to be made again, each the `nth` delivery that was read. */
export type LogRead = {
  readonly deliveries: readonly (Standing & { readonly nth: number })[];
  readonly read: number;
  readonly last: string | undefined;
  readonly isEnd: boolean;
};

/** The next attempts to send, oldest event first, and how far they reach. */
export type MissedPage = Omit<RecoveredPage, 'redelivered'> & {
  readonly keys: readonly AttemptKey[];
  readonly isEnd: boolean;
};

type Candidate = {
  readonly ms: number;
  readonly key: AttemptKey;
  readonly delivery?: LogRead['deliveries'][number];
  readonly event?: MissedEvent;
};

/**
 * Makes one page of what two readers brought, in the order of the events' times. Where one of them has come less far, or there is more
 * than `limit`, the other one's surplus is left to the next page: each has a cursor of its own.
 */
export function missedPage(
  { log, events }: { readonly log: LogRead; readonly events: EventsRead },
  { webhookId, limit }: { readonly webhookId: number; readonly limit: number },
): MissedPage {
  const logEndsMs = log.isEnd || log.last === undefined ? undefined : timeOfId(log.last);
  const inStep = events.events.filter(({ createdAt }) => logEndsMs === undefined || Date.parse(createdAt) <= logEndsMs);
  const candidates: readonly Candidate[] = [
    ...log.deliveries.map((delivery) => ({
      ms: timeOfId(delivery.last.deliveryId),
      key: redeliveryOf({ ...delivery.last, status: delivery.status }),
      delivery,
    })),
    ...inStep.map((event) => ({ ms: Date.parse(event.createdAt), key: firstAttempt(event, webhookId), event })),
  ].sort((one, other) => one.ms - other.ms);
  if (candidates.length > limit) return cutPage(candidates.slice(0, limit));
  const eventsEndMs = events.isEnd ? undefined : timeOfPosition(events.last);
  return {
    keys: candidates.map(({ key }) => key),
    read: log.read + inStep.length,
    // Nothing in the log is older than where the events were read to: what was sent of them is not looked at again.
    last: logEndsMs === undefined && eventsEndMs !== undefined ? firstIdAt(eventsEndMs + 1) : log.last,
    lastEvent: isBefore(logEndsMs, eventsEndMs) ? isoOf(logEndsMs + 1) : events.last,
    isEnd: log.isEnd && events.isEnd,
  };
}

/** A page that ends with its last candidate, somewhere in what was read. */
function cutPage(taken: readonly Candidate[]): MissedPage {
  const delivery = taken.findLast((one) => one.delivery !== undefined)?.delivery;
  const events = taken.flatMap(({ event }) => event ?? []);
  const lastEvent = events.at(-1);
  return {
    keys: taken.map(({ key }) => key),
    read: (delivery?.nth ?? 0) + events.length,
    last: delivery?.last.deliveryId,
    lastEvent: lastEvent && eventName(lastEvent),
    isEnd: false,
  };
}

/** Whether a reader has stopped, and earlier than another, which may have read to the end. */
function isBefore(ms: number | undefined, otherMs: number | undefined): ms is number {
  return ms !== undefined && (otherMs === undefined || ms < otherMs);
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
