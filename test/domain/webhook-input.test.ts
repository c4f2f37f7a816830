import { describe, expect, it } from 'vitest';
import { EVENT_TYPES } from '../../functions/domain/catalogue.ts';
import { destinationPolicy } from '../../functions/domain/destination.ts';
import { type FieldErrors, ValidationError } from '../../functions/domain/errors.ts';
import { SECRET_MAX_BYTES } from '../../functions/domain/limits.ts';
import type { Webhook } from '../../functions/domain/webhook.ts';
import { parseWebhookChange, parseWebhookDraft, type WebhookDraft } from '../../functions/domain/webhook-input.ts';

const URL = 'https://example.com/hook';

const WEBHOOK: Webhook = {
  id: 1,
  namespaceId: 2,
  authorId: 3,
  payloadUrl: URL,
  ssl: true,
  active: true,
  events: [],
  createdAt: '2026-03-09T14:05:12.345Z',
};

/** Through JSON, as a request comes: only so can a body have a member that is called `__proto__`. */
function draft(json: string): WebhookDraft {
  return parseWebhookDraft(JSON.parse(json), destinationPolicy());
}

function draftOf(fields: object): WebhookDraft {
  return draft(JSON.stringify({ payload_url: URL, ...fields }));
}

function errorsOf(json: string): FieldErrors {
  try {
    draft(json);
  } catch (error) {
    if (error instanceof ValidationError) return error.fields;
    throw error;
  }
  return {};
}

describe('a new webhook', () => {
  const defaults = { payloadUrl: URL, ssl: true, active: true, events: [], secret: undefined };

  it.each([
    ['{}', {}],
    ['null', { secret: null, ssl: null, active: null, events: null }],
    ['an empty secret and no events', { secret: '', events: [] }],
  ])('has the defaults for %s', (_what, fields) => {
    expect(draftOf(fields)).toEqual(defaults);
  });

  it('is as the user says', () => {
    const fields = { secret: 'schlüssel ', ssl: false, active: false, events: ['ssh_keys'] };
    expect(draftOf(fields)).toEqual({ payloadUrl: URL, ...fields });
  });

  it.each([undefined, null, false])('with http has no TLS to verify: ssl %j', (ssl) => {
    expect(draftOf({ payload_url: 'http://example.com/hook', ssl }).ssl).toBe(false);
  });

  it('subscribes to each type once, in the order in which they are documented', () => {
    expect(draftOf({ events: ['cron', 'build.tagged', 'cron'] }).events).toEqual(['build.tagged', 'cron']);
    expect(draftOf({ events: EVENT_TYPES }).events).toEqual(EVENT_TYPES);
  });

  it('may have no secret with half of a character', () => {
    const half = JSON.stringify({ payload_url: URL, secret: 'a\ud800' });
    expect(errorsOf(half)).toEqual({ secret: ['Secret must be of whole characters'] });
  });

  it('may have a secret of the greatest length, counted in bytes', () => {
    const secret = 'é'.repeat(SECRET_MAX_BYTES / 2);
    expect(draftOf({ secret }).secret).toBe(secret);
    const tooLong = JSON.stringify({ payload_url: URL, secret: `${secret}x` });
    expect(errorsOf(tooLong)).toEqual({ secret: ['Secret must be at most 256 bytes'] });
  });
});

describe('what is refused', () => {
  it.each([
    ['{}', { payload_url: ['Payload URL is required'] }],
    ['{"payload_url":""}', { payload_url: ['Payload URL is required'] }],
    ['{"payload_url":null}', { payload_url: [expect.stringMatching(/^Payload URL /)] }],
    ['{"payload_url":5}', { payload_url: ['Payload URL must be a string'] }],
    ['{"payload_url":"ftp://x"}', { payload_url: ['Payload URL must begin with https:// or http://'] }],
    ['{"payload_url":"http://10.0.0.1"}', { payload_url: ['Payload URL must point to a public address'] }],
    ['{"payload_url":"http://example.com","ssl":true}', { ssl: ['SSL needs a payload URL that begins with https://'] }],
  ])('%s', (json, errors) => {
    expect(errorsOf(json)).toEqual(errors);
  });

  it.each([
    ['"secret":5', { secret: ['Secret must be a string'] }],
    ['"ssl":"true"', { ssl: ['SSL must be true or false'] }],
    ['"active":1', { active: ['Active must be true or false'] }],
    ['"events":"cron"', { events: ['Events must be an array of event types'] }],
    ['"events":{"0":"cron"}', { events: ['Events must be an array of event types'] }],
    ['"events":["push","cron",5]', { events: ['Unknown event "push"', 'Unknown event 5'] }],
    ['"events":["Cron"]', { events: ['Unknown event "Cron"'] }],
    ['"url":"x"', { url: ['Unknown field'] }],
    ['"remove_secret":true', { remove_secret: ['Unknown field'] }],
    ['"":null', { '': ['Unknown field'] }],
    ['"constructor":1', { constructor: ['Unknown field'] }],
    ['"__proto__":{"ssl":false}', JSON.parse('{"__proto__":["Unknown field"]}')],
  ])('a body with %s', (members, errors) => {
    const found = errorsOf(`{"payload_url":"${URL}",${members}}`);
    expect(Object.entries(found)).toEqual(Object.entries(errors));
  });

  it('is told of every field at once', () => {
    const errors = errorsOf('{"secret":5,"ssl":"a","active":1,"events":"a","x":1,"y":2}');
    expect(Object.keys(errors).sort()).toEqual(['active', 'events', 'payload_url', 'secret', 'ssl', 'x', 'y']);
  });

  it('is told in short, however long it is', () => {
    const [sentence = ''] =
      errorsOf(JSON.stringify({ payload_url: URL, events: ['x'.repeat(10_000)] }))['events'] ?? [];
    expect(sentence).toMatch(/^Unknown event "x{50,79}$/);
  });
});

describe('a change', () => {
  const change = (fields: object, current: Partial<Webhook> = {}) =>
    parseWebhookChange(JSON.parse(JSON.stringify(fields)), { ...WEBHOOK, ...current }, destinationPolicy());

  it.each([
    {},
    {
      secret: null,
      ssl: null,
      active: null,
      events: null,
      payload_url: null,
      remove_secret: null,
      secret_overlap_seconds: null,
    },
    { secret: '' },
  ])('keeps what it does not name: %j', (fields) => {
    expect(change(fields)).toEqual({});
  });

  it('has what it names', () => {
    const fields = {
      payload_url: 'https://example.com/new',
      secret: 'new',
      ssl: false,
      active: false,
      events: ['cron'],
    };
    const { payload_url: payloadUrl, ...rest } = fields;
    const secret = { text: 'new', overlapSeconds: 86_400 };
    expect(change(fields)).toEqual({ payloadUrl, ...rest, secret });
    expect(change({ events: [] }), 'no events are all events').toEqual({ events: [] });
    expect(change({ remove_secret: true })).toEqual({ secret: null });
    expect(change({ remove_secret: false })).toEqual({});
  });

  it.each([
    [{ payload_url: '' }, 'payload_url'],
    [{ payload_url: 'http://10.0.0.1/' }, 'payload_url'],
    [{ payload_url: 'http://example.com/', ssl: true }, 'ssl'],
    [{ remove_secret: true, secret: 'new' }, 'remove_secret'],
    [{ remove_secret: 'yes' }, 'remove_secret'],
    [{ secret_overlap_seconds: 60 }, 'secret_overlap_seconds'],
    [{ secret_overlap_seconds: 60, secret: '' }, 'secret_overlap_seconds'],
    [{ secret_overlap_seconds: 60, remove_secret: true }, 'secret_overlap_seconds'],
    [{ secret_overlap_seconds: -1, secret: 'new' }, 'secret_overlap_seconds'],
    [{ secret_overlap_seconds: 604_801, secret: 'new' }, 'secret_overlap_seconds'],
    [{ secret_overlap_seconds: 0.5, secret: 'new' }, 'secret_overlap_seconds'],
    [{ secret_overlap_seconds: '60', secret: 'new' }, 'secret_overlap_seconds'],
    [{ id: 5 }, 'id'],
  ])('is refused by field: %j', (fields, field) => {
    expect(() => change(fields)).toThrow(ValidationError);
    try {
      change(fields);
    } catch (error) {
      expect(Object.keys((error as ValidationError).fields)).toEqual([field]);
    }
  });

  it.each([0, 1, 604_800])('of the secret says how long the one before it signs: %i s', (overlapSeconds) => {
    const changed = change({ secret: 'new', secret_overlap_seconds: overlapSeconds });
    expect(changed).toEqual({ secret: { text: 'new', overlapSeconds } });
  });

  it.each([
    ['HTTP://example.com/', false, 'https://example.com/', true],
    ['http://example.com/', false, 'HTTPS://example.com/', true],
    ['https://example.com/', true, 'http://example.com/', false],
    ['https://example.com/', false, 'http://example.com/', false],
    ['https://example.com/', false, 'https://example.com/new', undefined],
    ['https://example.com/', true, 'https://example.com/new', undefined],
    ['http://example.com/', false, 'http://example.com/new', undefined],
  ])('from %s with ssl %s to %s, without a word of ssl, makes it %s', (payloadUrl, ssl, to, becomes) => {
    expect(change({ payload_url: to, ssl: null }, { payloadUrl, ssl }).ssl).toBe(becomes);
    expect(change({ payload_url: to }, { payloadUrl, ssl }).ssl).toBe(becomes);
  });

  it('to https may say that it does not verify', () => {
    const http = { payloadUrl: 'http://example.com/', ssl: false };
    expect(change({ ssl: false, payload_url: URL }, http)).toMatchObject({ ssl: false });
  });

  it('to http goes with giving up ssl, and ssl with going to https', () => {
    expect(change({ payload_url: 'http://example.com/', ssl: false })).toMatchObject({ ssl: false });
    const http = { payloadUrl: 'http://example.com/', ssl: false };
    expect(() => change({ ssl: true }, http)).toThrow('SSL needs a payload URL that begins with https://');
    expect(change({ ssl: true, payload_url: URL }, http)).toMatchObject({ ssl: true });
  });
});
