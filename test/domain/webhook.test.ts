import { describe, expect, it } from 'vitest';
import { EVENT_TYPES } from '../../functions/domain/catalogue.ts';
import { canonicalUrl, subscribedEvents, verdictOn, type Webhook } from '../../functions/domain/webhook.ts';

const WEBHOOK: Webhook = {
  id: 1,
  namespaceId: 2,
  authorId: 3,
  payloadUrl: 'https://example.com/hook',
  ssl: true,
  active: true,
  events: [],
  createdAt: '2026-03-09T14:05:12.345Z',
};

describe('a webhook', () => {
  it.each([
    ['gets what it subscribes to', { events: ['cron', 'images'] }, 'sent'],
    ['gets everything where it names nothing', { events: [] }, 'sent'],
    ['does not get what it does not subscribe to', { events: ['images'] }, 'not_subscribed'],
    ['gets nothing while inactive', { active: false, events: [] }, 'inactive'],
    ['gets nothing while inactive, whatever it subscribes to', { active: false, events: ['cron'] }, 'inactive'],
    ['is inactive first, and unsubscribed second', { active: false, events: ['images'] }, 'inactive'],
  ] as const)('%s', (_what, fields, verdict) => {
    expect(verdictOn({ ...WEBHOOK, ...fields }, 'cron')).toBe(verdict);
  });

  it('shows all types where it names none', () => {
    expect(subscribedEvents(WEBHOOK)).toEqual(EVENT_TYPES);
    expect(subscribedEvents({ ...WEBHOOK, events: ['cron'] })).toEqual(['cron']);
  });

  it('is called in the canonical form of its URL: without the root dot, which no certificate has', () => {
    expect(canonicalUrl('https://example.com./hook')).toBe('https://example.com/hook');
    expect(canonicalUrl('HTTPS://Example.com:443')).toBe('https://example.com/');
  });
});
