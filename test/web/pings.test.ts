import { afterAll, beforeAll, expect, it } from 'vitest';
import { CATALOGUE, EVENT_TYPES } from '../../functions/domain/catalogue.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Api, openApi, read, WEBHOOKS } from './api.ts';

let api: Api;
let receiver: Receiver;
let pings: string;

beforeAll(async () => {
  api = await openApi();
  receiver = await startReceiver();
  const { id } = await api.addWebhook({ payload_url: receiver.url, secret: 's3cret', events: ['cron'] });
  await api.addWebhook({ payload_url: `${receiver.url}/other` });
  pings = `${WEBHOOKS}/${id}/pings`;
});
afterAll(async () => {
  await receiver.stop();
  await api.stop();
  expect(api.bugs).toEqual([]);
});

const ping = (body: unknown) => api.call(pings, { method: 'POST', body });

it('sends the sample of any type to this webhook alone, signed, and marks it as a test', async () => {
  for (const event of EVENT_TYPES) {
    const { url } = await read<{ url: string }>(ping({ event }), 202);
    await api.drain('deliveries', api.handlers.deliver);
    const request = receiver.received.at(-1);
    expect(request?.headers).toMatchObject({ 'x-djinn-ci-event': event, 'x-djinn-ci-signature': expect.anything() });
    expect(JSON.parse(request?.body.toString() ?? '')).toEqual(CATALOGUE[event].sample);
    expect(await read(api.call(url))).toMatchObject({ status: 'succeeded', test: true, event: { type: event } });
  }
  expect(receiver.received.filter(({ path }) => path === '/other')).toEqual([]);
  const [newest] = await read<object[]>(api.call('/n/admin/demo/-/events'));
  expect(newest).toMatchObject({ test: true });
});

it.each([
  [{}, { event: ['Event is required'] }],
  [{ event: 'build.exploded' }, { event: ['Unknown event "build.exploded"'] }],
  [{ event: 5 }, { event: ['Event must be an event type'] }],
  [{ event: 'cron', payload: {} }, { payload: ['Unknown field'] }],
])('refuses %j', async (body, errors) => {
  expect(await read(ping(body), 400)).toEqual(errors);
});

it('refuses for an inactive webhook, which would get nothing', async () => {
  await read(api.call(pings.replace('/pings', ''), { method: 'PATCH', body: { active: false } }));
  expect((await ping({ event: 'cron' })).status).toBe(409);
});
