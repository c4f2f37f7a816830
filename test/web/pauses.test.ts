import { afterAll, beforeAll, expect, it } from 'vitest';
import { healthStore } from '../../functions/store/health.ts';
import type { WebhookEntity } from '../../functions/web/api/schemas.ts';
import { failedAttempt } from '../support/attempt.ts';
import { type Api, openApi, read, WEBHOOKS } from './api.ts';

let api: Api;
let at: string;
let id: number;

beforeAll(async () => {
  api = await openApi();
  id = (await api.addWebhook({ payload_url: 'https://a.example/' })).id;
  at = `${WEBHOOKS}/${id}`;
});
afterAll(() => api.stop());

const put = (body: unknown) => api.call(`${at}/pause`, { method: 'PUT', body });
const show = () => read<WebhookEntity>(api.call(at));
/** Ids of deliveries, each newer than the one before. */
const idOf = (nth: number) => `019b0000-0000-7000-8000-00000000000${nth}`;

it('a webhook is paused until a time, and shows it until then', async () => {
  const until = '2026-11-23T14:00:00Z';
  expect(await read(put({ until }))).toMatchObject({ id, paused_until: '2026-11-23T14:00:00.000Z', active: true });
  expect((await show()).paused_until).toBe('2026-11-23T14:00:00.000Z');
  const [listed] = await read<WebhookEntity[]>(api.call(WEBHOOKS));
  expect(listed?.paused_until).toBe('2026-11-23T14:00:00.000Z');
  const nowMs = api.clock.nowMs;
  api.clock.nowMs = Date.parse(until);
  expect((await show()).paused_until).toBeNull();
  api.clock.nowMs = nowMs;
});

it('the pause of the documentation can be tried out', async () => {
  type Document = {
    paths: Record<string, Record<string, { requestBody: { content: Record<string, { example: unknown }> } }>>;
  };
  const { paths } = await read<Document>(api.call('/openapi.json'));
  const operation = Object.entries(paths).find(([path]) => path.endsWith('/pause'))?.[1]['put'];
  expect((await put(operation?.requestBody.content['application/json']?.example)).status).toBe(200);
});

it('it is resumed before that, and twice is as good as once', async () => {
  await read(put({ until: '2026-11-23T14:00:00Z' }));
  for (let time = 0; time < 2; time++) {
    expect(await read(api.call(`${at}/pause`, { method: 'DELETE' }))).toMatchObject({ id, paused_until: null });
  }
});

it.each([
  [{}, 'Until is required'],
  [{ until: null }, 'Until is required'],
  [{ until: 5 }, 'Until must be a time as in 2026-03-09T14:00:00Z'],
  [{ until: 'tomorrow' }, 'Until must be a time as in 2026-03-09T14:00:00Z'],
  [{ until: '2026-11-23T12:00:00Z' }, 'Until must be in the future'],
  [
    { until: '2026-12-07T12:00:00.001Z' },
    'Until must be at most 14 days after the pause began: 2026-12-07T12:00:00.000Z',
  ],
])('is refused by field: %j', async (body, sentence) => {
  expect(await read(put(body), 400)).toEqual({ until: [sentence] });
  expect((await show()).paused_until).toBeNull();
});

it('may be longer than it was, but the days count from when it began', async () => {
  const nowMs = api.clock.nowMs;
  await read(put({ until: '2026-12-07T12:00:00Z' }));
  api.clock.nowMs = Date.parse('2026-12-01T00:00:00Z');
  expect(await read(put({ until: '2026-12-08T00:00:00Z' }), 400)).toMatchObject({ until: [expect.any(String)] });
  await read(put({ until: '2026-12-07T11:00:00Z' }));
  await read(api.call(`${at}/pause`, { method: 'DELETE' }));
  await read(put({ until: '2026-12-08T00:00:00Z' }));
  await read(api.call(`${at}/pause`, { method: 'DELETE' }));
  api.clock.nowMs = nowMs;
});

it('an inactive webhook has nothing to pause', async () => {
  await read(api.call(at, { method: 'PATCH', body: { active: false } }));
  const message = 'The webhook is inactive: nothing is sent to it';
  expect(await read(put({ until: '2026-11-23T14:00:00Z' }), 409)).toEqual({ message });
  await read(api.call(at, { method: 'PATCH', body: { active: true } }));
});

it('a ping of a paused webhook is refused with what to do', async () => {
  await read(put({ until: '2026-11-23T14:00:00Z' }));
  const message = 'The webhook is paused. Resume it first';
  expect(await read(api.call(`${at}/pings`, { method: 'POST', body: { event: 'cron' } }), 409)).toEqual({ message });
  await read(api.call(`${at}/pause`, { method: 'DELETE' }));
});

it('a webhook shows the state of its circuit', async () => {
  expect((await show()).circuit_breaker).toEqual({ state: 'closed', opened_at: null, next_probe_at: null });
  const seen = await api.webhooks.get(api.namespace.id, id);
  if (seen === undefined) throw new Error('There is no such webhook');
  const openedMs = api.clock.nowMs;
  const breaker = { openedMs, failedProbes: 0, probeAtMs: openedMs + 60_000 };
  expect(await healthStore(api.table).save(seen, { health: { breaker } })).toBe(true);
  const times = { opened_at: '2026-11-23T12:00:00.000Z', next_probe_at: '2026-11-23T12:01:00.000Z' };
  expect((await show()).circuit_breaker).toEqual({ state: 'open', ...times });
  api.clock.nowMs += 60_000;
  expect((await show()).circuit_breaker).toEqual({ state: 'half_open', ...times });
});

it('a held delivery says why and since when, and the attempts that were made: none of them, or those before', async () => {
  const { id: webhookId, namespaceId } = await api.addWebhook({ payload_url: 'https://a.example/held' });
  const of = { webhookId, namespaceId };
  const made = failedAttempt({
    ...of,
    deliveryId: idOf(1),
    status: 'succeeded',
    nextAttemptAt: undefined,
    error: undefined,
  });
  const hold = { status: 'held', nextAttemptAt: undefined, error: { class: 'paused', message: 'Paused' } } as const;
  const error = { class: 'status', message: 'The receiver answered 500' } as const;
  const failed = failedAttempt({ ...of, deliveryId: idOf(2), error });
  await api.attempts.record([
    { attempt: made },
    { attempt: failed, dueAtMs: api.clock.nowMs },
    { attempt: failedAttempt({ ...of, ...hold, deliveryId: idOf(2), number: 2 }), dueAtMs: api.clock.nowMs },
    { attempt: failedAttempt({ ...of, ...hold, deliveryId: idOf(3) }), dueAtMs: api.clock.nowMs },
  ]);
  const show = (nth: number) => read(api.call(`${WEBHOOKS}/${webhookId}/deliveries/${idOf(nth)}`));
  const held = { reason: 'paused', message: 'Paused', since: failed.startedAt };
  const none = { attempts_made: 0, attempts: [], started_at: null, duration_ms: null, error: null };
  expect(await show(3)).toMatchObject({ status: 'held', held, ...none });
  expect(await show(2)).toMatchObject({
    status: 'held',
    held,
    attempts_made: 1,
    error,
    attempts: [{ number: 1, status: 'retrying' }],
  });
  expect(await show(1)).toMatchObject({ status: 'succeeded', held: null, attempts_made: 1 });
  const webhook = await read<WebhookEntity>(api.call(`${WEBHOOKS}/${webhookId}`));
  expect(webhook.last_response, 'of the newest delivery that was attempted last').toMatchObject({
    error: error.message,
  });
});
