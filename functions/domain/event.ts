import { type EventType, isEventType, offCatalogue } from './catalogue.ts';
import { isUuid, UUID_PATTERN } from './id.ts';
import { elementTexts, memberText, withMemberText } from './json-span.ts';
import { EVENTS_PER_ENTRY_MAX } from './limits.ts';
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

/** What a message brought: an event, or what could not be read as one, in a message of its own. */
export type EventReading =
  | { readonly kind: 'event'; readonly event: CiEvent }
  | { readonly kind: 'unreadable'; readonly reason: string; readonly body: string };

type JsonObject = Readonly<Record<string, unknown>>;

/** The type of an entry of the bus that holds several events, and not one: an entry is what EventBridge bills. */
export const SEVERAL_EVENTS = 'events';

/**
 * Reads the events of a message of the events queue, whose body is an EventBridge event: with
 * `{namespace_id, payload, id?, created_at?}` as its `detail`, or, of the type `events`, with
 * `{events: [{type, namespace_id, payload, id, created_at?}]}`. What cannot be read is a value with the reason, one
 * sentence for the dead-letter queue, and with a body that says as much once more: of several events one bad one is none of the others'
 * matter. It never throws.
 */
export function eventsIn(body: string): readonly EventReading[] {
  const unreadable = (reason: string): EventReading => ({ kind: 'unreadable', reason, body });
  const envelope = parseObject(body);
  if (envelope === undefined) return [unreadable('The message is not an EventBridge event in JSON')];
  const detail = own(envelope, 'detail');
  if (!isObject(detail)) return [unreadable('The detail is not a JSON object')];
  const type = own(envelope, 'detail-type');
  const detailText = () => memberText(body, 'detail') ?? '{}';
  if (type !== SEVERAL_EVENTS) {
    const read = eventIn(detail, { type, id: own(envelope, 'id'), time: own(envelope, 'time'), text: detailText });
    return [typeof read === 'string' ? unreadable(read) : { kind: 'event', event: read }];
  }
  const events = own(detail, 'events');
  if (!Array.isArray(events) || events.length === 0) return [unreadable('The detail has no list of events')];
  if (events.length > EVENTS_PER_ENTRY_MAX) {
    return [unreadable(`The entry has ${events.length} events, and may have ${EVENTS_PER_ENTRY_MAX}`)];
  }
  const texts = elementTexts(memberText(detailText(), 'events') ?? '[]');
  return events.map((event: unknown, index): EventReading => {
    const text = texts[index] ?? '';
    const read = eventOfList(event, { time: own(envelope, 'time'), text: () => text });
    if (typeof read !== 'string') return { kind: 'event', event: read };
    return { kind: 'unreadable', reason: read, body: withMemberText(body, 'detail', `{"events":[${text}]}`) };
  });
}

/** What stands beside an event: its type, what stands in for its id and time, and the text that it was parsed from. */
type Beside = {
  readonly type: unknown;
  readonly id: unknown;
  readonly time: unknown;
  readonly text: () => string;
};

/** The event that an object says; or why it says none. */
function eventIn(object: JsonObject, { type, id: otherId, time, text }: Beside): CiEvent | string {
  if (typeof type !== 'string' || !isEventType(type)) return `Unknown event type: ${excerpt(type)}`;
  if (!Object.hasOwn(object, 'namespace_id')) return 'The detail has no namespace_id';
  const namespaceId = object['namespace_id'];
  if (namespaceId !== null && !isId(namespaceId)) return 'namespace_id is neither a whole number nor null';
  const payload = own(object, 'payload');
  if (!isObject(payload)) return 'The payload is not a JSON object';
  const id = stringOf(own(object, 'id') ?? otherId).toLowerCase();
  if (!isUuid(id)) return 'The id of the event is not a UUID';
  const createdAt = instantOf(stringOf(own(object, 'created_at') ?? time));
  if (createdAt === undefined) return 'created_at is not an RFC 3339 time since 1970';
  return { id, type, namespaceId, createdAt, payload: payloadText(text()), offCatalogue: offCatalogue(type, payload) };
}

/** The event that a member of a list says. The bus has but one id for all of them. */
function eventOfList(event: unknown, beside: Pick<Beside, 'time' | 'text'>): CiEvent | string {
  if (!isObject(event)) return 'An event of the list is not a JSON object';
  if (own(event, 'id') == null) return 'An event of the list has no id';
  return eventIn(event, { ...beside, type: own(event, 'type'), id: undefined });
}

/** Writes the `detail` of an event for the bus, as `eventsIn` reads it. The payload's own text goes in, byte for byte. */
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

function payloadText(text: string): string {
  const payload = memberText(text, 'payload');
  if (payload === undefined) throw new Error('A payload that was parsed has no text');
  return payload;
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

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** In characters that a message may have: SQS takes all that JSON leaves as they are, but for these two. */
function excerpt(value: unknown): string {
  if (typeof value !== 'string') return 'none is given';
  return JSON.stringify(value.slice(0, 64)).replace(/[\ufffe\uffff]/g, (one) =>
    one === '\ufffe' ? '\\ufffe' : '\\uffff',
  );
}
