import { expect, it } from 'vitest';
import { type AuditedDelivery, EMPTY_REPORT, standingOf, withDelivery } from '../../functions/domain/audit.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const HOUR = 3_600_000;

function delivery(attempts: AuditedDelivery['attempts'], ageMs = 0): AuditedDelivery {
  const eventReceivedAt = new Date(NOW - ageMs).toISOString();
  return { deliveryId: 'delivery', webhookId: 1, eventId: 'event', eventReceivedAt, attempts };
}

const RETRYING = { number: 1, firstOfRun: 1, status: 'retrying' } as const;

it.each([
  ['queued before its first attempt', delivery([]), 'queued'],
  ['queued for nearly six hours', delivery([], 6 * HOUR - 1), 'queued'],
  ['missing from then on', delivery([], 6 * HOUR), 'missing'],
  ['missing for nearly thirty days', delivery([], 30 * 24 * HOUR - 1), 'missing'],
  ['nothing that can be judged from then on', delivery([], 30 * 24 * HOUR), undefined],
  [
    'retrying while its retry is due',
    delivery([{ ...RETRYING, nextAttemptAt: '2026-11-22T12:00:00.000Z' }]),
    'retrying',
  ],
  ['stuck where no retry is', delivery([RETRYING]), 'stuck'],
  ['as its last attempt says', delivery([RETRYING, { number: 2, firstOfRun: 1, status: 'dead' }]), 'dead'],
])('a delivery is %s', (_, one, standing) => {
  expect(standingOf(one, NOW)).toBe(standing);
});

it('a report counts and names every kind of violation, also several of one delivery', () => {
  const odd = delivery([
    { number: 1, firstOfRun: 1, status: 'succeeded' },
    { number: 3, firstOfRun: 1, status: 'cancelled' },
    { number: 4, firstOfRun: 1, status: 'succeeded' },
    { number: 5, firstOfRun: 1, status: 'retrying' },
  ]);
  const report = withDelivery(EMPTY_REPORT, odd, NOW);
  expect(report.violations.map(({ kind }) => kind)).toEqual(['stuck', 'succeeded_twice', 'gap', 'after_cancelled']);
  expect(report).toMatchObject({ matching: 1, violationCount: 4, counts: { stuck: 1 } });
});

it('a report says how long the oldest wait, whatever the order in which they are seen', () => {
  const seen = [
    delivery([], 2 * HOUR),
    delivery([], HOUR),
    delivery([{ ...RETRYING, nextAttemptAt: '2026-11-23T12:00:00.001Z' }]),
    delivery([{ ...RETRYING, nextAttemptAt: '2026-11-23T12:00:00.000Z' }]),
  ];
  for (const order of [seen, seen.toReversed()]) {
    const report = order.reduce((sum, one) => withDelivery(sum, one, NOW), EMPTY_REPORT);
    expect(report).toMatchObject({
      oldestQueuedAt: '2026-11-23T10:00:00.000Z',
      oldestDueAt: '2026-11-23T12:00:00.000Z',
    });
  }
});
