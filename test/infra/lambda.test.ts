import { setTimeout as sleep } from 'node:timers/promises';
import { GetQueueAttributesCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SqsBatchResponse, SqsEvent } from '../../functions/runtime/sqs-event.ts';
import { DONE, type MappedQueues, openMappedQueues, texts } from '../support/mapped-queues.ts';
import { until } from '../support/until.ts';

/** What of a record the engine adds, and only these tests look at. */
type Record = SqsEvent['Records'][number] & { readonly attributes: { readonly ApproximateReceiveCount: string } };

let queues: MappedQueues;

beforeAll(async () => {
  queues = await openMappedQueues();
});
afterEach(() => queues.unmap());
afterAll(() => queues.stop());

function receiveCount(record: SqsEvent['Records'][number] | undefined): number {
  return Number((record as Record | undefined)?.attributes.ApproximateReceiveCount);
}

describe('a mapped queue', () => {
  it('is worked off in batches of up to ten, each message once', async () => {
    const { url, send, bodiesIn } = await queues.newQueue();
    await send(texts(25));
    const batches: SqsEvent[] = [];
    queues.map(url, async (event) => {
      batches.push(event);
      return DONE;
    });
    await until('the queue is empty', async () => (await bodiesIn()).length === 0);
    expect(batches.map(({ Records }) => Records.length)).toEqual([10, 10, 5]);
    expect(batches.flatMap(({ Records }) => Records.map(({ body }) => body)).toSorted()).toEqual(texts(25).toSorted());
    expect(batches[0]?.Records[0]).toMatchObject({
      messageId: expect.stringMatching(/./),
      receiptHandle: expect.stringMatching(/./),
      eventSource: 'aws:sqs',
      attributes: { ApproximateReceiveCount: '1' },
    });
    expect(queues.errors).toEqual([]);
  });

  it('keeps of a batch what has failed, and gives it again, counted', async () => {
    const { url, send, bodiesIn } = await queues.newQueue();
    await send(texts(4));
    const seen = new Map<string, number[]>();
    queues.map(url, async ({ Records }) => {
      for (const one of Records) seen.set(one.body, [...(seen.get(one.body) ?? []), receiveCount(one)]);
      const failed = Records.filter((one) => one.body === 'message 2' && receiveCount(one) < 3);
      return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    });
    await until('all but one are done', async () => (await bodiesIn()).length === 1);
    expect(await bodiesIn()).toEqual(['message 2']);
    await until('the queue is empty', async () => (await bodiesIn()).length === 0);
    expect([...seen]).toEqual([
      ['message 0', [1]],
      ['message 1', [1]],
      ['message 2', [1, 2, 3]],
      ['message 3', [1]],
    ]);
    expect(queues.errors).toEqual([]);
  });

  it('keeps all of a batch whose handler throws, and says so', async () => {
    const { url, send, bodiesIn } = await queues.newQueue();
    await send(texts(3));
    // What comes back together may come in several batches.
    const handled: string[] = [];
    queues.map(url, async ({ Records }) => {
      const isFirst = handled.length === 0;
      handled.push(...Records.map(({ body }) => body));
      if (isFirst) throw new Error('The table is gone');
      return DONE;
    });
    await until('the queue is empty', async () => (await bodiesIn()).length === 0);
    expect(handled.toSorted()).toEqual([...texts(3), ...texts(3)].toSorted());
    expect(queues.errors.map(({ message }) => message)).toEqual([expect.stringContaining('The table is gone')]);
  });

  it('gives a poison message up to its dead-letter queue', async () => {
    const dead = await queues.newQueue();
    const arn = await queues.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: dead.url, AttributeNames: ['QueueArn'] }),
    );
    const redrive = { deadLetterTargetArn: arn.Attributes?.['QueueArn'], maxReceiveCount: 2 };
    const { url, send, bodiesIn } = await queues.newQueue({ RedrivePolicy: JSON.stringify(redrive) });
    await send(['poison', 'good']);
    let receives = 0;
    queues.map(url, async ({ Records }) => {
      const poison = Records.filter(({ body }) => body === 'poison');
      receives += poison.length;
      return { batchItemFailures: poison.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    });
    await until('the message is dead', async () => (await dead.bodiesIn()).length > 0);
    expect([receives, await bodiesIn(), await dead.bodiesIn()]).toEqual([2, [], ['poison']]);
  });
});

describe('stopping', () => {
  it('waits for the batch that is being handled, and deletes what was done', async () => {
    const { url, send, bodiesIn } = await queues.newQueue({ VisibilityTimeout: '60' });
    await send(['message']);
    const { promise: end, resolve } = Promise.withResolvers<SqsBatchResponse>();
    let isHandling = false;
    const mapping = queues.map(url, () => {
      isHandling = true;
      return end;
    });
    await until('the batch is being handled', () => isHandling);
    let isStopped = false;
    const stopped = mapping.stop().then(() => {
      isStopped = true;
    });
    // Longer than what an idle one takes to stop.
    await sleep(100);
    expect(isStopped).toBe(false);
    resolve(DONE);
    await stopped;
    expect(await bodiesIn()).toEqual([]);
    expect(queues.errors).toEqual([]);
  });

  it('does not wait for messages that have not come, and takes none that come later', async () => {
    const { url, send, bodiesIn } = await queues.newQueue();
    let batches = 0;
    const mapping = queues.map(url, async () => {
      batches += 1;
      return DONE;
    });
    await mapping.stop();
    await send(['late']);
    const { Messages = [] } = await queues.sqs.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 2 }));
    expect([Messages.length, batches, (await bodiesIn()).length, queues.errors]).toEqual([1, 0, 1, []]);
  });
});
