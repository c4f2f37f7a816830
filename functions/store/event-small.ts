import type { EventType } from '../domain/catalogue.ts';
import { type EventKey, eventKey, readEventKey, type StoredEvent } from './event-key.ts';
import { inlinePayload } from './payload-parts.ts';
import { getAll, type Key, type Table } from './table.ts';

/** Which event, and how large its payload is, where that is known. */
export type SizedEvent = EventKey & { readonly payloadBytes?: number | undefined };

/** Reads the events whose payloads are small and stand in their own items; those that are larger stay where they are. */
export async function readSmall(table: Table, events: readonly SizedEvent[], bytesMax: number): Promise<StoredEvent[]> {
  const unsized = events.filter(({ payloadBytes }) => payloadBytes === undefined).map(eventKey);
  const sizes = await getAll(table, unsized, { attributes: ['payload_bytes'] });
  const small: Key[] = [
    ...sizes.filter((item) => Number(item['payload_bytes']) <= bytesMax),
    ...events.filter(({ payloadBytes = bytesMax + 1 }) => payloadBytes <= bytesMax).map(eventKey),
  ];
  const items = await getAll(table, small, { attributes: ['type', 'encoding', 'payload'] });
  return items.flatMap((item) => {
    const payload = inlinePayload(item);
    return payload === undefined ? [] : [{ ...readEventKey(item), type: item['type'] as EventType, payload }];
  });
}
