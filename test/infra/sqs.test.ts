import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SqsBatchResponse, SqsEvent } from '../../functions/runtime/sqs-event.ts';
import { local } from '../../infra/local/aws.ts';
import type { Running } from '../../infra/local/lambda.ts';
import { type SqsEngine, startSqs } from '../../infra/local/sqs.ts';
import { StartError } from '../../infra/local/start-error.ts';
import { until } from '../support/until.ts';

/** On the disk, as `npm start` has it. */
const folder = mkdtempSync(join(tmpdir(), 'djinn-mapping-'));
let engine: SqsEngine;
let running: Running[] = [];
let errors: string[] = [];

beforeAll(async () => {
  engine = await startSqs(folder);
  const sqs = new SQSClient(local(engine.endpoint));
  const Attributes = { VisibilityTimeout: '1' };
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: engine.queueUrl('events'), Attributes }));
  sqs.destroy();
});
afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()));
  running = [];
  errors = [];
});
afterAll(async () => {
  await engine.stop();
  rmSync(folder, { recursive: true });
});

const DONE: SqsBatchResponse = { batchItemFailures: [] };

function send(bodies: readonly string[]): Promise<boolean[]> {
  return engine.queue('events').send(bodies.map((body) => ({ body, attributes: { reason: 'a test' } })));
}

function map(handler: (event: SqsEvent) => Promise<SqsBatchResponse>): Running {
  const onError = ({ message }: Error) => errors.push(message);
  const mapped = engine.map({ queueUrl: engine.queueUrl('events'), concurrency: 1, handler, onError });
  running.push(mapped);
  return mapped;
}

async function untilEmpty(): Promise<void> {
  await until('the queue is empty', async () => {
    const { ready, inFlight } = await engine.inspect('events');
    return ready.length + inFlight.length === 0;
  });
}

function texts(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `message ${index}`);
}

describe('messages that are sent without the wire', () => {
  it('are on the disk when that is said', async () => {
    expect(await send(texts(25))).toEqual(Array(25).fill(true));
    const database = new DatabaseSync(join(folder, 'fauxqs.db'), { readOnly: true });
    const rows = database.prepare('SELECT body FROM sqs_messages').all();
    database.close();
    expect(rows.map(({ body }) => body).toSorted()).toEqual(texts(25).toSorted());
    map(async () => DONE);
    await untilEmpty();
  });

  it('are refused by name where the queue does not take them, and the others taken', async () => {
    expect(await send(['good', 'U+FFFE: \uFFFE', 'good, too'])).toEqual([true, false, true]);
    map(async () => DONE);
    await untilEmpty();
    await expect(send(['x'.repeat(2 ** 20 + 1)])).rejects.toThrow('Batch requests cannot be longer than');
    expect(() => engine.queue('no such queue').send([])).toThrow('There is no queue no such queue');
  });
});

describe('a function in another thread than its pollers', () => {
  it('has batches of up to ten, each message once, with what Lambda says of it', async () => {
    await send(texts(25));
    const records: unknown[] = [];
    map(async ({ Records }) => {
      records.push(...Records);
      return DONE;
    });
    await untilEmpty();
    expect(records).toHaveLength(25);
    expect(records).toContainEqual({
      messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      receiptHandle: expect.stringMatching(/^[0-9a-f-]{36}$/),
      body: 'message 24',
      attributes: expect.objectContaining({
        ApproximateReceiveCount: '1',
        SentTimestamp: expect.stringMatching(/^\d{13}$/),
      }),
      messageAttributes: { reason: { DataType: 'String', StringValue: 'a test' } },
      eventSource: 'aws:sqs',
    });
    expect(errors).toEqual([]);
  });

  it('gives back what has failed, and all of a batch where it throws', async () => {
    await send(texts(3));
    // What comes back together may come in several batches.
    const times = new Map<string, number>();
    map(async ({ Records }) => {
      const isFirst = times.size === 0;
      for (const { body } of Records) times.set(body, (times.get(body) ?? 0) + 1);
      if (isFirst) throw new Error('The table is gone');
      const failed = Records.filter(({ body }) => body === 'message 1' && times.get(body) === 2);
      return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    });
    await untilEmpty();
    expect(Object.fromEntries(times)).toEqual({ 'message 0': 2, 'message 1': 3, 'message 2': 2 });
    expect(errors).toEqual(['The table is gone']);
  });

  it('is waited for when it is stopped, and takes no more', async () => {
    await send(['message']);
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    let batches = 0;
    const mapped = map(async () => {
      batches += 1;
      await released;
      return DONE;
    });
    await until('the batch is being handled', () => batches === 1);
    let isStopped = false;
    const stopped = mapped.stop().then(() => {
      isStopped = true;
    });
    running = [];
    await send(['late']);
    // Longer than what an idle one takes to stop.
    await sleep(100);
    expect(isStopped).toBe(false);
    release();
    await stopped;
    expect([batches, (await engine.inspect('events')).ready]).toEqual([1, ['late']]);
  });
});

it('says what to do where the queues of an earlier run are damaged', async () => {
  const damaged = mkdtempSync(join(tmpdir(), 'djinn-damaged-'));
  writeFileSync(join(damaged, 'fauxqs.db'), 'x'.repeat(8_192));
  const starting = startSqs(damaged);
  await expect(starting).rejects.toThrow(StartError);
  await expect(starting).rejects.toThrow(
    new RegExp(`^The queues in ${damaged} cannot be opened \\(.+\\): put the folder back from a backup, or remove it`),
  );
  rmSync(damaged, { recursive: true });
});
