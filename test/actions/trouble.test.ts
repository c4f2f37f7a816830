import { expect, it } from 'vitest';
import type { Ending } from '../../functions/actions/record.ts';
import { troubleOf } from '../../functions/actions/trouble.ts';
import type { DeliveryStatus } from '../../functions/domain/delivery.ts';
import { failedAttempt } from '../support/attempt.ts';

const attempted = (status: DeliveryStatus, index = 0): Ending => ({
  index,
  kind: 'attempted',
  attempt: failedAttempt({ status }),
});

it('of a batch that went well there is nothing to tell', () => {
  const endings: Ending[] = [attempted('succeeded'), attempted('cancelled'), { index: 2, kind: 'cancelled' }];
  expect(troubleOf(endings, [true, true, true])).toBeUndefined();
  expect(troubleOf([], [])).toBeUndefined();
});

it('an attempt that failed counts, and once more as dead where it was the last', () => {
  const endings = [attempted('succeeded'), attempted('retrying'), attempted('dead')];
  expect(troubleOf(endings, [true, true, true])).toEqual({ failed: 2, dead: 1, held: 0, handedBack: 0 });
});

it('what is held has not failed', () => {
  expect(troubleOf([attempted('held')], [true])).toEqual({ failed: 0, dead: 0, held: 1, handedBack: 0 });
});

it('what is in the log from before counts no more, and a message that comes again does', () => {
  const before: Ending = { index: 0, kind: 'done_before', attempt: failedAttempt({ status: 'dead' }) };
  expect(troubleOf([before], [true])).toBeUndefined();
  expect(troubleOf([{ index: 0, kind: 'failed' }], [false])).toEqual({ failed: 0, dead: 0, held: 0, handedBack: 1 });
});
