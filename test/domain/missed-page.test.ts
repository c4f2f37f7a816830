import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type AttemptKey, firstAttempt } from '../../functions/domain/delivery.ts';
import { eventName } from '../../functions/domain/event.ts';
import { sortableId, timeOfId } from '../../functions/domain/id.ts';
import { type EventsRead, type LogRead, type MissedEvent, missedPage } from '../../functions/domain/missed-page.ts';
import { failedAttempt } from '../support/attempt.ts';

const START = Date.parse('2026-11-23T12:00:00Z');
const WEBHOOK = 1;

/** What there is in a stretch, each at a millisecond: few of these, so that much of it comes at the same one. */
type Given = { readonly ms: number; readonly isMeant: boolean; readonly id: string };

const given = fc.array(fc.record({ ms: fc.integer({ min: 0, max: 6 }), isMeant: fc.boolean(), id: fc.uuid() }), {
  maxLength: 25,
});

/** Reads the next events behind a position, as the store does. */
function readEvents(all: readonly Given[], after: string, limits: { readonly found: number; readonly read: number }) {
  const sorted = all
    .map(({ ms, isMeant, id }) => ({ isMeant, event: eventAt(START + ms, id) }))
    .map((one) => ({ ...one, position: eventName(one.event) }))
    .sort((a, b) => (a.position < b.position ? -1 : 1))
    .filter(({ position }) => position > after);
  const events: MissedEvent[] = [];
  for (const [index, { isMeant, event, position }] of sorted.entries()) {
    if (isMeant) events.push(event);
    if (events.length === limits.found || index + 1 === limits.read) return { events, last: position, isEnd: false };
  }
  return { events, last: sorted.at(-1)?.position, isEnd: true } satisfies EventsRead;
}

/** Reads the next deliveries behind an id, up to a time, as the store does. */
function readLog(
  all: readonly Given[],
  { after, untilMs }: { readonly after: string; readonly untilMs: number },
  limits: { readonly found: number; readonly read: number },
): LogRead {
  const sorted = all
    .map(({ ms, isMeant, id }) => ({ isMeant, id: sortableId(START + ms, id) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .filter(({ id }) => id > after && timeOfId(id) < untilMs);
  const deliveries: LogRead['deliveries'][number][] = [];
  for (const [index, { isMeant, id }] of sorted.entries()) {
    const last = failedAttempt({ deliveryId: id, webhookId: WEBHOOK });
    if (isMeant) deliveries.push({ last, status: 'dead', runStartedAt: '', nth: index + 1 });
    const isLast = index + 1 === sorted.length;
    if (!isLast && (deliveries.length === limits.found || index + 1 === limits.read)) {
      return { deliveries, read: index + 1, last: id, isEnd: false };
    }
  }
  return { deliveries, read: sorted.length, last: sorted.at(-1)?.id, isEnd: true };
}

function eventAt(ms: number, id: string): MissedEvent {
  return { id, createdAt: new Date(ms).toISOString(), type: 'cron', namespaceId: 2 };
}

it('pages have all that was missed, each once, oldest first, whatever the two readers bring at a time', () => {
  const limits = fc.record({
    limit: fc.integer({ min: 1, max: 5 }),
    log: fc.integer({ min: 1, max: 8 }),
    events: fc.integer({ min: 1, max: 8 }),
  });
  fc.assert(
    fc.property(given, given, limits, (inLog, inEvents, { limit, ...reads }) => {
      const keys: AttemptKey[] = [];
      let [cursor, eventCursor] = ['', ''];
      let read = 0;
      for (let pages = 0, isEnd = false; !isEnd; pages++) {
        expect(pages).toBeLessThan(200);
        const events = readEvents(inEvents, eventCursor, { found: limit, read: reads.events });
        const untilMs = events.isEnd ? START + 1e6 : Date.parse(events.last?.split('~')[0] ?? '') + 1;
        const log = readLog(inLog, { after: cursor, untilMs }, { found: limit, read: reads.log });
        const page = missedPage({ log, events }, { webhookId: WEBHOOK, limit });
        expect(page.keys.length).toBeLessThanOrEqual(limit);
        keys.push(...page.keys);
        read += page.read;
        [cursor, eventCursor] = [page.last ?? cursor, page.lastEvent ?? eventCursor];
        isEnd = page.isEnd;
      }
      const meant = [
        ...inLog.flatMap(({ ms, isMeant, id }) => (isMeant ? [sortableId(START + ms, id)] : [])),
        ...inEvents.flatMap(({ ms, isMeant, id }) =>
          isMeant ? [firstAttempt(eventAt(START + ms, id), WEBHOOK).deliveryId] : [],
        ),
      ];
      expect(keys.map(({ deliveryId }) => deliveryId).toSorted()).toEqual(meant.toSorted());
      const times = keys.map(({ deliveryId }) => timeOfId(deliveryId));
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(read).toBe(inLog.length + inEvents.filter(({ isMeant }) => isMeant).length);
    }),
    { numRuns: 500 },
  );
});

it('what is in the log is its next attempt, and an event its first', () => {
  const event = eventAt(START, '5b0c9c5e-3d5f-4c3f-8f43-7d3c1f3b7c11');
  const last = failedAttempt({ deliveryId: sortableId(START + 1, event.id), number: 10 });
  const log = {
    deliveries: [{ last, status: 'dead' as const, runStartedAt: '', nth: 1 }],
    read: 1,
    last: last.deliveryId,
    isEnd: true,
  };
  const page = missedPage(
    { log, events: { events: [event], last: eventName(event), isEnd: true } },
    { webhookId: WEBHOOK, limit: 9 },
  );
  expect(page.keys).toMatchObject([
    { number: 1, firstOfRun: 1, eventId: event.id },
    { number: 11, firstOfRun: 11 },
  ]);
  expect(page).toMatchObject({ read: 2, isEnd: true });
});
