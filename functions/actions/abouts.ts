import { type About, aboutEvent } from '../domain/about.ts';
import type { DeliverySummary } from '../domain/delivery.ts';
import { eventName } from '../domain/event.ts';
import { ABOUT_PAYLOAD_MAX_BYTES } from '../domain/limits.ts';
import type { EventKey, EventStore, EventSummary } from '../store/events.ts';

export type AboutDeps = { readonly events: Pick<EventStore, 'withSmallPayload'> };

/**
 * What the events of a page are about, by their names (`eventName`); those with nothing to say, or with a large payload, are not among
 * them. They are of one namespace.
 */
export async function aboutEvents(
  deps: AboutDeps,
  events: readonly (EventKey & Partial<Pick<EventSummary, 'payloadBytes'>>)[],
): Promise<ReadonlyMap<string, About>> {
  const small = await deps.events.withSmallPayload(events, ABOUT_PAYLOAD_MAX_BYTES);
  return new Map(
    small.flatMap((event) => {
      const about = aboutEvent(event.type, event.payload);
      return about === undefined ? [] : [[eventName(event), about]];
    }),
  );
}

/** What the deliveries of a page are about, by their ids; as `aboutEvents`. */
export async function aboutDeliveries(
  deps: AboutDeps,
  deliveries: readonly DeliverySummary[],
): Promise<ReadonlyMap<string, About>> {
  const abouts = await aboutEvents(deps, deliveries.map(eventOf));
  return new Map(
    deliveries.flatMap((delivery) => {
      const about = abouts.get(eventName(eventOf(delivery)));
      return about === undefined ? [] : [[delivery[0].deliveryId, about]];
    }),
  );
}

function eventOf([{ namespaceId, eventId: id, eventCreatedAt: createdAt }]: DeliverySummary): EventKey {
  return { namespaceId, id, createdAt };
}
