import { describe, expect, it } from 'vitest';
import type { Logged } from '../support/api-client.ts';
import type { LedgerLine } from '../support/receiver-child.ts';
import { type Facts, judge } from './judge.ts';

const PROMISED = { deliveryId: 'd1', eventId: 'e1', createdAt: 500 };
const KILL = 50_000;

function line(at: number, status: number, delivery = 'd1'): LedgerLine {
  return { delivery, webhook: 1, timestamp: Math.floor(at / 1000), status, at };
}

function logged(status: string, attempts: number, of: Partial<Logged> = {}): Logged {
  const dueAt = status === 'retrying' ? '2026-11-23T12:05:00.000Z' : null;
  return { id: 'd1', status, attempts_made: attempts, next_attempt_at: dueAt, ...of };
}

function judged(facts: Partial<Facts>) {
  return judge({ promised: [PROMISED], log: [], ledger: [], kills: [], ...facts });
}

const soundFacts: readonly (readonly [string, Partial<Facts>])[] = [
  ['a success', { log: [logged('succeeded', 1)], ledger: [line(1_000, 204)] }],
  ['a retry that succeeded', { log: [logged('succeeded', 2)], ledger: [line(1_000, 500), line(6_000, 204)] }],
  ['a retry to come', { log: [logged('retrying', 1)], ledger: [line(1_000, 500)] }],
  [
    'an answer that a kill kept from the log',
    { log: [logged('succeeded', 1)], ledger: [line(49_990, 204), line(51_000, 204)], kills: [KILL] },
  ],
  [
    'a success that a kill kept from the log, and a failure instead',
    { log: [logged('retrying', 1)], ledger: [line(49_990, 204), line(51_000, 500)], kills: [KILL] },
  ],
  [
    'two messages of one attempt, after a kill between the sending and the deletion of what it was sent for',
    { log: [logged('retrying', 1)], ledger: [line(51_000, 500), line(51_000, 204)], kills: [KILL] },
  ],
  ['an end without a request', { log: [logged('cancelled', 2)], ledger: [line(1_000, 500)] }],
];

const brokenFacts: readonly (readonly [string, Partial<Facts>, RegExp])[] = [
  ['a lost delivery', {}, /^d1 of event e1: lost: .* got it 0 times$/],
  ['a lost record', { ledger: [line(1_000, 204)] }, /lost: .* got it 1 times$/],
  ['a success that nobody got', { log: [logged('succeeded', 2)], ledger: [line(1_000, 500)] }, /never answered 2xx$/],
  [
    'a success that the log has as a failure',
    { log: [logged('retrying', 1)], ledger: [line(1_000, 204)] },
    /1 attempts failed in the log, and the receiver failed 0$/,
  ],
  [
    'an attempt that nobody got',
    { log: [logged('retrying', 2)], ledger: [line(1_000, 500)] },
    /2 attempts failed in the log, and the receiver failed 1$/,
  ],
  [
    'a second request without a kill',
    { log: [logged('succeeded', 1)], ledger: [line(1_000, 204), line(49_000, 204)], kills: [100, KILL] },
    /sent 1 times more than the log says, after 0 kills$/,
  ],
  [
    'more requests than kills',
    { log: [logged('succeeded', 1)], ledger: [51, 52, 53].map((at) => line(at * 1_000, 204)), kills: [KILL] },
    /sent 2 times more than the log says, after 1 kills$/,
  ],
  [
    'a retry without a time',
    { log: [logged('retrying', 1, { next_attempt_at: null })], ledger: [line(1_000, 500)] },
    /no time/,
  ],
];

describe('the judge of a soak', () => {
  it.each(soundFacts)('has nothing against %s', (_, facts) => {
    expect(judged(facts).violations).toEqual([]);
  });

  it.each(brokenFacts)('finds %s', (_, facts, found) => {
    expect(judged(facts).violations).toEqual([expect.stringMatching(found)]);
  });

  it('finds what nobody asked for, in the log and in the ledger', () => {
    const log = [logged('succeeded', 1), logged('succeeded', 1, { id: 'd2' })];
    const { violations } = judged({ log, ledger: [line(1, 204), line(1, 204, 'd3')] });
    expect(violations).toEqual(['d2: nobody asked for this delivery', 'd3: nobody asked for this delivery']);
  });

  it('counts how deliveries stand, and requests that came again', () => {
    const promised = [PROMISED, { ...PROMISED, deliveryId: 'd2' }, { ...PROMISED, deliveryId: 'd3' }];
    const log = [logged('succeeded', 1), logged('retrying', 1, { id: 'd2' })];
    const ledger = [line(49_990, 204), line(51_000, 204), line(1, 500, 'd2')];
    const { standings, duplicates } = judged({ promised, log, ledger, kills: [KILL] });
    expect([standings, duplicates]).toEqual([{ succeeded: 1, retrying: 1, lost: 1 }, 1]);
  });
});
