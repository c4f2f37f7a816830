import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EventStretch } from '../../functions/store/event-stretch.ts';
import { type Deployment, deploy } from '../support/deployment.ts';

const NOON = Date.parse('2026-11-23T12:00:00Z');
const WEBHOOK = 7;
const HOUR = 3_600_000;

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy();
});
afterAll(() => deployment.stop());

/** Opens events of the times that are named, in hours before noon; answers their names. */
async function open(namespaceId: number, hours: readonly number[], inactive: readonly number[] = [WEBHOOK]) {
  const records = hours.map((hour) => {
    const createdAt = new Date(NOON - hour * HOUR).toISOString();
    const event = { id: randomUUID(), type: 'cron' as const, namespaceId, createdAt, payload: '{}' };
    return { event, verdicts: { inactive, sent: [WEBHOOK + 1] }, receivedAt: createdAt, openedBy: 'test' };
  });
  await deployment.events.open(records);
  return records.map(({ event: { id, createdAt } }) => `${createdAt}~${id}`);
}

const read = (differences: Partial<EventStretch> & Pick<EventStretch, 'namespaceId'>) =>
  deployment.events.inactive({
    webhookId: WEBHOOK,
    sinceMs: 0,
    untilMs: NOON,
    limit: 100,
    nowMs: NOON,
    ...differences,
  });

it('reads a stretch oldest first, goes on behind a name or a time, and ends before the end', async () => {
  const namespaceId = 11;
  const [newest, third, second, first] = await open(namespaceId, [1, 2, 3, 4]);
  await open(namespaceId, [2.5], [WEBHOOK + 1]);
  const names = async (differences: Partial<EventStretch>) => {
    const { events, ...rest } = await read({ namespaceId, ...differences });
    return { ...rest, names: events.map(({ createdAt, id }) => `${createdAt}~${id}`) };
  };
  expect(await names({})).toEqual({ names: [first, second, third, newest], last: newest, isEnd: true });
  expect(await names({ limit: 2 })).toEqual({ names: [first, second], last: second, isEnd: false });
  expect(await names({ after: second })).toMatchObject({ names: [third, newest] });
  const time = third?.split('~')[0];
  expect(await names({ after: time }), 'at that time').toMatchObject({ names: [third, newest] });
  expect(await names({ sinceMs: NOON - 3 * HOUR, untilMs: NOON - HOUR })).toMatchObject({ names: [second, third] });
  expect(await names({ after: newest })).toEqual({ names: [], last: undefined, isEnd: true });
  expect(await names({ after: newest, untilMs: NOON - 3 * HOUR })).toEqual({ names: [], last: undefined, isEnd: true });
});

it('ends a page after 2,000 events that were not missed', async () => {
  const namespaceId = 12;
  const hours = Array.from({ length: 2_010 }, (_, index) => 3 - index / 1_000);
  const before = await open(namespaceId, hours, [WEBHOOK + 1]);
  const [missed] = await open(namespaceId, [0.5]);
  const page = await read({ namespaceId });
  expect(page).toEqual({ events: [], last: before[1_999], isEnd: false });
  const next = await read({ namespaceId, after: page.last });
  expect(next).toMatchObject({ events: [{ namespaceId, type: 'cron' }], last: missed, isEnd: true });
});
