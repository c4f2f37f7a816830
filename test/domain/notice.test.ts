import { expect, it } from 'vitest';
import { deadNotice, healthNotice, noticeDetail } from '../../functions/domain/notice.ts';
import { failedAttempt } from '../support/attempt.ts';

const ERROR = { class: 'timeout', message: 'The receiver did not answer within 15 s' } as const;
const NEWS = {
  type: 'webhook.failing',
  at: '2026-11-23T12:10:00.000Z',
  since: '2026-11-23T12:00:00.000Z',
  reason: 'attempts_failed',
  error: ERROR,
} as const;

it('a notice of a webhook says which, since when and why, under an id of what changed and when', () => {
  expect(JSON.parse(noticeDetail(healthNotice({ id: 3, namespaceId: 1 }, NEWS), 'https://ci.example/3'))).toEqual({
    id: 'webhook.failing/3/2026-11-23T12:10:00.000Z',
    namespace_id: 1,
    webhook_id: 3,
    webhook_url: 'https://ci.example/3',
    at: NEWS.at,
    since: NEWS.since,
    reason: 'attempts_failed',
    error: ERROR,
  });
});

it.each([
  ['attempts_exhausted', ERROR],
  ['payload_gone', { class: 'payload_gone', message: 'Gone' }],
  ['unsigned', { class: 'unsigned', message: 'Never signed' }],
  ['internal', { class: 'internal', message: 'Ours' }],
] as const)('a notice of a dead delivery says why: %s', (reason, error) => {
  const attempt = failedAttempt({ status: 'dead', number: 10, error });
  expect(JSON.parse(noticeDetail(deadNotice(attempt), undefined))).toEqual({
    id: `delivery.dead/${attempt.deliveryId}/10`,
    namespace_id: 1,
    webhook_id: 1,
    at: '2026-11-23T12:00:00.012Z',
    since: attempt.eventCreatedAt,
    reason,
    error,
    delivery: { id: attempt.deliveryId, event_id: attempt.eventId, event_type: 'cron', attempts: 10 },
  });
});

it("has nothing of the receiver's URL, of headers, or of bodies", () => {
  const request = { url: 'https://a.example/?token=s3cret', headers: [['X', 's3cret']] as const };
  const response = { status: 500, headers: [['Y', 's3cret']] as const, body: Buffer.from('s3cret'), truncated: false };
  const attempt = failedAttempt({ status: 'dead', error: ERROR, request, response });
  expect(noticeDetail(deadNotice(attempt), undefined)).not.toMatch(/s3cret|a\.example/);
  const webhook = { id: 3, namespaceId: 1, payloadUrl: request.url, sealedSecret: 's3cret' };
  expect(noticeDetail(healthNotice(webhook, NEWS), undefined)).not.toMatch(/s3cret|a\.example/);
});
