import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventKey } from '../../functions/store/event-key.ts';
import { getAll } from '../../functions/store/table.ts';
import { type Deployment, deploy } from '../support/deployment.ts';

const CREATED_AT = '2026-11-23T11:59:59.000Z';
const NOON = Date.parse('2026-11-23T12:00:00Z');
const NAMESPACE = 41;

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy();
});
afterAll(() => deployment.stop());

/** Opens an event with verdicts on so many webhooks, of which the last one is inactive. */
async function open(count: number) {
  const key = { namespaceId: NAMESPACE, id: randomUUID(), createdAt: CREATED_AT };
  const sent = Array.from({ length: count - 1 }, (_, index) => 1_000 + index);
  const verdicts = { sent, inactive: [count] };
  const event = { ...key, type: 'cron' as const, payload: '{}' };
  await deployment.events.open([{ event, verdicts, receivedAt: CREATED_AT, openedBy: 'test' }]);
  const [item] = await getAll(deployment.table, [eventKey(key)]);
  return { key, verdicts, item: item ?? {} };
}

it.each([2, 20, 21, 10_000])('are read as they were written, of %i webhooks, wherever they are read', async (count) => {
  const { key, verdicts } = await open(count);
  const { events } = deployment;
  expect((await events.find(key, NOON))?.verdicts).toEqual(verdicts);
  expect((await events.opening(key))?.sentTo).toEqual(verdicts.sent);
  const { rows } = await events.page(NAMESPACE, { limit: 10, nowMs: NOON });
  expect(rows.find(({ id }) => id === key.id)?.verdicts).toEqual(verdicts);
  const stretch = { namespaceId: NAMESPACE, sinceMs: 0, untilMs: NOON, limit: 10, nowMs: NOON };
  const missed = await events.inactive({ ...stretch, webhookId: count });
  expect(missed.events.map(({ id }) => id)).toContain(key.id);
});

it('stand in the open, where an event is sent to a full namespace, for a release that knows of no others', async () => {
  const { item, verdicts } = await open(100);
  expect(item).toHaveProperty('verdicts_packed');
  expect(item).toMatchObject({ verdicts: { sent: verdicts.sent } });
});

it('stand in the open while they are few, and take a third of their bytes from then on', async () => {
  const few = await open(20);
  expect(few.item).toMatchObject({ verdicts: few.verdicts });
  expect(few.item).not.toHaveProperty('verdicts_packed');
  const many = await open(1_000);
  // Of a list each number has a byte for its type and one for every two digits, and one more.
  const plainBytes = 1_000 * (1 + 2 + 1);
  const { verdicts_packed: packed } = many.item as { verdicts_packed: { readonly d: Uint8Array } };
  expect(packed.d.length).toBeLessThan(plainBytes / 3);
});
