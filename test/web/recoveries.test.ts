import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliveryId } from '../../functions/domain/id.ts';
import { WEBHOOKS_PER_NAMESPACE_MAX } from '../../functions/domain/limits.ts';
import type { Webhook } from '../../functions/domain/webhook.ts';
import { healthStore } from '../../functions/store/health.ts';
import { busEvent } from '../support/deployment.ts';
import { intercept } from '../support/failing.ts';
import { type Api, followPages, ORIGIN, openApi, read, WEBHOOKS } from './api.ts';
import { attemptOf } from './attempts.ts';

type Entity = { readonly id: string; readonly url: string; readonly status: string; readonly filter: object };

const DAY = 24 * 3_600_000;

let api: Api;
let webhook: Webhook;
let at: string;
let urls = 0;

beforeAll(async () => {
  api = await openApi();
});
afterAll(async () => {
  await api.stop();
  expect(api.bugs).toEqual([]);
});

async function newWebhook(): Promise<void> {
  urls += 1;
  webhook = await api.addWebhook({ payload_url: `https://receiver.example/${urls}` });
  at = `${WEBHOOKS}/${webhook.id}/recoveries`;
}

/** Puts so many dead deliveries into the log, one a second before 11:59. */
async function dead(count: number): Promise<void> {
  const { id: webhookId, namespaceId } = webhook;
  const recordings = Array.from({ length: count }, (_, index) => {
    const eventId = crypto.randomUUID();
    const eventCreatedAt = new Date(Date.parse('2026-11-23T11:59:00Z') - index * 1000).toISOString();
    const id = deliveryId({ id: eventId, createdAt: eventCreatedAt }, webhookId);
    const times = { eventCreatedAt, startedAt: eventCreatedAt };
    return { attempt: attemptOf({ deliveryId: id, webhookId, namespaceId, eventId, status: 'dead', ...times }) };
  });
  await api.attempts.record(recordings);
}

const ask = (body: unknown = { since: '2026-11-23T11:00:00Z' }) => api.call(at, { method: 'POST', body });
const start = (body?: unknown) => read<Entity>(ask(body), 202);

describe('asking for a recovery', () => {
  it('answers every field of it, finished where it is small, and where it is', async () => {
    await newWebhook();
    await dead(2);
    const answer = await ask({ since: '2026-11-23T11:00:00+00:00', until: '2026-11-23T11:59:30Z', status: 'dead' });
    expect(answer.status).toBe(202);
    const recovery = (await answer.json()) as Entity;
    expect(recovery).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      webhook_id: webhook.id,
      status: 'finished',
      filter: { since: '2026-11-23T11:00:00.000Z', until: '2026-11-23T11:59:30.000Z', status: 'dead' },
      deliveries_read: 2,
      deliveries_redelivered: 2,
      progress: 1,
      reason: null,
      created_at: '2026-11-23T12:00:00.000Z',
      updated_at: '2026-11-23T12:00:00.000Z',
      finished_at: '2026-11-23T12:00:00.000Z',
      url: `${ORIGIN}${at}/${recovery.id}`,
    });
    expect(answer.headers.get('location')).toBe(recovery.url);
    expect(await read(api.call(recovery.url))).toEqual(recovery);
  });

  it.each([
    [{}, { since: ['Since is required'] }],
    [{ since: '2026-11-23T12:00:01Z' }, { since: ['Since must be in the past'] }],
    [{ since: '2026-11-23T11:00:00Z', limit: 5 }, { limit: ['Unknown field'] }],
    [JSON.parse('{"since": "2026-11-23T11:00:00Z", "__proto__": 1}'), JSON.parse('{"__proto__": ["Unknown field"]}')],
  ])('is refused by field: %j', async (body, errors) => {
    expect(Object.entries(await read(ask(JSON.stringify(body)), 400))).toEqual(Object.entries(errors));
    expect(await read(api.call(at))).toHaveLength(1);
  });

  it('is refused where it is no JSON object', async () => {
    await read(ask('{"since":'), 400);
    await read(ask([]), 400);
    await read(api.call(at, { method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } }), 415);
  });

  it('is refused for a webhook that is inactive', async () => {
    await newWebhook();
    await read(api.call(`${WEBHOOKS}/${webhook.id}`, { method: 'PATCH', body: { active: false } }));
    expect(await read(ask(), 409)).toEqual({ message: 'The webhook is inactive. Activate it first' });
    expect(await read(api.call(at))).toEqual([]);
  });
});

describe('a recovery that runs', () => {
  it('shows how far it is, keeps others off, and can be cancelled, once', async () => {
    await newWebhook();
    await dead(150);
    const recovery = await start();
    expect(recovery).toMatchObject({ status: 'running', deliveries_redelivered: 100, finished_at: null });
    expect(recovery).toMatchObject({ progress: expect.closeTo(0.98, 1) });
    expect(await read(ask(), 409)).toEqual({
      message: 'A recovery of this webhook is running. Cancel it, or wait',
    });
    const cancelled = await api.call(recovery.url, { method: 'DELETE' });
    expect([cancelled.status, await cancelled.text()]).toEqual([204, '']);
    expect(await read(api.call(recovery.url))).toMatchObject({
      ...recovery,
      status: 'cancelled',
      finished_at: expect.any(String),
    });
    expect(await read(api.call(recovery.url, { method: 'DELETE' }), 409)).toEqual({
      message: 'The recovery has ended already: it is cancelled',
    });
    expect((await start()).status, 'the others may come').toBe('running');
  });

  it('goes on though the queue is away when it is asked for', async () => {
    await newWebhook();
    await dead(3);
    api.world.sqs.middlewareStack.add(() => () => Promise.reject(new Error('SQS is away')), {
      step: 'initialize',
      name: 'away',
    });
    const recovery = await start();
    api.world.sqs.middlewareStack.remove('away');
    expect(recovery).toMatchObject({ status: 'running', deliveries_redelivered: 0 });
    api.clock.nowMs += 3 * 60_000;
    await api.handlers.recover({});
    expect(await read(api.call(recovery.url))).toMatchObject({ status: 'finished', deliveries_redelivered: 3 });
  });
});

describe('what a webhook missed', () => {
  const patch = (body: object) =>
    read<{ missed_since: string | null }>(api.call(`${WEBHOOKS}/${webhook.id}`, { method: 'PATCH', body }));
  const offered = async () => (await read(api.call(`${WEBHOOKS}/${webhook.id}`)))['missed_since'];
  const isoOf = (ms: number) => new Date(ms).toISOString();

  it('is offered once it is active again, until a recovery of all that has begun', async () => {
    await newWebhook();
    expect(await offered()).toBeNull();
    const since = isoOf(api.clock.nowMs - 4 * DAY);
    expect(await patch({ active: false })).toMatchObject({ missed_since: null });
    api.clock.nowMs += DAY;
    await api.send('events', [busEvent({ namespaceId: webhook.namespaceId, id: crypto.randomUUID() })]);
    await api.drain('events', api.handlers.ingest);
    expect(await patch({ events: [] })).toMatchObject({ missed_since: null });
    expect(await patch({ active: true })).toMatchObject({ missed_since: since });
    expect(await patch({ active: true }), 'said twice').toMatchObject({ missed_since: since });
    await start({ since, until: isoOf(api.clock.nowMs - 1000), status: 'missed' });
    await start({ since: isoOf(api.clock.nowMs - DAY), status: 'missed' });
    await start({ since, status: 'cancelled' });
    expect(await offered(), 'only part of it').toBe(since);
    expect(await start({ since, status: 'missed' })).toMatchObject({
      status: 'finished',
      filter: { since, status: 'missed' },
    });
    expect(await offered()).toBeNull();
    expect(await patch({ active: true })).toMatchObject({ missed_since: null });
    const { verdicts } = await read<{ verdicts: { webhook_id: number; verdict: string; delivery: object | null }[] }>(
      api.call(String((await read<Entity[]>(api.call('/n/admin/demo/-/events')))[0]?.url)),
    );
    expect(verdicts.find((one) => one.webhook_id === webhook.id)).toMatchObject({
      verdict: 'inactive',
      delivery: null,
    });
  });

  it('is offered for 30 days', async () => {
    await newWebhook();
    await patch({ active: false });
    await patch({ active: true });
    api.clock.nowMs += 30 * DAY - 1000;
    expect(await offered()).not.toBeNull();
    api.clock.nowMs += 1000;
    expect(await offered()).toBeNull();
  });

  it('is offered as it is by then, where the webhook is changed while it is asked for', async () => {
    await newWebhook();
    await patch({ active: false });
    const { missed_since: since } = await patch({ active: true });
    api.clock.nowMs += 1000;
    const undo = intercept(api.world.dynamodb, 'TransactWriteItems', async (_, send) => {
      undo();
      await patch({ active: false });
      api.clock.nowMs += 1000;
      await patch({ active: true });
      return send();
    });
    await start({ since, status: 'missed' });
    expect(await offered(), 'what came after the request').toBe(since);
    await start({ since, status: 'missed' });
    expect(await offered()).toBeNull();
  });

  it('is offered where the service deactivates it while a user says that it is active', async () => {
    await newWebhook();
    const undo = intercept(api.world.dynamodb, 'TransactWriteItems', async (_, send) => {
      undo();
      const deactivation = { reason: 'gone', at: isoOf(api.clock.nowMs), message: 'Gone', by: 'x' } as const;
      expect(await healthStore(api.table).save(webhook, { health: {}, deactivation })).toBe(true);
      return send();
    });
    expect(await patch({ active: true })).toMatchObject({ missed_since: isoOf(api.clock.nowMs - 4 * DAY) });
  });
});

describe('the recoveries of a webhook', () => {
  it('come newest first, in pages, and for 30 days', async () => {
    await newWebhook();
    const ids: string[] = [];
    for (let made = 0; made < 5; made++) {
      ids.unshift((await start()).id);
      api.clock.nowMs += 1000;
    }
    for (const [perPage, sizes] of [
      [1, [1, 1, 1, 1, 1]],
      [2, [2, 2, 1]],
      [5, [5]],
    ] as const) {
      const pages = await followPages<Entity>(api, `${at}?per_page=${perPage}`);
      expect(pages.map((page) => page.length)).toEqual(sizes);
      expect(pages.flat().map(({ id }) => id)).toEqual(ids);
    }
    await read(api.call(`${at}?cursor=abc`), 400);
    await read(api.call(`${at}?per_page=0`), 400);
    api.clock.nowMs += 30 * 24 * 60 * 60 * 1000 - 3000;
    expect((await read<Entity[]>(api.call(at))).map(({ id }) => id)).toEqual(ids.slice(0, 2));
    await read(api.call(`${at}/${ids[4]}`), 404);
    expect(await read(api.call(`${WEBHOOKS}/${webhook.id}/deliveries`)), 'the log is another matter').toEqual([]);
  });

  it.each(['019b0000-0000-7000-8000-000000000001', 'abc', '%00'])('have none with the id %s', async (id) => {
    expect(await read(api.call(`${at}/${id}`), 404)).toEqual({ message: 'Not found' });
    expect(await read(api.call(`${at}/${id}`, { method: 'DELETE' }), 404)).toEqual({ message: 'Not found' });
  });

  it('are those of this webhook alone', async () => {
    await newWebhook();
    const { id } = await start();
    await newWebhook();
    await read(api.call(`${at}/${id}`), 404);
    await read(api.call(`${at}/${id}`, { method: 'DELETE' }), 404);
  });
});

it('the 101st webhook of a namespace is refused, until there is room', async () => {
  for (let there = urls; there < WEBHOOKS_PER_NAMESPACE_MAX; there++) await newWebhook();
  const body = { payload_url: 'https://receiver.example/one-too-many' };
  expect(await read(api.call(WEBHOOKS, { method: 'POST', body }), 409)).toEqual({
    message: 'The namespace has 100 webhooks, which is the most it may have. Delete one first',
  });
  expect((await api.call(`${WEBHOOKS}/${webhook.id}`, { method: 'DELETE' })).status).toBe(204);
  await read(api.call(WEBHOOKS, { method: 'POST', body }), 201);
});
