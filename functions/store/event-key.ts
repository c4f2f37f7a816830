import type { EventType } from '../domain/catalogue.ts';
import type { Item, Key } from './table.ts';

/** What names an event in the table. */
export type EventKey = { readonly namespaceId: number; readonly createdAt: string; readonly id: string };

/** An event with its payload. */
export type StoredEvent = EventKey & { readonly type: EventType; readonly payload: Uint8Array };

/** Where an event stands in the table: the events of a namespace side by side, by time. */
export function eventKey(event: EventKey): Key {
  return { pk: `NAMESPACE#${event.namespaceId}#EVENTS`, sk: `${event.createdAt}#${event.id}` };
}

/** Reads which event an item is. */
export function readEventKey(item: Item): EventKey {
  const [createdAt = '', id = ''] = item.sk.split('#', 2);
  return { namespaceId: Number(item.pk.split('#', 2)[1]), createdAt, id };
}
