import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PageRequest } from '../../functions/domain/page.ts';
import { countCalls } from '../support/calls.ts';
import { type Deployment, deploy } from '../support/deployment.ts';

const NOON = Date.parse('2026-11-23T12:00:00Z');
const NAMESPACE = 78;

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy();
});
afterAll(() => deployment.stop());

it('ends a page after 20 reads of 1 MB, however few the events are, and goes on from there', async () => {
  const names: string[] = [];
  for (let second = 0; second < 100; second++) {
    const createdAt = new Date(NOON - second * 1000).toISOString();
    const type = second === 99 ? ('cron' as const) : ('images' as const);
    const payload = JSON.stringify({ large: randomBytes(280_000).toString('base64') });
    const event = { id: randomUUID(), type, namespaceId: NAMESPACE, createdAt, payload };
    await deployment.events.open([{ event, verdicts: {}, receivedAt: createdAt, openedBy: 'test' }]);
    names.push(`${createdAt}~${event.id}`);
  }
  const page = (cursor?: PageRequest['cursor']) =>
    deployment.events.page(NAMESPACE, { cursor, type: 'cron', limit: 10, nowMs: NOON });
  const calls = countCalls(deployment.world);
  const { rows, next } = await page();
  expect(rows).toEqual([]);
  expect(calls.get('Query')).toBe(20);
  expect(names.indexOf(next?.position ?? '')).toBeGreaterThan(50);
  const after = await page(next);
  expect(after.rows.map(({ createdAt, id }) => `${createdAt}~${id}`)).toEqual([names[99]]);
  expect(after.next).toBeUndefined();
});
