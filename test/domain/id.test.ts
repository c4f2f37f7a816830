import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deliveryId, idBeside, isUuid, sortableId, timeOfId } from '../../functions/domain/id.ts';

const EVENT = { id: '5f3d2b1a-0c4e-4d6f-8a7b-9c0d1e2f3a4b', createdAt: '2026-03-09T14:05:12.345Z' };

const ms = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) });
const webhookId = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

function at(time: number): string {
  return new Date(time).toISOString();
}

describe('the id of a delivery', () => {
  it('is a UUIDv7 with the time of the event', () => {
    fc.assert(
      fc.property(fc.uuid(), ms, webhookId, (id, time, webhook) => {
        const made = deliveryId({ id, createdAt: at(time) }, webhook);
        expect(made).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(isUuid(made)).toBe(true);
        expect(Number.parseInt(made.replaceAll('-', '').slice(0, 12), 16)).toBe(time);
      }),
    );
  });

  it('is the same whenever it is derived, in this release and in the next', () => {
    // Derived anew from the same event, another one would be a second delivery. So this text is never to change.
    expect(deliveryId(EVENT, 7)).toBe('019cd2ea-8b19-7948-8d91-ec69545e63ba');
    expect(deliveryId({ ...EVENT }, 7)).toBe(deliveryId(EVENT, 7));
  });

  it('sorts by the time of the event, as text', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), ms, ms, webhookId, (id, otherId, time, otherTime, webhook) => {
        fc.pre(time !== otherTime);
        const earlier = deliveryId({ id, createdAt: at(Math.min(time, otherTime)) }, webhook);
        const later = deliveryId({ id: otherId, createdAt: at(Math.max(time, otherTime)) }, webhook);
        expect(earlier < later).toBe(true);
      }),
    );
  });

  it('differs by webhook, by the id of the event and by its time', () => {
    const others = [
      deliveryId(EVENT, 8),
      deliveryId(EVENT, 77),
      deliveryId({ ...EVENT, id: EVENT.id.replace('5', '6') }, 7),
      deliveryId({ ...EVENT, createdAt: '2026-03-09T14:05:12.346Z' }, 7),
    ];
    expect(new Set([deliveryId(EVENT, 7), ...others])).toHaveLength(5);
  });

  it('differs by more than its time: the remaining bits depend on all three', () => {
    fc.assert(
      fc.property(ms, ms, (time, otherTime) => {
        fc.pre(time !== otherTime);
        const [one, other] = [time, otherTime].map((each) =>
          deliveryId({ ...EVENT, createdAt: at(each) }, 7).slice(14),
        );
        expect(one).not.toBe(other);
      }),
    );
  });
});

describe('a UUID', () => {
  it.each(['00000000-0000-0000-0000-000000000000', EVENT.id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'])(
    'is %s',
    (text) => {
      expect(isUuid(text)).toBe(true);
    },
  );

  it.each([
    '',
    EVENT.id.toUpperCase(),
    EVENT.id.replaceAll('-', ''),
    ` ${EVENT.id}`,
    `${EVENT.id}\n`,
    `{${EVENT.id}}`,
    `${EVENT.id}0`,
    EVENT.id.replace('5', 'g'),
  ])('is not %j', (text) => {
    expect(isUuid(text)).toBe(false);
  });
});

describe('a sortable id', () => {
  it('is a UUIDv7 with its time, and otherwise random', () => {
    fc.assert(
      fc.property(fc.uuid({ version: 4 }), ms, (random, time) => {
        const made = sortableId(time, random);
        expect(made).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(timeOfId(made)).toBe(time);
        expect(made.slice(15)).toBe(random.slice(15));
      }),
    );
  });
});

describe('the id beside another', () => {
  it.each([
    ['019cd2ea-8b19-7948-8d91-ec69545e63ba', '019cd2ea-8b19-7948-8d91-ec69545e63bb'],
    ['019cd2ea-8b19-7948-8d91-ffffffffffff', '019cd2ea-8b19-7948-8d92-000000000000'],
    ['00000000-0000-7000-7fff-ffffffffffff', '00000000-0000-7000-8000-000000000000'],
  ])('is the next one, and the one before that: %s, %s', (id, next) => {
    expect(idBeside(id, 1)).toBe(next);
    expect(idBeside(next, -1)).toBe(id);
  });
});
