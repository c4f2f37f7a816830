import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, EVENT_TYPES } from '../../functions/domain/catalogue.ts';
import { type CiEvent, eventsIn } from '../../functions/domain/event.ts';

const BUS_ID = '11111111-2222-4333-8444-555555555555';
const OWN_ID = '5f3d2b1a-0c4e-4d6f-8a7b-9c0d1e2f3a4b';
const NO_EVENT = 'The message is not an EventBridge event in JSON';
const NO_DETAIL = 'The detail is not a JSON object';
const NO_NAMESPACE_ID = 'namespace_id is neither a whole number nor null';
const NO_PAYLOAD = 'The payload is not a JSON object';
const NO_ID = 'The id of the event is not a UUID';
const NO_TIME = 'created_at is not an RFC 3339 time since 1970';

const DETAIL = { namespace_id: 7, payload: { action: 'created' } };

/** A message as EventBridge sends it; a field that is given as undefined is left out. */
function message(detail: unknown = DETAIL, envelope: object = {}): string {
  const bus = { version: '0', source: 'djinn-ci', account: '000000000000', region: 'eu-west-1', resources: [] };
  const event = { ...bus, id: BUS_ID, 'detail-type': 'cron', time: '2026-03-09T14:05:12Z' };
  return JSON.stringify({ ...event, detail, ...envelope });
}

function eventOf(body: string): CiEvent {
  const [reading] = eventsIn(body);
  if (reading?.kind !== 'event') throw new Error(reading?.reason);
  return reading.event;
}

/** Why a message is none, which is then kept as it is. */
function reasonOf(body: string): string | undefined {
  const [reading] = eventsIn(body);
  if (reading?.kind !== 'unreadable') return undefined;
  expect(reading.body).toBe(body);
  return reading.reason;
}

describe('an event', () => {
  it.each(EVENT_TYPES)('%s is read as it is documented', (type) => {
    const { sample } = CATALOGUE[type];
    const detail = { namespace_id: 7, payload: sample, id: OWN_ID.toUpperCase(), created_at: '2026-01-02T03:04:05Z' };
    const createdAt = '2026-01-02T03:04:05.000Z';
    const event = {
      id: OWN_ID,
      type,
      namespaceId: 7,
      createdAt,
      payload: JSON.stringify(sample),
      offCatalogue: undefined,
    };
    expect(eventsIn(message(detail, { 'detail-type': type }))).toStrictEqual([{ kind: 'event', event }]);
  });

  it.each([{}, { id: null, created_at: null }])("takes the bus's id and time where it has none: %j", (fields) => {
    const event = eventOf(message({ ...DETAIL, ...fields }));
    expect(event).toMatchObject({ id: BUS_ID, createdAt: '2026-03-09T14:05:12.000Z' });
  });

  it('may belong to no namespace', () => {
    expect(eventOf(message({ ...DETAIL, namespace_id: null })).namespaceId).toBeNull();
  });

  it('may have fields that nobody knows, and keeps those of the payload', () => {
    const payload = { ...CATALOGUE.cron.sample, new_field: [1, { of: 'any' }] };
    const event = eventOf(message({ ...DETAIL, payload, new_field: 1 }, { 'replay-name': 'x' }));
    expect(event).toMatchObject({ payload: JSON.stringify(payload), offCatalogue: undefined });
  });

  it('that does not fit the catalogue is an event, and says where', () => {
    expect(eventOf(message())).toMatchObject({ payload: '{"action":"created"}', offCatalogue: 'cron is missing.' });
  });

  it('is the same in every spelling of its time', () => {
    const twoDaysMs = 2 * 86_400_000;
    const instant = fc.integer({ min: twoDaysMs, max: Date.UTC(9999, 11, 31) - twoDaysMs });
    const offset = fc.integer({ min: -1439, max: 1439 });
    const [separator, zulu] = [fc.constantFrom('T', 't', ' '), fc.constantFrom('Z', 'z')];
    fc.assert(
      fc.property(instant, offset, separator, zulu, fc.constantFrom('', '0', '9999'), (ms, minutes, t, z, digits) => {
        const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
        const zone = `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
        const written = new Date(ms + minutes * 60_000).toISOString().replace('T', t).replace('Z', digits);
        const inZone = eventOf(message({ ...DETAIL, created_at: `${written}${zone}` }));
        const inUtc = eventOf(message({ ...DETAIL, created_at: new Date(ms).toISOString().replace('Z', z) }));
        expect(inZone).toStrictEqual(inUtc);
        expect(inUtc.createdAt).toBe(new Date(ms).toISOString());
      }),
    );
  });
});

describe('the payload of an event', () => {
  const tail = `"id":"${BUS_ID}","time":"2026-03-09T14:05:12Z","detail-type":"cron"}`;

  it.each([
    ['numbers beyond a double', '{"id":9007199254740993,"ratio":1.10,"huge":1e400}'],
    ['escapes and white space', '{ "url" : "https:\\/\\/x\\u002Fy",\n\t"name":"\\u00e9é\\ud83d" }'],
    ['repeated and odd names', '{"__proto__":{"a":1},"a":1,"\\u0061":2}'],
    ['100,000 levels', `{"deep":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ])('is kept byte for byte: %s', (_what, payload) => {
    expect(eventOf(`{"detail":{"namespace_id":1,"payload": ${payload} },${tail}`).payload).toBe(payload);
  });

  it('is the last one where there are several, as JSON.parse has it, in whatever spelling', () => {
    const first = '{"namespace_id":1,"payload":{"a":1}}';
    const last = '{"payload":{"b":1},"pay\\u006Coad":{"c":1},"namespace_id":2}';
    const event = eventOf(`{"detail":${first},"d\\u0065tail":${last},${tail}`);
    expect(event).toMatchObject({ namespaceId: 2, payload: '{"c":1}' });
  });

  it('is kept byte for byte, whatever object it is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), fc.nat(3), (object, indent) => {
        const payload = JSON.stringify(object, null, indent);
        const body = message({ namespace_id: 1, payload: 'HERE' }).replace('"HERE"', () => payload);
        expect(eventOf(body).payload).toBe(payload);
      }),
    );
  });
});

describe('what is no event', () => {
  it.each(['', 'x', 'null', '1', '"{}"', '[]', '[{}]', '\ufeff{}', message().slice(0, -1)])('%j is told', (body) => {
    expect(reasonOf(body)).toBe(NO_EVENT);
  });

  it.each<[reason: string, detail: unknown, envelope?: object]>([
    [NO_DETAIL, null, { detail: undefined }],
    ...[null, [], 'x', 1, JSON.stringify(DETAIL)].map((detail): [string, unknown] => [NO_DETAIL, detail]),
    ['Unknown event type: none is given', DETAIL, { 'detail-type': undefined }],
    ['Unknown event type: none is given', DETAIL, { 'detail-type': ['cron'] }],
    ['Unknown event type: "Cron\\n"', DETAIL, { 'detail-type': 'Cron\n' }],
    ['Unknown event type: "__proto__"', DETAIL, { 'detail-type': '__proto__' }],
    // Characters that no message may have.
    ['Unknown event type: "a\\ufffe\\uffff\\ud83d"', DETAIL, { 'detail-type': 'a\ufffe\uffff\ud83d' }],
    [`Unknown event type: "${'x'.repeat(64)}"`, DETAIL, { 'detail-type': 'x'.repeat(10_000) }],
    ['The detail has no namespace_id', { payload: {} }],
    ...['7', 1.5, -1, 2 ** 53, true, [7]].map((id): [string, unknown] => [NO_NAMESPACE_ID, { namespace_id: id }]),
    ...[undefined, null, [], '{}', 1].map((payload): [string, unknown] => [NO_PAYLOAD, { namespace_id: 7, payload }]),
    ...['', 'x', 7, {}, `${OWN_ID}\n`].map((id): [string, unknown] => [NO_ID, { ...DETAIL, id }]),
    [NO_ID, DETAIL, { id: undefined }],
    [NO_TIME, DETAIL, { time: undefined }],
  ])('%s: %j %j', (reason, detail, envelope) => {
    expect(reasonOf(message(detail, envelope))).toBe(reason);
  });

  it.each([
    ...['', 'now', 1_772_000_000, {}, '2026-03-09', '2026-03-09T14:05:12', 'Mon, 09 Mar 2026 14:05:12 GMT'],
    ...['1969-12-31T23:59:59.999Z', '0001-01-01T00:00:00Z', '2026-13-01T00:00:00Z', '2026-03-09T14:05:12+24:00'],
    ...['2026-03-09T25:00:00Z', '+010000-01-01T00:00:00Z', '2026-03-09T14:05:12Z\n'],
    // RFC 3339 has neither: the month must have the day, and the last hour is 23.
    ...['2026-02-30T00:00:00Z', '2026-03-09T24:00:00Z'],
    // In UTC it is the year 10000, which no RFC 3339 text can say.
    '9999-12-31T23:59:59-00:01',
  ])('created_at %j is no time', (createdAt) => {
    expect(reasonOf(message({ ...DETAIL, created_at: createdAt }))).toBe(NO_TIME);
  });

  it('never makes the reader throw, and always has a reason of one line', () => {
    const part = fc.option(fc.jsonValue(), { nil: undefined });
    const detail = fc.record({ namespace_id: fc.oneof(fc.nat(), part), payload: part, id: part, created_at: part });
    const envelope = fc.record({ 'detail-type': fc.oneof(fc.constant('cron'), part), id: part, time: part });
    const almost = fc.tuple(fc.oneof(detail, part), envelope).map(([first, second]) => message(first, second));
    fc.assert(
      fc.property(fc.oneof(almost, fc.json(), fc.string({ unit: 'binary' })), (body) => {
        const reason = reasonOf(body);
        if (reason !== undefined) expect(reason).toMatch(/^[A-Za-z].{1,150}$/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('several events in an entry', () => {
  const SEVERAL = { 'detail-type': 'events' };
  const one = (nth: number, more: object = {}) => ({
    type: 'cron',
    id: `00000000-0000-4000-8000-00000000000${nth}`,
    created_at: '2026-01-02T03:04:05Z',
    ...DETAIL,
    ...more,
  });

  it('are what each of them is alone', () => {
    const several = [one(1), one(2, { type: 'images', namespace_id: null }), one(3, { created_at: undefined })];
    const alone = several.map(({ type, ...detail }) => eventOf(message(detail, { 'detail-type': type })));
    const read = eventsIn(message({ events: several }, SEVERAL));
    expect(read).toStrictEqual(alone.map((event) => ({ kind: 'event', event })));
  });

  it('keep the bytes of their payloads', () => {
    const payloads = ['{"id":9007199254740993 }', '{ "a":"]}\\"" }', '{"\u0061":[{},[]]}'];
    const list = payloads.map((payload, nth) =>
      JSON.stringify(one(nth, { payload: 'HERE' })).replace('"HERE"', payload),
    );
    const body = message({ events: 'HERE' }, SEVERAL).replace('"HERE"', `[ ${list.join(' ,\n')}]`);
    expect(eventsIn(body).map((read) => (read.kind === 'event' ? read.event.payload : read))).toEqual(payloads);
  });

  it.each<[reason: string, event: unknown]>([
    ['An event of the list is not a JSON object', null],
    ['An event of the list is not a JSON object', [one(1)]],
    ['Unknown event type: "events"', one(1, { type: 'events' })],
    ['The detail has no namespace_id', { ...one(1), namespace_id: undefined }],
    // Ten of them would be one: the bus has but one id for them all.
    ['An event of the list has no id', one(1, { id: undefined })],
    ['An event of the list has no id', one(1, { id: null })],
    [NO_ID, one(1, { id: 'x' })],
  ])('are read where one of them is none, and that one is kept alone: %s', (reason, bad) => {
    const read = eventsIn(message({ events: [one(2), bad, one(3)] }, SEVERAL));
    expect(read.map(({ kind }) => kind)).toEqual(['event', 'unreadable', 'event']);
    expect(read[1]).toMatchObject({ reason });
    const { body } = read[1] as { readonly body: string };
    expect(body).toBe(message({ events: [bad] }, SEVERAL));
    expect(eventsIn(body)).toEqual([read[1]]);
  });

  it.each([
    ['nested deeper than what is written by recursion', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
    ['of numbers that would be written longer', `[${Array(10_000).fill('1e20').join()}]`],
    ['in escapes', '"\\uffff\\u0000"'],
  ])('are kept with what stands beside them as it was, were it %s', (_what, written) => {
    const body = (events: unknown) =>
      message({ events }, { ...SEVERAL, resources: 0 }).replace('"resources":0', `"resources":${written}`);
    expect(eventsIn(body([null, one(1)]))[0]).toMatchObject({ kind: 'unreadable', body: body([null]) });
  });

  it.each<[reason: string, detail: unknown]>([
    [NO_DETAIL, [one(1)]],
    ['The detail has no list of events', {}],
    ['The detail has no list of events', { events: [] }],
    ['The detail has no list of events', { events: one(1) }],
    ['The entry has 11 events, and may have 10', { events: Array(11).fill(one(1)) }],
  ])('are none at all where they are no list of one to ten: %s', (reason, detail) => {
    expect(reasonOf(message(detail, SEVERAL))).toBe(reason);
  });

  it('may be ten', () => {
    expect(eventsIn(message({ events: Array(10).fill(one(1)) }, SEVERAL))).toHaveLength(10);
  });
});
