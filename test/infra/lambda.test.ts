import { setTimeout as sleep } from 'node:timers/promises';
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SqsBatchResponse, SqsEvent } from '../../functions/runtime/sqs-event.ts';
import { queue } from '../../functions/transport/queue.ts';
import { local } from '../../infra/local/aws.ts';
import { mapQueue, type Running } from '../../infra/local/lambda.ts';
import { type SqsEngine, startSqs } from '../../infra/local/sqs.ts';
import { until } from '../support/until.ts';

type Handler = (event: SqsEvent) => Promise<SqsBatchResponse>;
/** What of a record the engine adds, and only these tests look at. */
type Record = SqsEvent['Records'][number] & { readonly attributes: { readonly ApproximateReceiveCount: string } };

let engine: SqsEngine;
let sqs: SQSClient;
let queues = 0;
let running: Running[] = [];
let errors: Error[] = [];

beforeAll(async () => {
  engine = await startSqs(undefined);
  sqs = new SQSClient(local(engine.endpoint));
});
afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()));
  running = [];
  errors = [];
});
afterAll(async () => {
  sqs.destroy();
  await engine.stop();
});

/** A queue of its own, whose messages come again after a second. */
async function newQueue(attributes: Readonly<{ [name: string]: string }> = {}) {
  queues += 1;
  const name = `queue-${queues}`;
  const Attributes = { VisibilityTimeout: '1', ...attributes };
  const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  const bodiesIn = async () => {
    const { ready, inFlight, delayed } = await engine.inspect(name);
    return [...ready, ...inFlight, ...delayed];
  };
  return { url, bodiesIn, send: (bodies: readonly string[]) => queue(sqs, url).send(bodies.map((body) => ({ body }))) };
}

type Size = Pick<Parameters<typeof mapQueue>[0], 'concurrency' | 'maximumConcurrency'>;

function map(queueUrl: string, handler: Handler, size: Size = { concurrency: 1 }): Running {
  const mapping = mapQueue({ sqs, queueUrl, handler, ...size, onError: (error) => errors.push(error) });
  running.push(mapping);
  return mapping;
}

function texts(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `message ${index}`);
}

const DONE: SqsBatchResponse = { batchItemFailures: [] };

function receiveCount(record: SqsEvent['Records'][number] | undefined): number {
  return Number((record as Record | undefined)?.attributes.ApproximateReceiveCount);
}

describe('a mapped queue', () => {
  it('is worked off in batches of up to ten, each message once', async () => {
    const { url, send, bodiesIn } = await newQueue();
    await send(texts(25));
    const batches: SqsEvent[] = [];
    map(url, async (event) => {
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
    expect(errors).toEqual([]);
  });

  it('keeps of a batch what has failed, and gives it again, counted', async () => {
    const { url, send, bodiesIn } = await newQueue();
    await send(texts(4));
    const seen = new Map<string, number[]>();
    map(url, async ({ Records }) => {
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
    expect(errors).toEqual([]);
  });

  it('keeps all of a batch whose handler throws, and says so', async () => {
    const { url, send, bodiesIn } = await newQueue();
    await send(texts(3));
    const batches: string[][] = [];
    map(url, async ({ Records }) => {
      batches.push(Records.map(({ body }) => body).toSorted());
      if (batches.length === 1) throw new Error('The table is gone');
      return DONE;
    });
    await until('the queue is empty', async () => (await bodiesIn()).length === 0);
    expect(batches).toEqual([texts(3), texts(3)]);
    expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining('The table is gone')]);
  });

  it('gives a poison message up to its dead-letter queue', async () => {
    const dead = await newQueue();
    const arn = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: dead.url, AttributeNames: ['QueueArn'] }));
    const redrive = { deadLetterTargetArn: arn.Attributes?.['QueueArn'], maxReceiveCount: 2 };
    const { url, send, bodiesIn } = await newQueue({ RedrivePolicy: JSON.stringify(redrive) });
    await send(['poison', 'good']);
    let receives = 0;
    map(url, async ({ Records }) => {
      const poison = Records.filter(({ body }) => body === 'poison');
      receives += poison.length;
      return { batchItemFailures: poison.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    });
    await until('the message is dead', async () => (await dead.bodiesIn()).length > 0);
    expect([receives, await bodiesIn(), await dead.bodiesIn()]).toEqual([2, [], ['poison']]);
  });

  it('is worked on by as many as are asked for, at once', async () => {
    const { url, send, bodiesIn } = await newQueue({ VisibilityTimeout: '60' });
    await send(texts(30));
    const { promise: all, resolve } = Promise.withResolvers<SqsBatchResponse>();
    let atOnce = 0;
    const handler: Handler = () => {
      atOnce += 1;
      if (atOnce === 3) resolve(DONE);
      return all;
    };
    map(url, handler, { concurrency: 3 });
    await until('the queue is empty', async () => (await bodiesIn()).length === 0);
    expect(atOnce).toBe(3);
  });
});

describe('a mapped queue whose batches take long', () => {
  /** A handler that keeps its batches until they are released; `atOnce` says how many it has. */
  function blocking() {
    const { promise: released, resolve } = Promise.withResolvers<void>();
    const seen = { atOnce: 0, most: 0 };
    const handler: Handler = async () => {
      seen.atOnce += 1;
      seen.most = Math.max(seen.most, seen.atOnce);
      await released;
      seen.atOnce -= 1;
      return DONE;
    };
    return { handler, seen, release: resolve };
  }

  /** Counts the pollers: who does not handle a batch waits for one. */
  function countPolls(): () => number {
    let polls = 0;
    sqs.middlewareStack.add(
      (next, context) => async (call) => {
        if (context['commandName'] !== 'ReceiveMessageCommand') return next(call);
        polls += 1;
        return next(call).finally(() => {
          polls -= 1;
        });
      },
      { step: 'initialize', name: 'countPolls', override: true },
    );
    return () => polls;
  }

  it('is worked on by more, up to the maximum, and by as many as before once they are done', async () => {
    const { url, send, bodiesIn } = await newQueue({ VisibilityTimeout: '60' });
    const polls = countPolls();
    const { handler, seen, release } = blocking();
    map(url, handler, { concurrency: 2, maximumConcurrency: 5 });
    await send(texts(80));
    await until('the maximum is reached', () => seen.atOnce === 5);
    // Longer than it took any of the five to come.
    await sleep(1_000);
    expect([seen.atOnce, (await bodiesIn()).length, polls()]).toEqual([5, 80, 0]);
    release();
    await until('the queue is empty', async () => (await bodiesIn()).length === 0);
    await until('only as many are left as at the start', () => polls() === 2);
    expect(seen.most).toBe(5);
    expect(errors).toEqual([]);
  });

  it('grows again, as often as it must', async () => {
    const { url, send, bodiesIn } = await newQueue({ VisibilityTimeout: '60' });
    const polls = countPolls();
    let current = blocking();
    map(url, (event) => current.handler(event), { concurrency: 1, maximumConcurrency: 3 });
    for (let round = 1; round <= 3; round++) {
      current = blocking();
      await send(texts(30));
      await until('the maximum is reached', () => current.seen.atOnce === 3);
      current.release();
      await until('all is as at the start', async () => (await bodiesIn()).length === 0 && polls() === 1);
    }
    expect(errors).toEqual([]);
  });

  it('does not grow where no maximum is named', async () => {
    const { url, send } = await newQueue({ VisibilityTimeout: '60' });
    const { handler, seen, release } = blocking();
    map(url, handler);
    await send(texts(20));
    await until('a batch is being handled', () => seen.atOnce === 1);
    await sleep(1_000);
    expect(seen.atOnce).toBe(1);
    release();
  });

  it('waits, when it is stopped, for all that are under way, and begins no more', async () => {
    const { url, send, bodiesIn } = await newQueue({ VisibilityTimeout: '60' });
    const { handler, seen, release } = blocking();
    const mapping = map(url, handler, { concurrency: 1, maximumConcurrency: 3 });
    await send(texts(40));
    await until('a second batch is being handled', () => seen.atOnce === 2);
    let isStopped = false;
    const stopped = mapping.stop().then(() => {
      isStopped = true;
    });
    // Longer than it took the second one to come.
    await sleep(1_000);
    expect([isStopped, seen.atOnce]).toEqual([false, 2]);
    release();
    await stopped;
    expect([(await bodiesIn()).length, seen.most, errors]).toEqual([20, 2, []]);
  });
});

describe('stopping', () => {
  it('waits for the batch that is being handled, and deletes what was done', async () => {
    const { url, send, bodiesIn } = await newQueue({ VisibilityTimeout: '60' });
    await send(['message']);
    const { promise: end, resolve } = Promise.withResolvers<SqsBatchResponse>();
    let isHandling = false;
    const mapping = map(url, () => {
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
    expect(errors).toEqual([]);
  });

  it('does not wait for messages that have not come, and takes none that come later', async () => {
    const { url, send, bodiesIn } = await newQueue();
    let batches = 0;
    const mapping = map(url, async () => {
      batches += 1;
      return DONE;
    });
    await mapping.stop();
    await send(['late']);
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 2 }));
    expect([Messages.length, batches, (await bodiesIn()).length, errors]).toEqual([1, 0, 1, []]);
  });
});
