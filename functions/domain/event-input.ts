import * as v from 'valibot';
import { EVENT_TYPES } from './catalogue.ts';
import { RefusalError, ValidationError } from './errors.ts';
import { type CiEvent, writeDetail } from './event.ts';
import { type JsonObject, readFields } from './fields.ts';
import { memberText } from './json-span.ts';
import { EVENT_DETAIL_MAX_BYTES, IDEMPOTENCY_KEY_MAX_CHARACTERS } from './limits.ts';
import { instantOf, isRfc3339 } from './timestamp.ts';

/** What a producer says of an event, checked. Without an id or a time it gets one. */
export type EventDraft = Pick<CiEvent, 'type' | 'namespaceId' | 'payload'> & {
  readonly id?: string | undefined;
  readonly createdAt?: string | undefined;
};

const NAMESPACE_ID = 'Namespace id must be a whole number or null';
const CREATED_AT = 'Created at must be a time such as 2026-11-23T12:00:00Z, since 1970';
const LABELS: Readonly<Record<string, string>> = { type: 'Type', namespace_id: 'Namespace id', payload: 'Payload' };

/** Any JSON object: what of it is not as documented is delivered all the same. */
export const EventPayloadSchema = v.custom<JsonObject>(isObject, 'Payload must be a JSON object');

/** The body of a request that sends an event. */
export const EventInputSchema = v.object(
  {
    type: v.picklist(EVENT_TYPES, (issue) => `Unknown event ${issue.received.slice(0, 80)}`),
    namespace_id: v.nullable(v.pipe(v.number(NAMESPACE_ID), v.safeInteger(NAMESPACE_ID), v.minValue(0, NAMESPACE_ID))),
    payload: EventPayloadSchema,
    id: v.nullish(v.pipe(v.string('Id must be a UUID'), v.uuid('Id must be a UUID'))),
    created_at: v.nullish(v.pipe(v.string(CREATED_AT), v.check(isRfc3339, CREATED_AT))),
  },
  (issue) => `${LABELS[String(issue.path?.[0]?.key)] ?? 'This field'} is required`,
);

/** The characters that JSON may hold as they are and that no queue takes (SQS, SendMessage). */
const NOT_FOR_QUEUES = /[\uFFFE\uFFFF]/;

/**
 * Reads the body of a request that sends an event; `text` is what `body` was parsed from, and the payload's own text is cut
 * out of it. Null counts as omitted, but for the namespace. Throws ValidationError with every sentence about every field.
 */
export function parseEventDraft(text: string, body: JsonObject): EventDraft {
  const { type, namespace_id: namespaceId, id, created_at } = readFields(EventInputSchema, body);
  const createdAt = created_at == null ? undefined : instantOf(created_at);
  if (created_at != null && createdAt === undefined) throw new ValidationError({ created_at: [CREATED_AT] });
  const payload = memberText(text, 'payload');
  if (payload === undefined) throw new Error('A payload that was parsed has no text');
  if (NOT_FOR_QUEUES.test(payload)) {
    const sentence = 'Payload must not hold the characters U+FFFE and U+FFFF: write them as \\ufffe and \\uffff';
    throw new ValidationError({ payload: [sentence] });
  }
  return { type, namespaceId, payload, createdAt, id: id?.toLowerCase() };
}

/** The `detail` of an event for the bus. Refuses one that is larger than the bus and the queue behind it take. */
export function boundedDetail(event: CiEvent): string {
  const detail = writeDetail(event);
  if (Buffer.byteLength(detail) <= EVENT_DETAIL_MAX_BYTES) return detail;
  throw new RefusalError(
    'body_too_large',
    `The event must be at most ${EVENT_DETAIL_MAX_BYTES / 1024} KB, its payload, id, time and namespace together`,
  );
}

/** Reads an `Idempotency-Key`; undefined where there is none. Refuses what is no key. */
export function readIdempotencyKey(text: string | undefined): string | undefined {
  if (text === undefined || (/^[!-~]+$/.test(text) && text.length <= IDEMPOTENCY_KEY_MAX_CHARACTERS)) return text;
  throw new RefusalError(
    'invalid_parameter',
    `Idempotency-Key must be 1 to ${IDEMPOTENCY_KEY_MAX_CHARACTERS} visible ASCII characters, such as a UUID`,
  );
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
