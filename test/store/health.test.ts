import { TransactionConflictException } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Health } from '../../functions/domain/health.ts';
import type { Webhook } from '../../functions/domain/webhook.ts';
import { type HealthStore, healthStore } from '../../functions/store/health.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { intercept } from '../support/failing.ts';

let deployment: Deployment;
let store: HealthStore;
let made = 0;

beforeAll(async () => {
  deployment = await deploy();
  store = healthStore(deployment.table);
});
afterAll(() => deployment.stop());

const FAILING: Health = {
  healthyMs: 1,
  failing: { sinceMs: 2, spellMs: 3, failures: 4, lastMs: 5, toldBy: 'a#1' },
  recovered: { sinceMs: 0, by: 'b#2' },
};
const DEACTIVATION = { reason: 'failing', at: '2026-11-23T12:00:00.000Z', message: 'It failed', by: 'c#3' } as const;

async function webhook(): Promise<Webhook> {
  made += 1;
  const { id, namespaceId } = await deployment.addWebhook({ payload_url: `https://a.example/${made}` });
  return asItIs({ id, namespaceId });
}

async function asItIs({ id, namespaceId }: Pick<Webhook, 'id' | 'namespaceId'>): Promise<Webhook> {
  const found = await deployment.webhooks.get(namespaceId, id);
  if (found === undefined) throw new Error('There is no such webhook');
  return found;
}

it('saves what was judged, one judgement after the other', async () => {
  const seen = await webhook();
  expect(seen.health).toBeUndefined();
  expect(await store.save(seen, { health: FAILING })).toBe(true);
  const failing = await asItIs(seen);
  expect(failing).toMatchObject({ active: true, health: FAILING });
  expect(await store.save(failing, { health: { healthyMs: 9 } })).toBe(true);
  expect((await asItIs(seen)).health).toEqual({ healthyMs: 9 });
});

it('of two that judged the same at the same time, one saves it', async () => {
  const seen = await webhook();
  const saved = await Promise.all([1, 2, 3].map(() => store.save(seen, { health: FAILING })));
  expect(saved.filter(Boolean)).toHaveLength(1);
});

it('deactivates a webhook, with the reason', async () => {
  const seen = await webhook();
  expect(await store.save(seen, { health: FAILING, deactivation: DEACTIVATION })).toBe(true);
  expect(await asItIs(seen)).toMatchObject({ active: false, deactivation: DEACTIVATION });
});

it.each([
  ['activates', { active: true, startedOverMs: 7 }],
  ['deactivates', { active: false, startedOverMs: 7 }],
  ['changes the URL of', { payloadUrl: 'https://a.example/other', startedOverMs: 7 }],
  ['subscribes to other events with', { events: ['cron'] }],
] as const)('does not deactivate what a user %s at the same moment', async (_, change) => {
  const seen = await webhook();
  await store.save(seen, { health: FAILING });
  const failing = await asItIs(seen);
  expect(await deployment.webhooks.change(failing, change)).toBe('changed');
  const after = await asItIs(seen);
  expect(await store.save(failing, { health: FAILING, deactivation: DEACTIVATION })).toBe(false);
  expect(await asItIs(seen)).toEqual(after);
  if ('startedOverMs' in change) expect(after.health).toEqual({ healthyMs: 7 });
  else expect(after.health).toEqual(FAILING);
  await deployment.webhooks.remove(after);
});

it.each([true, false])('forgets why it was deactivated when a user says active: %s', async (active) => {
  const seen = await webhook();
  await store.save(seen, { health: FAILING, deactivation: DEACTIVATION });
  const after = { ...(await asItIs(seen)) };
  await deployment.webhooks.change(after, { ssl: false });
  expect(await asItIs(seen)).toMatchObject({ active: false, deactivation: DEACTIVATION });
  await deployment.webhooks.change(await asItIs(seen), { active, startedOverMs: 7 });
  expect(await asItIs(seen)).toMatchObject({ active, deactivation: undefined, health: { healthyMs: 7 } });
});

it('saves nothing while a user changes the webhook in a transaction', async () => {
  const seen = await webhook();
  const undo = intercept(deployment.world.dynamodb, 'UpdateItem', () => {
    throw new TransactionConflictException({ $metadata: {}, message: 'Transaction is ongoing for the item' });
  });
  expect(await store.save(seen, { health: FAILING })).toBe(false);
  undo();
  expect(await store.save(seen, { health: FAILING })).toBe(true);
});

it('saves nothing of a webhook that is inactive, or gone', async () => {
  const seen = await webhook();
  await deployment.webhooks.change(seen, { active: false });
  const inactive = await asItIs(seen);
  expect(await store.save(inactive, { health: FAILING })).toBe(false);
  await deployment.webhooks.remove(inactive);
  expect(await store.save(inactive, { health: FAILING })).toBe(false);
  expect(await deployment.webhooks.get(seen.namespaceId, seen.id)).toBeUndefined();
});
