import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureNamespace } from '../../functions/actions/accounts.ts';
import { CATALOGUE, EVENT_TYPES } from '../../functions/domain/catalogue.ts';
import { busEvent, type Deployment, deploy } from '../support/deployment.ts';
import { type Received, type Receiver, startReceiver } from '../support/receiver.ts';

let deployment: Deployment;
let receiver: Receiver;

beforeAll(async () => {
  deployment = await deploy();
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.stop();
  await deployment.stop();
});

/** Runs events through ingest and deliver, and answers what arrived of them. */
async function run(bodies: readonly string[]): Promise<readonly Received[]> {
  const before = receiver.received.length;
  await deployment.send('events', bodies);
  await deployment.drain('events', deployment.handlers.ingest);
  await deployment.drain('deliveries', deployment.handlers.deliver);
  return receiver.received.slice(before);
}

/** A namespace of its own, with one webhook at the receiver. */
async function webhookIn(path: string, body: Readonly<Record<string, unknown>> = {}) {
  const namespace = await ensureNamespace(deployment.accounts, { username: 'admin', path });
  const webhook = await deployment.addWebhook(
    { payload_url: `${receiver.url}/${path}`, secret: 's3cret', ...body },
    namespace,
  );
  return { namespace, webhook };
}

describe('an event', () => {
  it('of every type reaches its webhook with its own payload', async () => {
    const { namespace } = await webhookIn('every-type');
    for (const type of EVENT_TYPES) {
      const payload = JSON.stringify(CATALOGUE[type].sample);
      const [request] = await run([busEvent({ namespaceId: namespace.id, id: randomUUID(), type, payload })]);
      expect(request?.headers['x-djinn-ci-event']).toBe(type);
      expect(request?.body.toString()).toBe(payload);
    }
  });

  it.each([
    ['an empty object', '{}'],
    ['integers beyond 2^53', '{"id": 9007199254740993, "n":-1.0E+400, "list":[1.0, 1e2 ,\n 0.10]}'],
    [
      'escapes, as they were written',
      String.raw`{"a":"\u00e9\ud83d\ude00\/","é😀":"\u2028","__proto__":{"x":1},"a":2}`,
    ],
    ['300 KB', JSON.stringify({ text: 'abc '.repeat(75_000) })],
    ['just under 1 MB that does not compress', incompressible(1_040_000)],
    ['deep nesting', `{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`],
  ])('arrives byte for byte: %s', async (_, payload) => {
    const { namespace } = await webhookIn(`bytes-${randomUUID()}`);
    const [request] = await run([busEvent({ namespaceId: namespace.id, id: randomUUID(), payload })]);
    expect(request?.body.equals(Buffer.from(payload))).toBe(true);
  });

  it('goes to the webhooks of exactly its namespace that are active and subscribe to it', async () => {
    const { namespace: child } = await webhookIn('parent/child');
    await webhookIn('parent');
    await deployment.addWebhook({ payload_url: `${receiver.url}/inactive`, active: false }, child);
    await deployment.addWebhook({ payload_url: `${receiver.url}/other`, events: ['cron'] }, child);
    await deployment.addWebhook({ payload_url: `${receiver.url}/this`, events: ['build.finished', 'cron'] }, child);
    const requests = await run([busEvent({ namespaceId: child.id, id: randomUUID() })]);
    expect(requests.map(({ path }) => path).sort()).toEqual(['/parent/child', '/this']);
  });

  it('without a namespace goes to nobody, and that is no error', async () => {
    expect(await run([busEvent({ namespaceId: null, id: randomUUID() })])).toEqual([]);
    expect((await deployment.inspect('events-dead-letter')).ready).toEqual([]);
    expect((await deployment.inspect('events')).inFlight).toEqual([]);
  });

  it('that comes twice is delivered once: in one batch, and ten days apart', async () => {
    const { namespace } = await webhookIn('twice');
    const event = { namespaceId: namespace.id, id: randomUUID(), createdAt: '2026-11-23T11:00:00.123Z' };
    expect(
      await run([busEvent(event), busEvent({ ...event, createdAt: '2026-11-23T12:00:00.123+01:00' })]),
    ).toHaveLength(1);
    deployment.clock.nowMs += 10 * 24 * 60 * 60 * 1000;
    expect(await run([busEvent(event)])).toHaveLength(0);
    deployment.clock.nowMs -= 10 * 24 * 60 * 60 * 1000;
  });

  it('that comes twice at once sends its deliveries once: the message that opened it sees to them', async () => {
    const { namespace } = await webhookIn('at-once');
    const body = busEvent({ namespaceId: namespace.id, id: randomUUID() });
    const copies = ['copy-1', 'copy-2', 'copy-3'].map((messageId) => ({ Records: [{ messageId, body }] }));
    await Promise.all(copies.map((copy) => deployment.handlers.ingest(copy)));
    expect((await deployment.inspect('deliveries')).ready).toHaveLength(1);
    const answers = await Promise.all(copies.map((copy) => deployment.handlers.ingest(copy)));
    expect(answers.flatMap(({ batchItemFailures }) => batchItemFailures)).toEqual([]);
    expect((await deployment.inspect('deliveries')).ready, 'the opener, received again, sends again').toHaveLength(2);
    expect(await run([])).toHaveLength(1);
  });

  it('whose opener failed is delivered by a copy that comes an hour later', async () => {
    const { namespace } = await webhookIn('hour-later');
    const body = busEvent({ namespaceId: namespace.id, id: randomUUID() });
    await deployment.handlers.ingest({ Records: [{ messageId: 'opener', body }] });
    await deployment.drain('deliveries', async () => ({ batchItemFailures: [] }));
    deployment.clock.nowMs += 60 * 60 * 1000;
    expect(await run([body])).toHaveLength(1);
  });

  it('that comes again goes to the webhooks that it went to at first, not to a newer one', async () => {
    const { namespace } = await webhookIn('later');
    const event = busEvent({ namespaceId: namespace.id, id: randomUUID() });
    expect(await run([event])).toHaveLength(1);
    await deployment.addWebhook({ payload_url: `${receiver.url}/newer` }, namespace);
    deployment.clock.nowMs += 60 * 60 * 1000;
    expect(await run([event])).toHaveLength(0);
  });

  it('with the id of another but another time is another event', async () => {
    const { namespace } = await webhookIn('same-id');
    const id = randomUUID();
    const copies = ['2026-11-23T11:00:00Z', '2026-11-23T11:00:01Z'].map((createdAt) =>
      busEvent({ namespaceId: namespace.id, id, createdAt }),
    );
    const requests = await run(copies);
    expect(new Set(requests.map(({ headers }) => headers['x-djinn-ci-delivery'])).size).toBe(2);
  });
});

describe('what cannot be read', () => {
  it('goes to the dead-letter queue with the reason, and its siblings are delivered', async () => {
    const { namespace } = await webhookIn('siblings');
    const good = busEvent({ namespaceId: namespace.id, id: randomUUID() });
    const bad = [
      'no JSON at all',
      good.replace(/"detail":.*$/, '"detail":[1]}'),
      good.replace('"build.finished"', '"build.exploded"'),
      good.replace(/"namespace_id":\d+,/, ''),
      good.replace('"payload":{', '"payload":[{').replace('}}}', '}]}}'),
    ];
    expect(await run([bad[0] ?? '', good, ...bad.slice(1)])).toHaveLength(1);
    const letters = await deployment.receive('events-dead-letter');
    expect(letters.map(({ body }) => body).sort()).toEqual([...bad].sort());
    expect(letters.map(({ reason }) => reason).sort()).toEqual([
      'The detail has no namespace_id',
      'The detail is not a JSON object',
      'The message is not an EventBridge event in JSON',
      'The payload is not a JSON object',
      'Unknown event type: "build.exploded"',
    ]);
  });
});

/** JSON of about so many bytes that no compression makes smaller, so that its event is stored in parts. */
function incompressible(bytes: number): string {
  const random = new Uint8Array((bytes * 3) / 4);
  for (let at = 0; at < random.length; at += 65_536) crypto.getRandomValues(random.subarray(at, at + 65_536));
  return JSON.stringify({ data: Buffer.from(random).toString('base64') });
}
