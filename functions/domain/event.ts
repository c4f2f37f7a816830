import { type EventType, isEventType, offCatalogue } from './catalogue.ts';
import { isUuid, UUID_PATTERN } from './id.ts';
import { memberText } from './json-span.ts';
import { instantOf } from './timestamp.ts';

/** One event of the CI, as the bus brought it. */
export type CiEvent = {
  /** The producer's id, or the bus's own where the producer gave none: a UUID in lower case. */
  readonly id: string;
  readonly type: EventType;
  /** Null where the event belongs to no namespace: it is delivered to nobody, and that is no error. */
  readonly namespaceId: number | null;
  /** ISO 8601 in UTC, to the millisecond. Together with `id` it says which event this is. */
  readonly createdAt: string;
  /** The payload's JSON text, as the producer wrote it: what receivers get, byte for byte. */
  readonly payload: string;
  /** What of the payload does not fit the catalogue, where anything does not. Such an event is delivered all the same. */
  readonly offCatalogue?: string | undefined;
};

export type EventReading =
  | { readonly kind: 'event'; readonly event: CiEvent }
  | { readonly kind: 'unreadable'; readonly reason: string };

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads an event from a message of the events queue, whose body is an EventBridge event with
 * `{namespace_id, payload, id?, created_at?}` as its `detail`. What cannot be read is a value with the reason, one
 * sentence for the dead-letter queue; it never throws.
 */
export function readEvent(body: string): EventReading {
  const envelope = parseObject(body);
  if (envelope === undefined) return unreadable('The message is not an EventBridge event in JSON');
  const detail = own(envelope, 'detail');
  if (!isObject(detail)) return unreadable('The detail is not a JSON object');
  const type = own(envelope, 'detail-type');
  if (typeof type !== 'string' || !isEventType(type)) return unreadable(`Unknown event type: ${excerpt(type)}`);
  if (!Object.hasOwn(detail, 'namespace_id')) return unreadable('The detail has no namespace_id');
  const namespaceId = detail['namespace_id'];
  if (namespaceId !== null && !isId(namespaceId)) return unreadable('namespace_id is neither a whole number nor null');
  const payload = own(detail, 'payload');
  if (!isObject(payload)) return unreadable('The payload is not a JSON object');
  const id = text(own(detail, 'id') ?? own(envelope, 'id')).toLowerCase();
  if (!isUuid(id)) return unreadable('The id of the event is not a UUID');
  const createdAt = instantOf(text(own(detail, 'created_at') ?? own(envelope, 'time')));
  if (createdAt === undefined) return unreadable('created_at is not an RFC 3339 time since 1970');
  return {
    kind: 'event',
    event: { id, type, namespaceId, createdAt, payload: payloadText(body), offCatalogue: offCatalogue(type, payload) },
  };
}

/** Writes the `detail` of an event for the bus, as `readEvent` reads it. The payload's own text goes in, byte for byte. */
export function writeDetail(event: Pick<CiEvent, 'id' | 'namespaceId' | 'createdAt' | 'payload'>): string {
  const head = { namespace_id: event.namespaceId, id: event.id, created_at: event.createdAt };
  return `${JSON.stringify(head).slice(0, -1)},"payload":${event.payload}}`;
}

/** The source of a regular expression that matches the name of an event. */
export const EVENT_NAME_PATTERN = `\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z~${UUID_PATTERN}`;

/** What names an event in its namespace, in URLs and cursors: its time and its id. */
export function eventName(event: Pick<CiEvent, 'id' | 'createdAt'>): string {
  return `${event.createdAt}~${event.id}`;
}

/** The milliseconds of a position among events: the name of one of them, or a bare time. */
export function timeOfPosition(position: string | undefined): number | undefined {
  return position === undefined ? undefined : Date.parse(position.split('~', 1)[0] ?? '');
}

/** Reads what `eventName` wrote; undefined for anything else. */
export function readEventName(name: string): Pick<CiEvent, 'id' | 'createdAt'> | undefined {
  const [createdAt = '', id = ''] = name.split('~', 2);
  return instantOf(createdAt) === createdAt && isUuid(id) && name === eventName({ createdAt, id })
    ? { createdAt, id }
    : undefined;
}

function payloadText(body: string): string {
  const payload = memberText(memberText(body, 'detail') ?? '{}', 'payload');
  if (payload === undefined) throw new Error('A payload that was parsed has no text');
  return payload;
}

function unreadable(reason: string): EventReading {
  return { kind: 'unreadable', reason };
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function isId(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function excerpt(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 64)) : 'none is given';
}
