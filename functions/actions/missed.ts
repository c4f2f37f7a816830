import { timeOfPosition } from '../domain/event.ts';
import { deliveryId } from '../domain/id.ts';
import { type EventsRead, type MissedPage, missedPage } from '../domain/missed-page.ts';
import { isToRecover, type Recovery } from '../domain/recovery.ts';
import { verdictOn, type Webhook } from '../domain/webhook.ts';
import type { AttemptStore } from '../store/attempts.ts';
import type { EventStore } from '../store/events.ts';

export type MissedDeps = {
  readonly attempts: Pick<AttemptStore, 'stretch' | 'begun'>;
  readonly events: Pick<EventStore, 'inactive'>;
  readonly now: () => number;
};

/**
 * The next page, of up to `limit`, of all that a webhook has missed: deliveries that stand dead or cancelled, and events that came while
 * it was inactive, of types that it subscribes to now, and that have no delivery yet. The log is read as far as the events were.
 */
export async function readMissed(
  deps: MissedDeps,
  recovery: Recovery,
  { webhook, limit }: { readonly webhook: Webhook; readonly limit: number },
): Promise<MissedPage> {
  const { webhookId, namespaceId, filter } = recovery;
  const [sinceMs, untilMs] = [Date.parse(filter.since), Date.parse(filter.until)];
  const times = { sinceMs, nowMs: deps.now(), limit };
  const read = await deps.events.inactive({ ...times, untilMs, namespaceId, webhookId, after: recovery.eventCursor });
  const readToMs = read.isEnd ? undefined : timeOfPosition(read.last);
  const log = await deps.attempts.stretch(webhookId, {
    ...times,
    untilMs: readToMs === undefined ? untilMs : readToMs + 1,
    after: recovery.cursor,
    lets: (standing) => isToRecover(recovery, standing),
  });
  const events = await withoutDelivery(deps, read, webhook);
  return missedPage({ log, events }, { webhookId, limit });
}

/** What has a first attempt in the log is a matter of the log. */
async function withoutDelivery(deps: MissedDeps, read: EventsRead, webhook: Webhook): Promise<EventsRead> {
  const subscribed = read.events.filter(({ type }) => verdictOn(webhook, type) === 'sent');
  const begun = await deps.attempts.begun(
    webhook.id,
    subscribed.map((event) => deliveryId(event, webhook.id)),
  );
  return { ...read, events: subscribed.filter((event) => !begun.has(deliveryId(event, webhook.id))) };
}
