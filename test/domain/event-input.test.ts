import { describe, expect, it } from 'vitest';
import { EVENT_TYPES } from '../../functions/domain/catalogue.ts';
import { concernsDirectory } from '../../functions/domain/directory-change.ts';
import { type FieldErrors, ValidationError } from '../../functions/domain/errors.ts';
import type { CiEvent } from '../../functions/domain/event.ts';
import {
  boundedDetail,
  type EventDraft,
  parseEventDraft,
  readIdempotencyKey,
} from '../../functions/domain/event-input.ts';

const ID = '5b0c9c5e-3d5f-4c3f-8f43-7d3c1f3b7c11';
const NAMESPACE = 'Namespace id must be a whole number or null';
const CREATED_AT = 'Created at must be a time such as 2026-11-23T12:00:00Z, since 1970';

function draft(text: string): EventDraft {
  return parseEventDraft(text, JSON.parse(text));
}

/** A body of JSON text, with members put in front of the good ones, or behind them, where the last one counts. */
function body(members: string): string {
  return `{"type":"cron","namespace_id":1,"payload":{}${members === '' ? '' : `,${members}`}}`;
}

function errorsOf(text: string): FieldErrors {
  try {
    draft(text);
  } catch (error) {
    if (error instanceof ValidationError) return error.fields;
    throw error;
  }
  return {};
}

describe('an event from a producer', () => {
  it('has what was said, and no id and no time where none was', () => {
    const said = { type: 'cron', namespaceId: 1, payload: '{}' };
    expect(draft(body(''))).toEqual(said);
    expect(draft(body('"id":null,"created_at":null'))).toEqual(said);
    expect(draft(body('"namespace_id":null')).namespaceId).toBeNull();
    expect(draft(body('"namespace_id":9007199254740991')).namespaceId).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('has an id and a time of one spelling', () => {
    const members = `"id":"${ID.toUpperCase()}","created_at":"2026-11-23T13:00:00.1234+01:00"`;
    expect(draft(body(members))).toMatchObject({ id: ID, createdAt: '2026-11-23T12:00:00.123Z' });
  });

  it.each([
    '{ "id" : 9007199254740993, "e": 1e400, "zero": -0.0 }',
    '{"escapes":"\\u00e9\\/\\ud83d","raw":"é😀\u007f","twice":1,"twice":2}',
    '{"__proto__":{"admin":true},"":{"payload":{"x":1}}}',
  ])('has the payload as it was written: %s', (payload) => {
    expect(draft(`{"payload":{"other":1},"type":"cron","namespace_id":1,"\\u0070ayload": ${payload} }`).payload).toBe(
      payload,
    );
  });

  it.each([
    [
      '{}',
      { type: ['Type is required'], namespace_id: ['Namespace id is required'], payload: ['Payload is required'] },
    ],
    [body('"type":"push"'), { type: ['Unknown event "push"'] }],
    [body('"type":null'), { type: ['Unknown event null'] }],
    [body('"type":["cron"]'), { type: ['Unknown event Array'] }],
    [body('"namespace_id":"1"'), { namespace_id: [NAMESPACE] }],
    [body('"namespace_id":1.5'), { namespace_id: [NAMESPACE] }],
    [body('"namespace_id":-1'), { namespace_id: [NAMESPACE] }],
    [body('"namespace_id":9007199254740992'), { namespace_id: [NAMESPACE] }],
    [body('"namespace_id":1e400'), { namespace_id: [NAMESPACE] }],
    ...['null', '[]', '"{}"', '1', 'true'].map(
      (value) => [body(`"payload":${value}`), { payload: ['Payload must be a JSON object'] }] as const,
    ),
    [body('"id":"1"'), { id: ['Id must be a UUID'] }],
    [body(`"id":"${ID} "`), { id: ['Id must be a UUID'] }],
    [body('"id":7'), { id: ['Id must be a UUID'] }],
    [body('"created_at":"yesterday"'), { created_at: [CREATED_AT] }],
    [body('"created_at":"1969-12-31T23:59:59Z"'), { created_at: [CREATED_AT] }],
    [body('"created_at":1764000000'), { created_at: [CREATED_AT] }],
    [body('"event":"cron"'), { event: ['Unknown field'] }],
    [
      body('"payload":{"a":"\uffff"}'),
      { payload: [expect.stringMatching(/^Payload must not hold .* as \\ufffe and/)] },
    ],
  ] as const)('is refused by field: %s', (text, errors) => {
    expect(errorsOf(text)).toEqual(errors);
  });

  it('may not have a field that objects have anyway', () => {
    expect(Object.entries(errorsOf(body('"__proto__":{"type":"cron"},"constructor":1')))).toEqual([
      ['__proto__', ['Unknown field']],
      ['constructor', ['Unknown field']],
    ]);
  });

  it('may have an escaped U+FFFF, which is text like any other', () => {
    expect(draft(body('"payload":{"a":"\\uffff"}')).payload).toBe('{"a":"\\uffff"}');
  });
});

describe('the detail for the bus', () => {
  const event = { id: ID, type: 'cron', namespaceId: 1, createdAt: '2026-11-23T12:00:00.000Z' } as const;
  /** An event whose detail has so many bytes, most of them of characters of three bytes. */
  function eventOf(bytes: number): CiEvent {
    const rest = bytes - Buffer.byteLength(boundedDetail({ ...event, payload: '{"a":""}' }));
    return { ...event, payload: `{"a":"${'€'.repeat(Math.floor(rest / 3))}${'x'.repeat(rest % 3)}"}` };
  }

  it('may be 1,023 KB, counted in bytes, and not one more', () => {
    const limit = 1023 * 1024;
    expect(Buffer.byteLength(boundedDetail(eventOf(limit - 1)))).toBe(limit - 1);
    expect(Buffer.byteLength(boundedDetail(eventOf(limit)))).toBe(limit);
    expect(() => boundedDetail(eventOf(limit + 1))).toThrow('The event must be at most 1023 KB');
  });
});

describe('the directory', () => {
  it('is changed by two types and no other', () => {
    expect(EVENT_TYPES.filter((type) => concernsDirectory({ type }))).toEqual(['invite.accepted', 'namespaces']);
  });
});

describe('an idempotency key', () => {
  it.each([undefined, '!', '~', '"8e03978e-40d5-43dd-bc93-6894a57f9324"', 'x'.repeat(255)])('may be %s', (key) => {
    expect(readIdempotencyKey(key)).toBe(key);
  });

  it.each(['', ' ', 'a b', 'a, b', 'é', 'a\n', '\u007f', 'x'.repeat(256)])('may not be %j', (key) => {
    expect(() => readIdempotencyKey(key)).toThrow('Idempotency-Key must be 1 to 255 visible ASCII characters');
  });
});
