import { describe, expect, it } from 'vitest';
import { signOf } from '../../functions/domain/health.ts';
import { failedAttempt } from '../support/attempt.ts';

const START = Date.parse('2026-11-23T12:00:00Z');

describe('what an attempt says', () => {
  const request = { url: 'https://a.example/', headers: [] };
  const response = { headers: [], body: new Uint8Array(), truncated: false };

  it.each([
    ['success', { status: 'succeeded', response: { ...response, status: 200 } }],
    ['failure', { status: 'retrying', response: { ...response, status: 500 } }],
    ['failure', { status: 'dead', error: { class: 'timeout', message: 'Too late' } }],
    ['gone', { status: 'cancelled', response: { ...response, status: 410 } }],
  ] as const)('%s: %j', (kind, outcome) => {
    const attempt = failedAttempt({ request, number: 3, ...outcome });
    expect(signOf(attempt)).toMatchObject({ kind, by: `${attempt.deliveryId}#3`, endedMs: START + 12 });
  });

  it('nothing where nothing was sent', () => {
    expect(signOf(failedAttempt({ status: 'cancelled' }))).toBeUndefined();
  });
});
