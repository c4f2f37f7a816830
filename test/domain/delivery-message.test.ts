import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENT_TYPES } from '../../functions/domain/catalogue.ts';
import type { AttemptKey } from '../../functions/domain/delivery.ts';
import { readMessage, writeMessage } from '../../functions/domain/delivery-message.ts';

describe('a message of the deliveries queue', () => {
  const id = fc.nat(Number.MAX_SAFE_INTEGER);
  const createdAt = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true });
  const fields = {
    deliveryId: fc.uuid(),
    webhookId: id,
    namespaceId: id,
    eventId: fc.uuid(),
    eventCreatedAt: createdAt.map((date) => date.toISOString()),
    eventType: fc.constantFrom(...EVENT_TYPES),
    number: fc.integer({ min: 1, max: 10_000 }),
    firstOfRun: fc.integer({ min: 1, max: 10_000 }),
  };
  const anyKey: fc.Arbitrary<AttemptKey> = fc.record(fields, { noNullPrototype: true });

  it('is read as it was written', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        expect(readMessage(writeMessage(key))).toStrictEqual(key);
      }),
    );
  });

  const written = {
    v: 1,
    delivery: '019cd310-b459-7d02-b0fa-9bbc2a5a20c9',
    webhook: 7,
    namespace: 3,
    event: '5f3d2b1a-0c4e-4d6f-8a7b-9c0d1e2f3a4b',
    created_at: '2026-03-09T14:05:12.345Z',
    type: 'cron',
    attempt: 1,
  };

  it('is of this form, which messages in flight have when a release changes the code', () => {
    const key = readMessage(JSON.stringify({ ...written, a_later_field: true }));
    expect(key && JSON.parse(writeMessage(key))).toEqual(written);
  });

  const wrong = {
    v: 2,
    delivery: 'x',
    webhook: '7',
    namespace: 1.5,
    event: 7,
    created_at: 'now',
    type: 'x',
    attempt: 0,
  };
  it.each(Object.entries(wrong))('is none with the %s %j, nor without it', (field, value) => {
    expect(readMessage(JSON.stringify(written))).toBeDefined();
    expect(readMessage(JSON.stringify({ ...written, [field]: value }))).toBeUndefined();
    expect(readMessage(JSON.stringify({ ...written, [field]: undefined }))).toBeUndefined();
  });

  it('is none, whatever else it is', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (body) => readMessage(body) === undefined));
  });
});
