import { expect, it } from 'vitest';
import type { Ending } from '../../functions/actions/record.ts';
import { troubleOf } from '../../functions/actions/trouble.ts';
import type { AttemptErrorClass, DeliveryStatus } from '../../functions/domain/delivery.ts';
import { failedAttempt } from '../support/attempt.ts';

const attempted = (status: DeliveryStatus, error?: AttemptErrorClass): Ending => ({
  index: 0,
  kind: 'attempted',
  attempt: failedAttempt({ status, ...(error && { error: { class: error, message: 'So it is' } }) }),
});
const NONE = { failed: 0, dead: 0, held: 0, undelivered: 0, unsigned: 0, handedBack: 0 };

it('of a batch that went well there is nothing to tell', () => {
  const endings: Ending[] = [attempted('succeeded'), attempted('cancelled'), { index: 2, kind: 'cancelled' }];
  expect(troubleOf(endings, [true, true, true])).toBeUndefined();
  expect(troubleOf([], [])).toBeUndefined();
});

it('an attempt that failed counts, and once more as dead where it was the last', () => {
  const endings = [attempted('succeeded'), attempted('retrying'), attempted('dead')];
  expect(troubleOf(endings, [true, true, true])).toEqual({ ...NONE, failed: 2, dead: 1, undelivered: 2 });
});

it('what is held by a user has not failed', () => {
  expect(troubleOf([attempted('held', 'paused')], [true])).toEqual({ ...NONE, held: 1 });
});

it('what is held for its receiver keeps failing counts among what is not delivered, beside what failed', () => {
  const endings = [attempted('retrying'), attempted('held', 'circuit_open'), attempted('held', 'busy')];
  expect(troubleOf(endings, [true, true, true])).toEqual({ ...NONE, failed: 1, held: 2, undelivered: 3 });
});

it('what cannot be signed counts by itself: that is no fault of any receiver', () => {
  expect(troubleOf([attempted('held', 'unsigned')], [true])).toEqual({ ...NONE, held: 1, unsigned: 1 });
});

it('what is in the log from before counts no more, and a message that comes again does', () => {
  const before: Ending = { index: 0, kind: 'done_before', attempt: failedAttempt({ status: 'dead' }) };
  expect(troubleOf([before], [true])).toBeUndefined();
  expect(troubleOf([{ index: 0, kind: 'failed' }], [false])).toEqual({ ...NONE, handedBack: 1 });
});
