import { describe, expect, it } from 'vitest';
import { isCovered, missedAfter, offerOf } from '../../functions/domain/missed.ts';
import type { Missed, Webhook } from '../../functions/domain/webhook.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.parse('2026-11-23T12:00:00Z');

const WEBHOOK: Webhook = {
  id: 1,
  namespaceId: 1,
  authorId: 1,
  payloadUrl: 'https://receiver.example/',
  ssl: true,
  active: true,
  events: [],
  createdAt: new Date(NOW - 400 * DAY).toISOString(),
};
const gone = (atMs: number) => ({
  active: false,
  deactivation: { reason: 'gone', at: new Date(atMs).toISOString(), message: '', by: '' } as const,
});

describe('what a webhook missed', () => {
  it('is nothing while it is active, and stays as it was where a user says again what it is', () => {
    expect(missedAfter(WEBHOOK, true, NOW)).toBeUndefined();
    const missed: Missed = { sinceMs: NOW - DAY, untilMs: NOW };
    expect(missedAfter({ ...WEBHOOK, missed }, true, NOW + DAY)).toEqual(missed);
  });

  it('begins where a user deactivates it, as long before as what was still to be tried may be of', () => {
    const missed = missedAfter(WEBHOOK, false, NOW);
    expect(missed).toEqual({ sinceMs: NOW - 4 * DAY });
    const inactive = { ...WEBHOOK, active: false, missed };
    expect(missedAfter(inactive, false, NOW + DAY), 'said again').toEqual(missed);
    expect(missedAfter(inactive, true, NOW + 40 * DAY)).toEqual({ sinceMs: NOW - 4 * DAY, untilMs: NOW + 40 * DAY });
  });

  it('begins where the service deactivated it, whoever changes that, and with the failures or the pause before', () => {
    const inactive = { ...WEBHOOK, ...gone(NOW) };
    expect(missedAfter(inactive, true, NOW + DAY)).toEqual({ sinceMs: NOW - 4 * DAY, untilMs: NOW + DAY });
    expect(missedAfter(inactive, false, NOW + DAY)).toEqual({ sinceMs: NOW - 4 * DAY });
    const failing = { sinceMs: NOW - 5 * DAY, spellMs: 0, failures: 10, lastMs: NOW };
    expect(missedAfter({ ...inactive, health: { failing } }, true, NOW)).toMatchObject({ sinceMs: NOW - 9 * DAY });
    const pause = { sinceMs: NOW - 10 * DAY, untilMs: NOW };
    expect(missedAfter({ ...inactive, pause }, true, NOW)).toMatchObject({ sinceMs: NOW - 14 * DAY });
  });

  it('is kept where it becomes inactive again before all is recovered, for thirty days', () => {
    const missed: Missed = { sinceMs: NOW - 20 * DAY, untilMs: NOW, isAsked: true };
    expect(missedAfter({ ...WEBHOOK, missed }, false, NOW + 30 * DAY - 1)).toEqual({ sinceMs: NOW - 20 * DAY });
    expect(missedAfter({ ...WEBHOOK, missed }, false, NOW + 30 * DAY)).toEqual({ sinceMs: NOW + 26 * DAY });
    const again = { ...WEBHOOK, missed, ...gone(NOW + DAY) };
    expect(missedAfter(again, true, NOW + 2 * DAY)).toEqual({ sinceMs: NOW - 20 * DAY, untilMs: NOW + 2 * DAY });
  });

  it('may be everything, of one of which nobody noted when it became inactive', () => {
    const { createdAt } = WEBHOOK;
    expect(missedAfter({ ...WEBHOOK, active: false }, true, NOW)).toEqual({
      sinceMs: Date.parse(createdAt),
      untilMs: NOW,
    });
  });
});

describe('the offer to recover it', () => {
  const missed: Missed = { sinceMs: NOW - DAY, untilMs: NOW };

  it('stands from the activation on, for thirty days, until somebody has begun to', () => {
    const webhook = { ...WEBHOOK, missed };
    expect(offerOf(webhook, NOW)).toEqual(missed);
    expect(offerOf(webhook, NOW + 30 * DAY - 1)).toEqual(missed);
    expect(offerOf(webhook, NOW + 30 * DAY)).toBeUndefined();
    expect(offerOf({ ...webhook, active: false }, NOW)).toBeUndefined();
    expect(offerOf({ ...webhook, missed: { sinceMs: NOW } }, NOW)).toBeUndefined();
    expect(offerOf({ ...webhook, missed: { ...missed, isAsked: true } }, NOW)).toBeUndefined();
  });

  const filterOf = (sinceMs: number, untilMs: number, status: 'missed' | 'dead' = 'missed') => ({
    since: new Date(sinceMs).toISOString(),
    until: new Date(untilMs).toISOString(),
    status,
  });

  it.each([
    ['all of it', filterOf(NOW - DAY, NOW), true],
    ['too late', filterOf(NOW - DAY + 1, NOW), false],
    ['not to its end', filterOf(NOW - DAY, NOW - 1), false],
    ['only what is dead', filterOf(NOW - DAY, NOW, 'dead'), false],
  ])('is taken by a recovery of %s: %#', (_, filter, isTaken) => {
    expect(isCovered(missed, filter, NOW)).toBe(isTaken);
  });

  it('is taken by a recovery of all that the log can tell', () => {
    const long: Missed = { sinceMs: NOW - 100 * DAY, untilMs: NOW };
    expect(isCovered(long, filterOf(NOW - 30 * DAY, NOW), NOW)).toBe(true);
    expect(isCovered(long, filterOf(NOW - 30 * DAY + 1, NOW), NOW)).toBe(false);
  });
});
