import { describe, expect, it } from 'vitest';
import {
  type AttemptErrorClass,
  type AttemptResponse,
  conclude,
  type HeaderList,
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

  it.each([
    [1, 'retrying'],
    [10, 'dead'],
  ])(
    "is like any other failure on a 410 that is its webhook's no longer, as attempt %i: %s",
    (attemptNumber, status) => {
      const response = answer(410);
      expect(conclude({ response }, attemptNumber, { ...CLOCK, isOutdated: true })).toMatchObject({ status, response });
    },
  );

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
