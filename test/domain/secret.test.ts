import { describe, expect, it } from 'vitest';
import { endedSooner, replacedSecret, signingSecrets } from '../../functions/domain/secret.ts';

const NOON_MS = Date.parse('2026-11-23T12:00:00Z');
const ONE_O_CLOCK = '2026-11-23T13:00:00.000Z';
const ONE_O_CLOCK_MS = Date.parse(ONE_O_CLOCK);
const PREVIOUS = { sealed: 'old', until: ONE_O_CLOCK };

describe('the secrets that sign a delivery', () => {
  it('are none where the webhook has none, not even the one before it', () => {
    expect(signingSecrets({}, NOON_MS)).toEqual([]);
    expect(signingSecrets({ previousSecret: PREVIOUS }, NOON_MS)).toEqual([]);
  });

  it.each([
    [ONE_O_CLOCK_MS - 1, ['new', 'old']],
    [ONE_O_CLOCK_MS, ['new']],
  ])('are the current one and, until it ends, the one before it: at %i %j', (nowMs, secrets) => {
    expect(signingSecrets({ sealedSecret: 'new', previousSecret: PREVIOUS }, nowMs)).toEqual(secrets);
  });
});

describe('a secret that is replaced', () => {
  it('signs for as long as was asked', () => {
    expect(replacedSecret('old', { nowMs: NOON_MS, overlapSeconds: 3600 })).toEqual(PREVIOUS);
  });

  it('is not kept where it ends at once, or where there was none', () => {
    expect(replacedSecret('old', { nowMs: NOON_MS, overlapSeconds: 0 })).toBeNull();
    expect(replacedSecret(undefined, { nowMs: NOON_MS, overlapSeconds: 3600 })).toBeNull();
  });

  it.each([
    [86_400, PREVIOUS],
    [60, { sealed: 'old', until: '2026-11-23T12:01:00.000Z' }],
    [0, null],
  ])(
    'ends as it was to or earlier, and never later, where its successor is named again with %i s',
    (overlapSeconds, left) => {
      expect(endedSooner(PREVIOUS, { nowMs: NOON_MS, overlapSeconds })).toEqual(left);
    },
  );

  it('is not kept for longer than it signs', () => {
    expect(endedSooner(PREVIOUS, { nowMs: ONE_O_CLOCK_MS, overlapSeconds: 3600 })).toBeNull();
  });
});
