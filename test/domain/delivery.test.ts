import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENT_TYPES } from '../../functions/domain/catalogue.ts';
import {
  type AttemptErrorClass,
  type AttemptKey,
  type AttemptResponse,
  conclude,
  type HeaderList,
  readMessage,
  writeMessage,
} from '../../functions/domain/delivery.ts';

const STARTED = Date.parse('2026-03-09T00:00:00Z');
const CLOCK = { startedMs: STARTED, endedMs: STARTED + 250, random: 0 };
const TIMES = { startedAt: '2026-03-09T00:00:00.000Z', durationMs: 250 };
const AFTER_FIVE_SECONDS = '2026-03-09T00:00:05.250Z';
const BROKEN = { class: 'connection', message: 'The receiver closed the connection' } as const;

function answer(status: number, headers: HeaderList = []): AttemptResponse {
  return { status, headers, body: Buffer.from('ok'), truncated: false };
}

describe('an attempt', () => {
  it.each([200, 201, 202, 204, 226, 299])('succeeded where the receiver answered %i', (status) => {
    const response = answer(status);
    expect(conclude({ response }, 1, CLOCK)).toStrictEqual({ ...TIMES, status: 'succeeded', response });
  });

  it('succeeded where the body of a 2xx broke off', () => {
    const conclusion = conclude({ response: answer(200), error: BROKEN }, 1, CLOCK);
    expect(conclusion).toStrictEqual({ ...TIMES, status: 'succeeded', response: answer(200) });
  });

  it.each([300, 301, 302, 303, 304, 307, 308, 399])('is to be retried on %i, which is not followed', (status) => {
    const response = answer(status, [['Location', 'https://example.com/']]);
    const error = { class: 'redirect', message: `The receiver answered ${status}: redirects are not followed` };
    const expected = { ...TIMES, status: 'retrying', response, error, nextAttemptAt: AFTER_FIVE_SECONDS };
    expect(conclude({ response }, 1, CLOCK)).toStrictEqual(expected);
  });

  it.each([100, 199, 400, 401, 404, 409, 411, 429, 499, 500, 503, 599])('is to be retried on %i', (status) => {
    const response = answer(status);
    const error = { class: 'status', message: `The receiver answered ${status}` };
    const expected = { ...TIMES, status: 'retrying', response, error, nextAttemptAt: AFTER_FIVE_SECONDS };
    expect(conclude({ response }, 1, CLOCK)).toStrictEqual(expected);
  });

  it.each([1, 9, 10])('is the last on 410 Gone, as attempt %i', (attemptNumber) => {
    const response = answer(410, [['Retry-After', '60']]);
    const error = { class: 'status', message: 'The receiver answered 410 Gone: it asks for no more' };
    expect(conclude({ response }, attemptNumber, CLOCK)).toStrictEqual({
      ...TIMES,
      status: 'cancelled',
      response,
      error,
    });
  });

  it.each<AttemptErrorClass>(['timeout', 'dns', 'connection', 'tls', 'protocol', 'blocked', 'internal'])(
    'is to be retried after an error: %s',
    (kind) => {
      const error = { class: kind, message: 'What went wrong' };
      expect(conclude({ error }, 1, CLOCK)).toEqual({
        ...TIMES,
        status: 'retrying',
        error,
        nextAttemptAt: AFTER_FIVE_SECONDS,
      });
    },
  );

  it('keeps what came before the error', () => {
    const conclusion = conclude({ response: answer(500), error: BROKEN }, 1, CLOCK);
    expect(conclusion).toMatchObject({ status: 'retrying', response: answer(500), error: BROKEN });
  });

  it.each([{ response: answer(500) }, { response: answer(301) }, { error: BROKEN }])(
    'is the last where it is the tenth: %j',
    (outcome) => {
      expect(conclude(outcome, 9, CLOCK).status).toBe('retrying');
      const { status, nextAttemptAt, error } = conclude(outcome, 10, CLOCK);
      expect({ status, nextAttemptAt }).toEqual({ status: 'dead', nextAttemptAt: undefined });
      expect(error?.message).toMatch(/^The receiver /);
    },
  );

  it('succeeds as the tenth too', () => {
    expect(conclude({ response: answer(200) }, 10, CLOCK).status).toBe('succeeded');
  });

  it('is retried when the receiver asks for it, in whatever case it writes so', () => {
    const limited = (name: string) =>
      answer(429, [
        ['Server', 'x'],
        [name, '3600'],
      ] as const);
    for (const name of ['Retry-After', 'retry-after', 'RETRY-AFTER']) {
      const { nextAttemptAt } = conclude({ response: limited(name) }, 1, CLOCK);
      expect(nextAttemptAt).toBe('2026-03-09T01:00:00.250Z');
    }
  });

  it('is retried at the time that the receiver names', () => {
    const response = answer(503, [['Retry-After', 'Mon, 09 Mar 2026 01:00:00 GMT']]);
    expect(conclude({ response }, 1, CLOCK).nextAttemptAt).toBe('2026-03-09T01:00:00.000Z');
  });

  it('is retried with jitter, counted from its end', () => {
    const slow = { ...CLOCK, endedMs: STARTED + 15_000, random: 0.5 };
    const { durationMs, nextAttemptAt } = conclude({ error: BROKEN }, 2, slow);
    expect({ durationMs, nextAttemptAt }).toEqual({ durationMs: 15_000, nextAttemptAt: '2026-03-09T00:05:45.000Z' });
  });

  it('never took less than no time, though the clock was set back', () => {
    expect(conclude({ error: BROKEN }, 1, { ...CLOCK, endedMs: STARTED - 1 }).durationMs).toBe(0);
  });
});

describe('a message of the deliveries queue', () => {
  const id = fc.nat(Number.MAX_SAFE_INTEGER);
  const createdAt = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true });
  const fields = {
    deliveryId: fc.uuid(),
    webhookId: id,
    namespaceId: id,
    eventId: fc.uuid(),
    eventCreatedAt: createdAt.map((date) => date.toISOString()),
    eventType: fc.constantFrom(...EVENT_TYPES),
    number: fc.integer({ min: 1, max: 10_000 }),
    firstOfRun: fc.integer({ min: 1, max: 10_000 }),
  };
  const anyKey: fc.Arbitrary<AttemptKey> = fc.record(fields, { noNullPrototype: true });

  it('is read as it was written', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        expect(readMessage(writeMessage(key))).toStrictEqual(key);
      }),
    );
  });

  const written = {
    v: 1,
    delivery: '019cd310-b459-7d02-b0fa-9bbc2a5a20c9',
    webhook: 7,
    namespace: 3,
    event: '5f3d2b1a-0c4e-4d6f-8a7b-9c0d1e2f3a4b',
    created_at: '2026-03-09T14:05:12.345Z',
    type: 'cron',
    attempt: 1,
  };

  it('is of this form, which messages in flight have when a release changes the code', () => {
    const key = readMessage(JSON.stringify({ ...written, a_later_field: true }));
    expect(key && JSON.parse(writeMessage(key))).toEqual(written);
  });

  const wrong = {
    v: 2,
    delivery: 'x',
    webhook: '7',
    namespace: 1.5,
    event: 7,
    created_at: 'now',
    type: 'x',
    attempt: 0,
  };
  it.each(Object.entries(wrong))('is none with the %s %j, nor without it', (field, value) => {
    expect(readMessage(JSON.stringify(written))).toBeDefined();
    expect(readMessage(JSON.stringify({ ...written, [field]: value }))).toBeUndefined();
    expect(readMessage(JSON.stringify({ ...written, [field]: undefined }))).toBeUndefined();
  });

  it('is none, whatever else it is', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (body) => readMessage(body) === undefined));
  });
});
