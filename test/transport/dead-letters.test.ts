import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deadLetters } from '../../functions/transport/dead-letters.ts';
import { type OutgoingMessage, queue } from '../../functions/transport/queue.ts';
import { local } from '../../infra/local/aws.ts';
import { type SqsEngine, startSqs } from '../../infra/local/sqs.ts';
import { intercept } from '../support/failing.ts';

let folder: string;
let engine: SqsEngine;
let sqs: SQSClient;

// On disk, as npm start has it: there fauxqs has faults that it does not have in memory.
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'djinn-'));
  engine = await startSqs(folder);
  sqs = new SQSClient(local(engine.endpoint));
});
afterEach(async () => {
  sqs.destroy();
  await engine.stop();
  rmSync(folder, { recursive: true, force: true });
});

function letters(name: 'events' | 'deliveries' = 'events') {
  return deadLetters({
    sqs,
    deadLetterUrl: engine.queueUrl(`${name}-dead-letter`),
    sourceUrl: engine.queueUrl(name),
  });
}

async function bury(messages: readonly OutgoingMessage[], name = 'events'): Promise<void> {
  await queue(sqs, engine.queueUrl(`${name}-dead-letter`)).send(messages);
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => ({ body: `message ${index}` }));
const bodies = (count: number) =>
  numbered(count)
    .map(({ body }) => body)
    .toSorted();
const dead = () => engine.inspect('events-dead-letter');
const back = async () => (await engine.inspect('events')).ready.toSorted();

/** Bodies, or their beginnings, of what can be received from the dead-letter queue once all that was held is back. */
async function handedBack(): Promise<readonly string[]> {
  // What is handed back can be received after a second; fauxqs looks at its clock when it is asked for messages.
  await sleep(1_100);
  const { letters: listed } = await letters().list(100);
  await sleep(1_100);
  return listed.map(({ excerpt }) => excerpt).toSorted();
}

async function receiveOne(name: string): Promise<Message | undefined> {
  const QueueUrl = engine.queueUrl(name);
  const command = new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ['All'] });
  return (await sqs.send(command)).Messages?.[0];
}

describe('the list', () => {
  it('says of each what it is, and why it is there where that is known', async () => {
    const before = Date.now();
    await bury([{ body: `😀${'x'.repeat(5_000)}`, attributes: { reason: 'The detail is not a JSON object' } }]);
    const { letters: listed, inFlight } = await letters().list(10);
    expect(listed).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        sentAt: expect.stringMatching(/Z$/),
        receives: 1,
        reason: 'The detail is not a JSON object',
        excerpt: `😀${'x'.repeat(198)}`,
      },
    ]);
    expect(Date.parse(listed[0]?.sentAt ?? '')).toBeGreaterThanOrEqual(before);
    expect(inFlight).toBe(0);
  });

  it('leaves all of them where they are, to be looked at again and again', async () => {
    await bury(numbered(23));
    for (const looks of [1, 2, 3]) {
      const { letters: listed } = await letters().list(100);
      expect(listed.map(({ excerpt }) => excerpt).toSorted()).toEqual(bodies(23));
      expect(listed.map(({ receives }) => receives)).toEqual(listed.map(() => looks));
      await sleep(1_100);
    }
  });

  it('has no more than it may, and says how many somebody has in hand', async () => {
    await bury(numbered(15));
    await receiveOne('events-dead-letter');
    const { letters: listed, inFlight } = await letters().list(12);
    expect([listed.length, inFlight]).toEqual([12, 1]);
    expect((await dead()).ready).toHaveLength(2);
  });

  it('may be empty', async () => {
    expect(await letters().list(10)).toEqual({ letters: [], inFlight: 0 });
  });
});

/** Sends all back; answers what became of it, with the counts that were told on the way. */
async function redrive(ids?: readonly string[], name: 'events' | 'deliveries' = 'events') {
  const told: number[] = [];
  const onProgress = (count: number) => void told.push(count);
  return { ...(await letters(name).redrive({ ids, startedMs: Date.now(), onProgress })), told };
}

describe('sending back', () => {
  it('takes all to the queue that they come from, whole, and tells how far it is', async () => {
    const whole = `{"text":"${'€😀'.repeat(100_000)}"}`;
    await bury([...numbered(22), { body: whole, attributes: { reason: 'Unknown event type' } }]);
    const { told, ...done } = await redrive();
    expect(done).toEqual({ redriven: 23, left: 0, missing: [] });
    expect(told.at(-1)).toBe(23);
    expect(told.length).toBeGreaterThan(2);
    expect(await back()).toEqual([...bodies(22), whole].toSorted());
    expect(await dead()).toEqual({ ready: [], inFlight: [], delayed: [] });
  });

  it('keeps the group that makes the queue fair', async () => {
    await bury([{ body: 'a delivery' }], 'deliveries');
    const groups: unknown[] = [];
    // fauxqs keeps no groups; SQS answers them with the message.
    const receiving = intercept(sqs, 'ReceiveMessage', async (_, send) => {
      const { output } = (await send()) as { output: { readonly Messages?: readonly Message[] } };
      const Messages = output.Messages?.map((one) => ({
        ...one,
        Attributes: { ...one.Attributes, MessageGroupId: '17' },
      }));
      return { output: { ...output, Messages } };
    });
    const sending = intercept(sqs, 'SendMessageBatch', (input, send) => {
      const { Entries } = input as { readonly Entries: readonly { readonly MessageGroupId?: string }[] };
      groups.push(...Entries.map(({ MessageGroupId }) => MessageGroupId));
      return send();
    });
    expect(await redrive(undefined, 'deliveries')).toMatchObject({ redriven: 1 });
    receiving();
    sending();
    expect(groups).toEqual(['17']);
  });

  it('takes those of the given ids and hands back the others', async () => {
    await bury(numbered(25));
    const { letters: listed } = await letters().list(100);
    await sleep(1_100);
    const wanted = [listed[3], listed[20]].map((one) => one?.id ?? '');
    expect(await redrive([...wanted, 'none'])).toMatchObject({ redriven: 2, left: 23, missing: ['none'] });
    expect(await back()).toEqual([listed[3]?.excerpt, listed[20]?.excerpt].toSorted());
    expect(await handedBack()).toHaveLength(23);
  });

  it('leaves what dies again at once: it would be sent back for ever', async () => {
    await bury(numbered(5));
    const dying = intercept(sqs, 'DeleteMessageBatch', async (_, send) => {
      const deleted = await send();
      await bury([{ body: 'again' }]);
      return deleted;
    });
    const startedMs = Date.now();
    while (Date.now() === startedMs);
    const done = await letters().redrive({ startedMs, onProgress: () => undefined });
    dying();
    expect(done).toEqual({ redriven: 5, left: 1, missing: [] });
    expect(await handedBack()).toEqual(['again']);
  });

  it('that is cut between sending and deleting loses nothing: at worst they come twice', async () => {
    await bury(numbered(5));
    const cut = intercept(sqs, 'DeleteMessageBatch', async () => {
      throw new Error('The line is cut');
    });
    await expect(redrive().finally(cut)).rejects.toThrow('The line is cut');
    expect(await back()).toHaveLength(5);
    expect((await dead()).inFlight).toHaveLength(5);
  });

  it('deletes none that the queue did not take back, and says so', async () => {
    await bury(numbered(3));
    const refusing = intercept(sqs, 'SendMessageBatch', async (input, send) => {
      const { Entries } = input as { Entries: { readonly Id: string; readonly MessageBody: string }[] };
      const refused = Entries.findIndex(({ MessageBody }) => MessageBody === 'message 1');
      const Failed = Entries.splice(refused, refused < 0 ? 0 : 1).map(({ Id }) => ({ Id, Code: 'InternalError' }));
      return Entries.length === 0
        ? { output: { Failed } }
        : send().then(({ output }) => ({ output: { ...output, Failed } }));
    });
    await expect(redrive().finally(refusing)).rejects.toThrow('The queue did not take back a dead letter');
    expect(await back()).toEqual(['message 0', 'message 2']);
    expect((await dead()).inFlight).toEqual(['message 1']);
  });

  it('of nothing does nothing', async () => {
    expect(await redrive()).toEqual({ redriven: 0, left: 0, missing: [], told: [] });
  });
});
