import { describe, expect, it } from 'vitest';
import { DELIVERY_STATUSES } from '../../functions/domain/delivery.ts';
import { type FieldErrors, ValidationError } from '../../functions/domain/errors.ts';
import { deliveryId, sortableId } from '../../functions/domain/id.ts';
import {
  afterPage,
  isToRecover,
  parseRecovery,
  progressOf,
  type Recovery,
  type Standing,
} from '../../functions/domain/recovery.ts';
import { failedAttempt } from '../support/attempt.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const RECOVERY: Recovery = {
  id: sortableId(NOW, '5b0c9c5e-3d5f-4c3f-8f43-7d3c1f3b7c11'),
  webhookId: 1,
  namespaceId: 2,
  status: 'running',
  filter: { since: '2026-11-23T10:00:00.000Z', until: '2026-11-23T12:00:00.000Z', status: 'dead' },
  deliveriesRead: 0,
  deliveriesRedelivered: 0,
  createdAt: '2026-11-23T12:00:00.000Z',
  updatedAt: '2026-11-23T12:00:00.000Z',
};

function errorsOf(body: Readonly<Record<string, unknown>>): FieldErrors {
  try {
    parseRecovery(body, NOW);
  } catch (error) {
    if (error instanceof ValidationError) return error.fields;
    throw error;
  }
  return {};
}

describe('the request for a recovery', () => {
  it('is of dead deliveries until now, where nothing else is said', () => {
    const filter = { since: '2026-11-22T12:00:00.000Z', until: '2026-11-23T12:00:00.000Z', status: 'dead' };
    expect(parseRecovery({ since: '2026-11-22T12:00:00Z' }, NOW)).toEqual(filter);
    expect(parseRecovery({ since: '2026-11-22T13:00:00+01:00', until: null, status: null }, NOW)).toEqual(filter);
  });

  it('has what it names', () => {
    const body = { since: '2026-11-22T12:00:00Z', until: '2026-11-23T12:00:00Z', status: 'cancelled' };
    expect(parseRecovery(body, NOW)).toEqual({
      since: '2026-11-22T12:00:00.000Z',
      until: '2026-11-23T12:00:00.000Z',
      status: 'cancelled',
    });
  });

  const since = '2026-11-22T12:00:00Z';
  const notATime = (field: string) => [`${field} must be a time such as 2026-11-23T12:00:00Z`];
  it.each([
    [{}, { since: ['Since is required'] }],
    [{ since: null }, { since: ['Since is required'] }],
    [{ since: '' }, { since: ['Since is required'] }],
    [{ since: 5 }, { since: notATime('Since') }],
    [{ since: 'yesterday' }, { since: notATime('Since') }],
    [{ since: '1969-12-31T23:59:59Z' }, { since: notATime('Since') }],
    [{ since: '2026-11-23T12:00:00Z' }, { since: ['Since must be in the past'] }],
    [{ since, until: 5 }, { until: notATime('Until') }],
    [{ since, until: '2026-02-30T00:00:00Z' }, { until: notATime('Until') }],
    [{ since, until: '1969-12-31T23:59:59Z' }, { until: notATime('Until') }],
    [{ since, until: '2026-11-23T12:00:00.001Z' }, { until: ['Until must not be in the future'] }],
    [{ since, until: since }, { until: ['Until must be after since'] }],
    [
      { since, status: 'queued' },
      { status: ['Status must be one of succeeded, retrying, held, dead, cancelled, missed'] },
    ],
    [
      { since, status: ['dead'] },
      { status: ['Status must be one of succeeded, retrying, held, dead, cancelled, missed'] },
    ],
    [{ since, event: 'cron' }, { event: ['Unknown field'] }],
  ])('is refused by field: %j', (body, errors) => {
    expect(errorsOf(body)).toEqual(errors);
  });
});

describe('a delivery', () => {
  const standing: Standing = { last: failedAttempt(), status: 'dead', runStartedAt: '2026-11-23T11:59:59.999Z' };

  it('is made again where it stands as was asked for', () => {
    expect(isToRecover(RECOVERY, standing)).toBe(true);
    expect(isToRecover(RECOVERY, { ...standing, status: 'succeeded' })).toBe(false);
  });

  it('was missed where it stands dead or cancelled', () => {
    const missed: Recovery = { ...RECOVERY, filter: { ...RECOVERY.filter, status: 'missed' } };
    const meant = DELIVERY_STATUSES.filter((status) => isToRecover(missed, { ...standing, status }));
    expect(meant).toEqual(['dead', 'cancelled']);
    expect(isToRecover(missed, { ...standing, runStartedAt: RECOVERY.createdAt }), 'its turn is over').toBe(false);
  });

  it('is not made again where a run of it has begun since', () => {
    expect(isToRecover(RECOVERY, { ...standing, runStartedAt: RECOVERY.createdAt })).toBe(false);
  });
});

describe('the progress of a recovery', () => {
  const at = (time: string) => deliveryId({ id: RECOVERY.id, createdAt: time }, 1);

  it('is how much of the time is behind it', () => {
    expect(progressOf(RECOVERY)).toBe(0);
    expect(progressOf({ ...RECOVERY, cursor: at('2026-11-23T10:30:00.000Z') })).toBe(0.25);
    expect(progressOf({ ...RECOVERY, cursor: at('2026-11-23T11:59:59.999Z') }), 'not yet').toBe(0.999);
    expect(progressOf({ ...RECOVERY, status: 'finished' })).toBe(1);
    const eventCursor = `2026-11-23T11:00:00.000Z~${RECOVERY.id}`;
    expect(progressOf({ ...RECOVERY, eventCursor }), 'by what came furthest').toBe(0.5);
    expect(progressOf({ ...RECOVERY, eventCursor, cursor: at('2026-11-23T10:30:00.000Z') })).toBe(0.5);
    expect(progressOf({ ...RECOVERY, eventCursor, cursor: at('2026-11-23T11:30:00.000Z') })).toBe(0.75);
    expect(progressOf({ ...RECOVERY, status: 'cancelled', cursor: at('2026-11-23T11:00:00.000Z') })).toBe(0.5);
  });

  it('counts no time that the log does not reach back to', () => {
    const filter = { ...RECOVERY.filter, since: '1970-01-01T00:00:00.000Z' };
    expect(progressOf({ ...RECOVERY, filter, cursor: at('2026-11-06T12:00:00.000Z') })).toBe(0.5);
    expect(progressOf({ ...RECOVERY, filter, cursor: at('2020-01-01T00:00:00.000Z') })).toBe(0);
  });

  it('adds up, page by page', () => {
    const page = { read: 5, redelivered: 2, last: 'a' };
    const once = afterPage(RECOVERY, page, NOW + 1000);
    expect(once).toMatchObject({ cursor: 'a', deliveriesRead: 5, deliveriesRedelivered: 2 });
    expect(afterPage(afterPage(once, { ...page, lastEvent: 'b' }, NOW), page, NOW)).toMatchObject({ eventCursor: 'b' });
    expect(once.updatedAt).toBe('2026-11-23T12:00:01.000Z');
    const empty = { read: 0, redelivered: 0, last: undefined };
    expect(afterPage(afterPage(once, page, NOW), empty, NOW)).toMatchObject({
      cursor: 'a',
      deliveriesRead: 10,
      deliveriesRedelivered: 4,
    });
  });
});
