import {
  ReceiveMessageCommand,
  type SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SendMessageBatchResult,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OutgoingMessage, queue, type Refusal } from '../../functions/transport/queue.ts';
import { local } from '../../infra/local/aws.ts';
import { type SqsEngine, startSqs } from '../../infra/local/sqs.ts';

const MIB = 1024 * 1024;

let engine: SqsEngine;
let sqs: SQSClient;
/** The entries of every call that was made, in order. */
let calls: SendMessageBatchRequestEntry[][];

beforeEach(async () => {
  engine = await startSqs(undefined);
  sqs = new SQSClient(local(engine.endpoint));
  calls = [];
  refusals = [];
  sqs.middlewareStack.add(
    (next) => async (args) => {
      const { Entries } = args.input as SendMessageBatchCommand['input'];
      if (Entries !== undefined) calls.push(Entries);
      return next(args);
    },
    { step: 'initialize' },
  );
});

afterEach(async () => {
  sqs.destroy();
  await engine.stop();
});

/** What its caller was told that it did not take. */
let refusals: Refusal[];
const deliveries = () => queue(sqs, engine.queueUrl('deliveries'), { onRefused: (refusal) => refusals.push(refusal) });
const numbered = (count: number) => Array.from({ length: count }, (_, index) => ({ body: `message ${index}` }));
const inQueue = async () => (await engine.inspect('deliveries')).ready.toSorted();

/** Withholds messages from the queue, and says in the answer that they failed, while `fails` says so. */
function failing(fails: (body: string, call: number) => boolean): void {
  let call = 0;
  sqs.middlewareStack.add(
    (next) => async (args) => {
      const input = args.input as SendMessageBatchCommand['input'];
      const entries = input.Entries ?? [];
      call += 1;
      const isFailing = new Set(entries.filter(({ MessageBody = '' }) => fails(MessageBody, call)));
      const Failed = [...isFailing].map(({ Id }) => ({ Id, SenderFault: false, Code: 'InternalError' }));
      const kept = entries.filter((one) => !isFailing.has(one));
      if (kept.length === 0) return { output: { $metadata: {}, Successful: [], Failed }, response: {} } as never;
      const result = await next({ ...args, input: { ...input, Entries: kept } });
      const output = result.output as SendMessageBatchResult;
      return { ...result, output: { ...result.output, Failed: [...(output.Failed ?? []), ...Failed] } };
    },
    { step: 'initialize', priority: 'low' },
  );
}

test('sends nothing without messages', async () => {
  expect(await deliveries().send([])).toEqual([]);
  expect(calls).toEqual([]);
});

test('sends in batches of ten', async () => {
  const messages = numbered(23);
  expect(await deliveries().send(messages)).toEqual(messages.map(() => true));
  expect(calls.map(({ length }) => length)).toEqual([10, 10, 3]);
  expect(await inQueue()).toEqual(messages.map(({ body }) => body).toSorted());
});

test('sends no more bytes in a batch than SQS takes', async () => {
  // Three bytes a character: lengths are counted in bytes, not in characters.
  const messages = ['a', 'b', 'c'].map((name) => ({ body: name + '€'.repeat(170_000) }));
  expect(await deliveries().send(messages)).toEqual([true, true, true]);
  expect(calls.map((entries) => entries.map(({ MessageBody }) => MessageBody?.[0]))).toEqual([['a', 'b'], ['c']]);
  expect(await inQueue()).toHaveLength(3);
});

test.each([
  [MIB / 2, [2]],
  [MIB / 2 + 1, [1, 1]],
  [MIB, [1, 1]],
])('puts two messages of %i bytes in batches of %j', async (bytes, sizes) => {
  const messages = [{ body: 'x'.repeat(bytes) }, { body: 'y'.repeat(bytes) }];
  expect(await deliveries().send(messages)).toEqual([true, true]);
  expect(calls.map(({ length }) => length)).toEqual(sizes);
});

test.each([
  [22, [2]],
  [21, [1, 1]],
])('counts the attributes of messages, names and types included: with room for %i bytes', async (room, sizes) => {
  const half = { body: 'x'.repeat(MIB / 2 - room), attributes: { reason: 'unreadable' } };
  expect(await deliveries().send([half, half])).toEqual([true, true]);
  expect(calls.map(({ length }) => length)).toEqual(sizes);
});

test('sends attributes and the group', async () => {
  await deliveries().send([{ body: 'one', groupId: '7', attributes: { reason: 'no namespace', count: '2' } }]);
  // The local engine does not give the group back.
  expect(calls[0]?.[0]?.MessageGroupId).toBe('7');
  const command = new ReceiveMessageCommand({
    QueueUrl: engine.queueUrl('deliveries'),
    MessageAttributeNames: ['All'],
  });
  const { Messages = [] } = await sqs.send(command);
  expect(Messages).toMatchObject([
    {
      Body: 'one',
      MessageAttributes: {
        reason: { DataType: 'String', StringValue: 'no namespace' },
        count: { DataType: 'String', StringValue: '2' },
      },
    },
  ]);
});

test('delays each message as it says', async () => {
  const messages: OutgoingMessage[] = [
    { body: 'late', delaySeconds: 900 },
    { body: 'now', delaySeconds: 0 },
    { body: 'as the queue does' },
  ];
  await deliveries().send(messages);
  expect(await inQueue()).toEqual(['as the queue does', 'now']);
  expect((await engine.inspect('deliveries')).delayed).toEqual(['late']);
});

test('sends again only what failed', async () => {
  const messages = numbered(10);
  failing((body, call) => call === 1 && ['message 2', 'message 5', 'message 9'].includes(body));
  expect(await deliveries().send(messages)).toEqual(messages.map(() => true));
  expect(calls.map((entries) => entries.length)).toEqual([10, 3]);
  expect(calls[1]?.map(({ MessageBody }) => MessageBody)).toEqual(['message 2', 'message 5', 'message 9']);
  expect(await inQueue()).toEqual(messages.map(({ body }) => body));
  expect(refusals).toEqual([]);
});

test('says which messages fail for good, after three tries, and goes on with the next batch', async () => {
  const messages = numbered(12);
  failing((body) => ['message 3', 'message 11'].includes(body));
  const sent = await deliveries().send(messages);
  expect(sent.flatMap((isSent, index) => (isSent ? [] : [index]))).toEqual([3, 11]);
  expect(calls.map(({ length }) => length)).toEqual([10, 2, 1, 1, 1, 1]);
  expect(await inQueue()).toHaveLength(10);
  expect(refusals).toEqual(
    [1, 1].map((one) => ({ url: engine.queueUrl('deliveries'), messages: one, codes: ['InternalError'] })),
  );
});

test('has a few batches under way at once, and no more', async () => {
  let underWay = 0;
  const counts: number[] = [];
  sqs.middlewareStack.add(
    (next) => async (args) => {
      counts.push(++underWay);
      return next(args).finally(() => underWay--);
    },
    { step: 'initialize' },
  );
  const messages = numbered(200);
  expect(await deliveries().send(messages)).toEqual(messages.map(() => true));
  expect(await inQueue()).toEqual(messages.map(({ body }) => body).toSorted());
  expect([counts.length, Math.max(...counts)]).toEqual([20, 5]);
});

test('says what the queue itself refuses', async () => {
  const noText = { body: '\u0000' };
  expect(await deliveries().send([{ body: 'a' }, noText, { body: 'c' }])).toEqual([true, false, true]);
  expect(await inQueue()).toEqual(['a', 'c']);
  expect(refusals).toMatchObject([{ messages: 1, codes: [expect.stringContaining('Invalid')] }]);
});

test('throws where a whole call fails, and sends the others before it does', async () => {
  sqs.middlewareStack.add(
    (next) => async (args) => {
      const { Entries = [] } = args.input as SendMessageBatchCommand['input'];
      if (Entries.some(({ Id }) => Id === '3')) throw new Error('No answer');
      return next(args);
    },
    { step: 'initialize' },
  );
  const messages = numbered(100);
  await expect(deliveries().send(messages)).rejects.toThrow('No answer');
  expect(await inQueue()).toHaveLength(90);
});

test('throws where there is no such queue', async () => {
  const unknown = queue(sqs, `${engine.queueUrl('deliveries')}-of-another`);
  await expect(unknown.send([{ body: 'a' }])).rejects.toThrow();
});
