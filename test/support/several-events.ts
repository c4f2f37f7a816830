import { type CiEvent, writeDetail } from '../../functions/domain/event.ts';

/** The `detail` of an entry of the type `events`, as a producer writes it that has several of them. */
export function severalDetail(
  events: readonly Pick<CiEvent, 'id' | 'type' | 'namespaceId' | 'createdAt' | 'payload'>[],
): string {
  const texts = events.map((event) => `{"type":"${event.type}",${writeDetail(event).slice(1)}`);
  return `{"events":[${texts.join(',')}]}`;
}
