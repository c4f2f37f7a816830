import { afterAll, beforeAll, expect, it } from 'vitest';
import { asItIs, emit, work } from '../support/emit.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Api, openApi, read, WEBHOOKS } from './api.ts';

type Entity = {
  readonly active: boolean;
  readonly failing_since: string | null;
  readonly deactivation: { readonly reason: string; readonly at: string; readonly message: string } | null;
};

let api: Api;
let receiver: Receiver;
let status = 500;

beforeAll(async () => {
  api = await openApi();
  receiver = await startReceiver((response) => response.writeHead(status).end());
});
afterAll(async () => {
  expect(api.bugs).toEqual([]);
  await receiver.stop();
  await api.stop();
});

it('a webhook shows since when it fails, and why it is inactive; activated again, it recovers what it missed', async () => {
  const webhook = await api.addWebhook({ payload_url: receiver.url });
  const at = `${WEBHOOKS}/${webhook.id}`;
  const patch = (body: object) => read<Entity>(api.call(at, { method: 'PATCH', body }));
  const show = () => read<Entity>(api.call(at));
  expect(await show()).toMatchObject({ failing_since: null, deactivation: null });

  await emit(api);
  await work(api);
  expect(await show()).toMatchObject({ active: true, failing_since: '2026-11-23T12:00:00.000Z', deactivation: null });
  expect(await patch({ events: [] })).toMatchObject({ failing_since: '2026-11-23T12:00:00.000Z' });

  api.clock.nowMs += 60_000;
  status = 410;
  await emit(api);
  await work(api);
  const gone = await show();
  const deactivation = { reason: 'gone', at: expect.any(String), message: expect.stringContaining('410 Gone') };
  expect(gone).toMatchObject({ active: false, deactivation });
  expect(Object.keys(gone.deactivation ?? {})).toEqual(['reason', 'at', 'message']);
  expect(await patch({ ssl: false })).toMatchObject({ active: false, deactivation });

  api.clock.nowMs += 3_600_000;
  await work(api);
  const ofRecovery = { since: '2026-11-23T11:00:00Z', status: 'cancelled' };
  await read(api.call(`${at}/recoveries`, { method: 'POST', body: ofRecovery }), 409);
  status = 204;
  expect(await patch({ active: true })).toMatchObject({ active: true, failing_since: null, deactivation: null });
  const before = receiver.received.length;
  await read(api.call(`${at}/recoveries`, { method: 'POST', body: ofRecovery }), 202);
  await work(api);
  expect(receiver.received.length - before).toBe(2);
  const deliveries = await read<{ status: string }[]>(api.call(`${at}/deliveries`));
  expect(deliveries.map((one) => one.status)).toEqual(['succeeded', 'succeeded']);
});

it('one that a user has deactivated says nothing of itself, and neither does one with another URL', async () => {
  const webhook = await api.addWebhook({ payload_url: `${receiver.url}/mine` });
  const at = `${WEBHOOKS}/${webhook.id}`;
  const patch = (body: object) => read<Entity>(api.call(at, { method: 'PATCH', body }));
  const fail = async () => {
    status = 500;
    api.clock.nowMs += 60_000;
    await emit(api);
    await work(api);
    expect((await asItIs(api, webhook)).health?.failing).toBeDefined();
  };
  await fail();
  expect(await patch({ payload_url: `${receiver.url}/mine` })).not.toMatchObject({ failing_since: null });
  expect(await patch({ payload_url: `${receiver.url}/other` })).toMatchObject({ failing_since: null });
  await fail();
  expect(await patch({ active: false })).toMatchObject({ active: false, failing_since: null, deactivation: null });
});
