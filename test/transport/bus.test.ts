import { EventBridgeClient, type PutEventsCommandInput } from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bus, OWN_SOURCE } from '../../functions/transport/bus.ts';
import { local } from '../../infra/local/aws.ts';
import { busApp } from '../../infra/local/bus.ts';
import { type Served, serveLocally } from '../../infra/local/serve.ts';

const EVENT = { type: 'cron', detail: '{"namespace_id":1, "payload":{"id":9007199254740993,"emoji":"😀"}}' };
const CUT = { name: 'withhold', step: 'initialize' } as const;

let served: Served;
let client: EventBridgeClient;
let queued: string[];

beforeEach(async () => {
  queued = [];
  const events = {
    async send(messages: readonly { readonly body: string }[]) {
      queued.push(...messages.map(({ body }) => body));
      return messages.map(() => true);
    },
  };
  served = await serveLocally(busApp({ events, now: Date.now }), 0);
  client = new EventBridgeClient(local(`http://127.0.0.1:${served.port}`));
});
afterEach(async () => {
  client.destroy();
  await served.stop();
});

/** Makes the bus refuse the first so many requests, in the way of EventBridge: with 200, and the failure in the answer. */
function refusing(times: number): { readonly calls: () => number } {
  let calls = 0;
  client.middlewareStack.add(
    (next) => (input) => {
      calls += 1;
      if (calls > times) return next(input);
      const Entries = [{ ErrorCode: 'ThrottlingException', ErrorMessage: 'Slow down.' }];
      return Promise.resolve({ output: { $metadata: {}, FailedEntryCount: 1, Entries }, response: {} });
    },
    CUT,
  );
  return { calls: () => calls };
}

it('puts an event on the bus by its source, type and detail, byte for byte', async () => {
  const sent: PutEventsCommandInput[] = [];
  client.middlewareStack.add(
    (next) => (call) => {
      sent.push(call.input as PutEventsCommandInput);
      return next(call);
    },
    { step: 'initialize' },
  );
  await bus(client, 'djinn-ci').put(EVENT);
  expect(sent.flatMap(({ Entries }) => Entries)).toMatchObject([{ Source: 'djinn-ci', EventBusName: 'djinn-ci' }]);
  expect(queued).toHaveLength(1);
  expect(queued[0]).toContain(`"detail-type":"cron"`);
  expect(queued[0]).toContain(`"detail":${EVENT.detail}}`);

  await bus(client, 'djinn-ci', OWN_SOURCE).put(EVENT);
  expect(sent.at(-1)?.Entries).toMatchObject([{ Source: 'djinn-ci-webhooks' }]);
  expect(queued).toHaveLength(1);
});

it('puts again what the bus refused, twice', async () => {
  const { calls } = refusing(2);
  await bus(client, 'djinn-ci').put(EVENT);
  expect(calls()).toBe(3);
  expect(queued).toHaveLength(1);
});

it('throws what the bus refuses then, too: an answer of 200 is no success', async () => {
  const { calls } = refusing(3);
  const refusal = { name: 'BusError', message: 'ThrottlingException: Slow down.' };
  await expect(bus(client, 'djinn-ci').put(EVENT)).rejects.toMatchObject(refusal);
  expect(calls()).toBe(3);
  expect(queued).toEqual([]);
});

it('throws where the bus is another one, or none answers', async () => {
  await expect(bus(client, 'other').put(EVENT)).rejects.toMatchObject({ name: 'BusError' });
  const nobody = new EventBridgeClient({ ...local('http://127.0.0.1:9'), maxAttempts: 1 });
  await expect(bus(nobody, 'djinn-ci').put(EVENT)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  nobody.destroy();
  expect(queued).toEqual([]);
});
