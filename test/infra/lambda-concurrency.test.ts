import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SqsBatchResponse } from '../../functions/runtime/sqs-event.ts';
import { DONE, type Handler, type MappedQueues, openMappedQueues, texts } from '../support/mapped-queues.ts';
import { until } from '../support/until.ts';

let queues: MappedQueues;

beforeAll(async () => {
  queues = await openMappedQueues();
});
afterEach(() => queues.unmap());
afterAll(() => queues.stop());

describe('a mapped queue', () => {
  it('is worked on by as many as are asked for, at once', async () => {
    const { url, send, bodiesIn } = await queues.newQueue({ VisibilityTimeout: '60' });
    await send(texts(30));
    const { promise: all, resolve } = Promise.withResolvers<SqsBatchResponse>();
    let atOnce = 0;
    const handler: Handler = () => {
      atOnce += 1;
      if (atOnce === 3) resolve(DONE);
      return all;
    };
    queues.map(url, handler, { concurrency: 3 });
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
    queues.sqs.middlewareStack.add(
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
    const { url, send, bodiesIn } = await queues.newQueue({ VisibilityTimeout: '60' });
    const polls = countPolls();
    const { handler, seen, release } = blocking();
    queues.map(url, handler, { concurrency: 2, maximumConcurrency: 5 });
    await send(texts(80));
    await until('the maximum is reached', () => seen.atOnce === 5);
    // Longer than it took any of the five to come.
    await sleep(1_000);
    expect([seen.atOnce, (await bodiesIn()).length, polls()]).toEqual([5, 80, 0]);
    release();
    await until('the queue is empty', async () => (await bodiesIn()).length === 0);
    await until('only as many are left as at the start', () => polls() === 2);
    expect(seen.most).toBe(5);
    expect(queues.errors).toEqual([]);
  });

  it('grows again, as often as it must', async () => {
    const { url, send, bodiesIn } = await queues.newQueue({ VisibilityTimeout: '60' });
    const polls = countPolls();
    let current = blocking();
    queues.map(url, (event) => current.handler(event), { concurrency: 1, maximumConcurrency: 3 });
    for (let round = 1; round <= 3; round++) {
      current = blocking();
      await send(texts(30));
      await until('the maximum is reached', () => current.seen.atOnce === 3);
      current.release();
      await until('all is as at the start', async () => (await bodiesIn()).length === 0 && polls() === 1);
    }
    expect(queues.errors).toEqual([]);
  });

  it('does not grow where no maximum is named', async () => {
    const { url, send } = await queues.newQueue({ VisibilityTimeout: '60' });
    const { handler, seen, release } = blocking();
    queues.map(url, handler);
    await send(texts(20));
    await until('a batch is being handled', () => seen.atOnce === 1);
    await sleep(1_000);
    expect(seen.atOnce).toBe(1);
    release();
  });

  it('waits, when it is stopped, for all that are under way, and begins no more', async () => {
    const { url, send, bodiesIn } = await queues.newQueue({ VisibilityTimeout: '60' });
    const { handler, seen, release } = blocking();
    const mapping = queues.map(url, handler, { concurrency: 1, maximumConcurrency: 3 });
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
    expect([(await bodiesIn()).length, seen.most, queues.errors]).toEqual([20, 2, []]);
  });
});
