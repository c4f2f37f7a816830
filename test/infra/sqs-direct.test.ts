import { getEventListeners } from 'node:events';
import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DirectSqs, directSqs } from '../../infra/local/sqs-direct.ts';

let sqs: DirectSqs;
let server: FauxqsServer;
let QueueUrl: string;

beforeAll(async () => {
  sqs = await directSqs();
  server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
  QueueUrl = server.createQueue('q').queueUrl;
});
afterAll(() => server.stop());

const receive = (WaitTimeSeconds: number, abortSignal: AbortSignal) =>
  sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds, MaxNumberOfMessages: 10 }), { abortSignal });

it('answers as it would over the wire', async () => {
  const Entries = ['a', 'b'].map((text) => ({ Id: text, MessageBody: `message ${text}` }));
  const { Successful = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  expect(Successful.map(({ Id }) => Id)).toEqual(['a', 'b']);
  const { Messages = [] } = await receive(0, new AbortController().signal);
  expect(Messages.map(({ Body }) => Body)).toEqual(['message a', 'message b']);
  const handles = Messages.map(({ MessageId: Id, ReceiptHandle }) => ({ Id, ReceiptHandle }));
  await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: handles }));
  expect(server.inspectQueue('q')?.messages).toEqual({ ready: [], delayed: [], inflight: [] });
});

it('throws what SQS answers with', async () => {
  const missing = new SendMessageCommand({ QueueUrl: `${QueueUrl}-2`, MessageBody: 'x' });
  await expect(sqs.send(missing)).rejects.toThrow(/queue does not exist/i);
});

it('a poll is cut short by its signal, with its reason', async () => {
  const stop = new AbortController();
  const polling = receive(20, stop.signal);
  const reason = new Error('It stops');
  stop.abort(reason);
  await expect(polling).rejects.toBe(reason);
});

it('a signal that serves for many polls is not listened to once a poll is over', async () => {
  const { signal } = new AbortController();
  for (let poll = 0; poll < 3; poll++) {
    const polling = receive(1, signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await polling;
  }
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});
