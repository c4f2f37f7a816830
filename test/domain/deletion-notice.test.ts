import { expect, it } from 'vitest';
import { concludeForGood, isDeletionNotice } from '../../functions/domain/deletion-notice.ts';
import { failedAttempt } from '../support/attempt.ts';

const notice = failedAttempt({ eventType: 'namespaces' });

it('is the first attempt of the event that deleted the namespace, and nothing else', () => {
  expect(isDeletionNotice(notice, notice.eventId)).toBe(true);
  expect(isDeletionNotice(notice, 'another event')).toBe(false);
  expect(isDeletionNotice(notice, undefined)).toBe(false);
  expect(isDeletionNotice({ ...notice, number: 2 }, notice.eventId)).toBe(false);
  expect(isDeletionNotice({ ...notice, number: 2, firstOfRun: 2 }, notice.eventId)).toBe(false);
  expect(isDeletionNotice({ ...notice, eventType: 'cron' }, notice.eventId)).toBe(false);
});

it('ends cancelled where the schedule would go on, and else as it ended', () => {
  const { nextAttemptAt, ...rest } = notice;
  expect(concludeForGood(notice)).toEqual({ ...rest, status: 'cancelled' });
  const succeeded = failedAttempt({ status: 'succeeded', nextAttemptAt: undefined });
  expect(concludeForGood(succeeded)).toBe(succeeded);
});
