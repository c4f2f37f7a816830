import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Queue, queue } from '../../functions/transport/queue.ts';
import { local } from '../../infra/local/aws.ts';
import { type BusNotice, busApp } from '../../infra/local/bus.ts';
import { type Served, serveLocally } from '../../infra/local/serve.ts';
import { type SqsEngine, startSqs } from '../../infra/local/sqs.ts';

const GOOD: PutEventsRequestEntry = { Source: 'djinn-ci', DetailType: 'cron', Detail: '{"a":1}' };
const ACCEPTED = { EventId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) };
const NOON = Date.parse('2026-11-23T12:00:00.987Z');

let engine: SqsEngine;
let sqs: SQSClient;
let bus: Bus;

type Bus = Served & { readonly client: EventBridgeClient };

beforeAll(async () => {
  engine = await startSqs(undefined);
  sqs = new SQSClient(local(engine.endpoint));
  bus = await serveBus(queue(sqs, engine.queueUrl('events')));
});
afterAll(async () => {
  bus.client.destroy();
  sqs.destroy();
  await bus.stop();
  await engine.stop();
});

async function serveBus(events: Pick<Queue, 'send'>, onNotice?: (notice: BusNotice) => void): Promise<Bus> {
  const served = await serveLocally(busApp({ events, now: () => NOON, onNotice }), 0);
  return { ...served, client: new EventBridgeClient({ ...local(`http://127.0.0.1:${served.port}`), maxAttempts: 1 }) };
}

function put(entries: readonly PutEventsRequestEntry[], { client } = bus) {
  return client.send(new PutEventsCommand({ Entries: [...entries] }));
}

/** Puts entries; answers the bodies that the events queue has got of them, by detail type. */
async function queued(entries: readonly PutEventsRequestEntry[]): Promise<readonly string[]> {
  const before = (await engine.inspect('events')).ready.length;
  await put(entries);
  return (await engine.inspect('events')).ready.slice(before);
}

describe('entries that are taken', () => {
  it('have an id each, which is the id of the event in the queue', async () => {
    const before = (await engine.inspect('events')).ready.length;
    const { FailedEntryCount, Entries = [] } = await put(Array(10).fill(GOOD));
    expect(FailedEntryCount).toBe(0);
    expect(Entries).toEqual(Array(10).fill(ACCEPTED));
    const ids = (await engine.inspect('events')).ready.slice(before).map((body) => JSON.parse(body).id);
    expect(ids).toEqual(Entries.map(({ EventId }) => EventId));
    expect(new Set(ids).size).toBe(10);
  });

  it('stand in the queue in the envelope of EventBridge', async () => {
    const Time = new Date('2020-02-29T23:59:59.900Z');
    const [plain = '', full = ''] = await queued([GOOD, { ...GOOD, Time, Resources: ['arn:one'] }]);
    const envelope = {
      version: '0',
      id: ACCEPTED.EventId,
      'detail-type': 'cron',
      source: 'djinn-ci',
      account: '000000000000',
      time: '2026-11-23T12:00:00Z',
      region: 'us-east-1',
      resources: [],
      detail: { a: 1 },
    };
    expect(JSON.parse(plain)).toEqual(envelope);
    expect(JSON.parse(full)).toEqual({ ...envelope, time: '2020-02-29T23:59:59Z', resources: ['arn:one'] });
  });

  it.each([
    String.raw`{ "n": 9007199254740993,"e":1.0E+2, "u":"\u00e9é😀\/" , "n":1}`,
    '{"__proto__":{"a":1},"$&":"$1"}',
    '{\n\t"a" : [ ]\n}',
  ])('keep the exact text of their detail: %s', async (Detail) => {
    const [body = ''] = await queued([{ ...GOOD, Detail }]);
    expect(body.endsWith(`,"detail":${Detail}}`)).toBe(true);
  });

  it.each([undefined, 'default', 'djinn-ci', 'arn:aws:events:us-east-1:000000000000:event-bus/djinn-ci'])(
    'may name the bus as %s',
    async (EventBusName) => {
      expect(await queued([{ ...GOOD, EventBusName }])).toHaveLength(1);
    },
  );

  it('are dropped where the rule does not match their source', async () => {
    const before = (await engine.inspect('events')).ready.length;
    const { FailedEntryCount, Entries } = await put([{ ...GOOD, Source: 'other' }, GOOD]);
    expect({ FailedEntryCount, Entries }).toEqual({ FailedEntryCount: 0, Entries: [ACCEPTED, ACCEPTED] });
    expect((await engine.inspect('events')).ready).toHaveLength(before + 1);
  });

  it("are the service's own by their source: shown to the operator, and never queued", async () => {
    const notices: BusNotice[] = [];
    const own = await serveBus(queue(sqs, engine.queueUrl('events')), (notice) => notices.push(notice));
    const before = (await engine.inspect('events')).ready.length;
    const Source = 'djinn-ci-webhooks';
    const refused = { ...GOOD, Source, Detail: '[]' };
    const { FailedEntryCount } = await put([{ ...GOOD, Source, DetailType: 'webhook.failing' }, refused], own);
    expect(FailedEntryCount).toBe(1);
    expect(notices).toEqual([{ type: 'webhook.failing', detail: { a: 1 } }]);
    expect((await engine.inspect('events')).ready).toHaveLength(before);
    own.client.destroy();
    await own.stop();
  });

  it('may be 1 MB together', async () => {
    const Detail = `{"a":"${'x'.repeat(500 * 1024)}"}`;
    expect(
      await queued([
        { ...GOOD, Detail },
        { ...GOOD, Detail },
      ]),
    ).toHaveLength(2);
  });
});

describe('entries that are not taken', () => {
  it.each([
    ['InvalidArgument', /Source/, { ...GOOD, Source: undefined }],
    ['InvalidArgument', /Source/, { ...GOOD, Source: '' }],
    ['InvalidArgument', /DetailType/, { ...GOOD, DetailType: undefined }],
    ['InvalidArgument', /Detail /, { ...GOOD, Detail: undefined }],
    ['InvalidArgument', /EventBusName.*djinn-ci/, { ...GOOD, EventBusName: 'djinn' }],
    ['InvalidArgument', /EventBusName/, { ...GOOD, EventBusName: 'arn:aws:events:us-east-1:1:event-bus/no-djinn-ci' }],
    ['InvalidArgument', /Time/, { ...GOOD, Time: new Date(-1000) }],
    ['MalformedDetail', /malformed/, { ...GOOD, Detail: '[1]' }],
    ['MalformedDetail', /malformed/, { ...GOOD, Detail: 'null' }],
    ['MalformedDetail', /malformed/, { ...GOOD, Detail: '{"a":' }],
    ['InvalidArgument', /Detail .*no queue takes/, { ...GOOD, Detail: '{"a":"\uFFFF"}' }],
    ['InvalidArgument', /Detail .*no queue takes/, { ...GOOD, Detail: '{"a":"\uD83D"}' }],
    ['InvalidArgument', /DetailType .*no queue takes/, { ...GOOD, DetailType: 'cron\uFFFE' }],
    ['InvalidArgument', /Resources .*no queue takes/, { ...GOOD, Resources: ['arn:one', '\uDE00'] }],
    ['NotAuthorizedForSourceException', /source/, { ...GOOD, Source: 'aws.ec2' }],
  ])('%s %s: are reported in their place, and the others are taken', async (code, message, entry) => {
    const before = (await engine.inspect('events')).ready.length;
    const { FailedEntryCount, Entries } = await put([GOOD, entry, GOOD]);
    const failure = { ErrorCode: code, ErrorMessage: expect.stringMatching(message) };
    expect({ FailedEntryCount, Entries }).toEqual({ FailedEntryCount: 1, Entries: [ACCEPTED, failure, ACCEPTED] });
    expect((await engine.inspect('events')).ready).toHaveLength(before + 2);
  });

  it('are reported where the queue has not taken them', async () => {
    const failing = await serveBus({ send: async (messages) => messages.map((_, index) => index !== 1) });
    const { FailedEntryCount, Entries } = await put([GOOD, { ...GOOD, Source: 'other' }, GOOD, GOOD], failing);
    expect(FailedEntryCount).toBe(1);
    const failure = expect.objectContaining({ ErrorCode: 'InternalFailure' });
    expect(Entries).toEqual([ACCEPTED, ACCEPTED, failure, ACCEPTED]);
    failing.client.destroy();
    await failing.stop();
  });

  it('are all reported where the queue is gone', async () => {
    const gone = new SQSClient({ ...local('http://127.0.0.1:1'), maxAttempts: 1 });
    const failing = await serveBus(queue(gone, 'http://127.0.0.1:1/000000000000/events'));
    const { Entries } = await put([GOOD, { ...GOOD, Detail: '' }], failing);
    expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual(['InternalFailure', 'InvalidArgument']);
    failing.client.destroy();
    gone.destroy();
    await failing.stop();
  });
});

describe('a request that is refused as a whole', () => {
  const megabyte = { ...GOOD, Detail: `{"a":"${'x'.repeat(1024 * 1024)}"}` };

  it.each([
    ['no entry', []],
    ['eleven entries', Array(11).fill(GOOD)],
    ['one entry over 1 MB', [megabyte]],
    ['entries over 1 MB together', Array(3).fill({ ...GOOD, Detail: `{"a":"${'é'.repeat(200_000)}"}` })],
  ])('is an exception of the SDK: %s', async (_, entries) => {
    const before = (await engine.inspect('events')).ready.length;
    await expect(put(entries)).rejects.toMatchObject({
      name: 'ValidationException',
      $metadata: { httpStatusCode: 400 },
    });
    expect((await engine.inspect('events')).ready).toHaveLength(before);
  });
});
