import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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

  it('hands back what it has seen where it is cut short', async () => {
    await bury(numbered(15));
    let receives = 0;
    const cut = intercept(sqs, 'ReceiveMessage', (_, send) => {
      receives += 1;
      return receives > 1 ? Promise.reject(new Error('The line is cut')) : send();
    });
    await expect(letters().list(100).finally(cut)).rejects.toThrow('The line is cut');
    expect(await handedBack()).toEqual(bodies(15));
  });

  it('may be empty', async () => {
    expect(await letters().list(10)).toEqual({ letters: [], inFlight: 0 });
  });
});

/** Sends all back; answers what became of it, with the counts that were told on the way. */
async function redrive(ids?: readonly string[], name: 'events' | 'deliveries' = 'events') {
  const told: number[] = [];
  const onProgress = (count: number) => void told.push(count);
  return { ...(await letters(name).redrive({ ids, onProgress })), told };
}

describe('sending back', () => {
  it('takes all to the queue that they come from, whole, and tells how far it is', async () => {
    const whole = `{"text":"${'€😀'.repeat(100_000)}"}`;
    await bury([...numbered(22), { body: whole, attributes: { reason: 'Unknown event type' } }]);
    const { told, ...done } = await redrive();
    expect(done).toEqual({ redriven: 23, left: 0, missing: [], inFlight: 0 });
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
    expect(await redrive([...wanted, 'none'])).toMatchObject({ redriven: 2, missing: ['none'] });
    expect(await back()).toEqual([listed[3]?.excerpt, listed[20]?.excerpt].toSorted());
    expect(await handedBack()).toHaveLength(23);
  });

  it.each([
    ['right', 0],
    ['half a minute ahead', 30_000],
    ['half a minute behind', -30_000],
  ])('leaves what dies again at once, and nothing else, where the clock of this machine is %s', async (_, aheadMs) => {
    await bury(numbered(5));
    const dying = intercept(sqs, 'DeleteMessageBatch', async (__, send) => {
      const deleted = await send();
      await bury([{ body: 'again' }]);
      return deleted;
    });
    const clock = Date.now.bind(Date);
    const skewed = vi.spyOn(Date, 'now').mockImplementation(() => clock() + aheadMs);
    const { told: _told, ...done } = await redrive().finally(dying);
    skewed.mockRestore();
    expect(done).toEqual({ redriven: 5, left: 1, missing: [], inFlight: 0 });
    expect(await handedBack()).toEqual(['again']);
  });

  it('says how many somebody else has in hand, and leaves them there', async () => {
    await bury(numbered(3));
    await receiveOne('events-dead-letter');
    expect(await redrive()).toMatchObject({ redriven: 2, left: 0, inFlight: 1 });
    expect(await redrive()).toMatchObject({ redriven: 0, left: 0, inFlight: 1 });
    expect((await dead()).inFlight).toHaveLength(1);
  });

  it('that is interrupted ends after the batch that is under way, and holds nothing', async () => {
    await bury(numbered(25));
    const interrupted = new AbortController();
    const { signal } = interrupted;
    const done = await letters().redrive({ onProgress: () => interrupted.abort(), signal });
    expect(done).toMatchObject({ redriven: 10, left: 0, inFlight: 0 });
    expect((await dead()).ready).toHaveLength(15);
    const {
      letters: [one],
    } = await letters().list(1);
    const ids = [one?.id ?? '', 'none'];
    expect(await letters().redrive({ ids, onProgress: () => undefined, signal })).toMatchObject({
      redriven: 0,
      missing: ids,
    });
  });

  it('that is cut between sending and deleting loses nothing: at worst they come twice', async () => {
    await bury(numbered(5));
    const cut = intercept(sqs, 'DeleteMessageBatch', async () => {
      throw new Error('The line is cut');
    });
    await expect(redrive().finally(cut)).rejects.toThrow('The line is cut');
    expect(await back()).toHaveLength(5);
    expect(await handedBack()).toEqual(bodies(5));
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
    expect(await handedBack()).toEqual(['message 1']);
  });

  it('of nothing does nothing', async () => {
    expect(await redrive()).toEqual({ redriven: 0, left: 0, missing: [], inFlight: 0, told: [] });
  });
});

describe('one of them', () => {
  const idsOf = async () => {
    const { letters: listed } = await letters().list(100);
    await sleep(1_100);
    return new Map(listed.map(({ excerpt, id }) => [excerpt, id]));
  };

  it('is shown whole, wherever among the others it is, and stays', async () => {
    const whole = `{"text":"${'€😀'.repeat(100_000)}"}`;
    await bury([...numbered(14), { body: whole, attributes: { reason: 'Unknown event type' } }, ...numbered(14)]);
    const { letters: listed } = await letters().list(100);
    const { id = '' } = listed.find(({ reason }) => reason !== undefined) ?? {};
    await sleep(1_100);
    expect(await letters().find(id)).toMatchObject({ id, reason: 'Unknown event type', receives: 2, body: whole });
    expect(await handedBack()).toHaveLength(29);
  });

  it('is not found where it is not there, or somebody has it in hand', async () => {
    await bury(numbered(1));
    const { MessageId = '' } = (await receiveOne('events-dead-letter')) ?? {};
    expect(await letters().find(MessageId)).toBeUndefined();
    expect(await letters().find('none')).toBeUndefined();
  });

  it('is deleted for good, and no other with it', async () => {
    await bury(numbered(25));
    const ids = await idsOf();
    const [one = '', other = ''] = [ids.get('message 3'), ids.get('message 20')];
    expect(await letters().remove([one, 'none', other, one])).toEqual({ removed: 2, missing: ['none'] });
    expect(await handedBack()).toEqual(bodies(25).filter((body) => !/ (3|20)$/.test(body)));
    expect(await back()).toEqual([]);
  });
});
