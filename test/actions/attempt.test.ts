import { randomUUID } from 'node:crypto';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AttemptDeps, attemptAll } from '../../functions/actions/attempt.ts';
import { eventKey } from '../../functions/store/event-key.ts';
import { type Attempting, startAttempting } from '../support/attempting.ts';
import { intercept } from '../support/failing.ts';
import type { Answer } from '../support/receiver.ts';
import { until } from '../support/until.ts';

let answer: Answer = (response) => response.writeHead(204).end();
let a: Attempting;

beforeAll(async () => {
  a = await startAttempting((...request) => answer(...request));
});
afterAll(() => a.stop());

it('a slow receiver holds up neither the attempts beside it nor their log', async () => {
  const held: (() => void)[] = [];
  answer = (response) => {
    const release = () => response.writeHead(204).end();
    if (held.length === 0) held.push(release);
    else release();
  };
  const keys = await a.firstAttempts(3);
  const done = attemptAll(a.deps, keys);
  const count = async () => (await Promise.all(keys.map((key) => a.recorded(key.deliveryId)))).filter(Boolean).length;
  await until('the two fast ones are in the log', async () => (await count()) === 2);
  held[0]?.();
  expect(await done).toEqual([true, true, true]);
  expect(await count()).toBe(3);
});

it('an attempt keeps what is known of its connection', async () => {
  answer = (response) => response.writeHead(204).end();
  const [key] = await a.firstAttempts(1);
  if (key === undefined) throw new Error('no attempt');
  expect(await attemptAll(a.deps, [key])).toEqual([true]);
  expect(await a.recorded(key.deliveryId)).toMatchObject([
    {
      connection: {
        firstByteMs: expect.any(Number),
        httpVersion: '1.1',
        remoteAddress: '127.0.0.1',
      },
    },
  ]);
});

it('a message that comes twice in one batch is one attempt', async () => {
  answer = (response) => response.writeHead(204).end();
  const before = a.receiver.received.length;
  const keys = await a.firstAttempts(1);
  expect(await attemptAll(a.deps, [...keys, ...keys])).toEqual([true, true]);
  expect(a.receiver.received.length - before).toBe(1);
});

it('an attempt that cannot be recorded goes back to the queue, and its siblings do not', async () => {
  answer = (response) => response.writeHead(204).end();
  const keys = await a.firstAttempts(3);
  const undo = intercept(a.deployment.world.dynamodb, 'BatchExecuteStatement', async (input, send) => {
    const { Statements } = input as { Statements: { Parameters: unknown[] }[] };
    const isFirst = (statement: { Parameters: unknown[] }) =>
      statement.Parameters.some((value) => typeof value === 'string' && value.includes(keys[0]?.deliveryId ?? '?'));
    const throttled = Statements.map(isFirst);
    (input as { Statements: unknown[] }).Statements = Statements.filter((statement) => !isFirst(statement));
    const answered = throttled.every(Boolean) ? { output: { Responses: [] } } : await send();
    const { Responses } = answered.output as { Responses: object[] };
    const left = [...Responses];
    return { output: { Responses: throttled.map((is) => (is ? THROTTLED : (left.shift() ?? {}))) } };
  });
  expect(await attemptAll(a.deps, keys)).toEqual([false, true, true]);
  undo();
  expect(await attemptAll(a.deps, keys)).toEqual([true, true, true]);
  expect(await a.recorded(keys[0]?.deliveryId ?? '')).toMatchObject([{ status: 'succeeded' }]);
});

const THROTTLED = { Error: { Code: 'ThrottlingError', Message: 'slow down' } };

it('a retry that the queue does not take is recorded all the same, and comes due by the table', async () => {
  answer = (response) => response.writeHead(500).end();
  const keys = await a.firstAttempts(1);
  const away = { send: () => Promise.reject(new Error('the queue is away')) };
  a.failures.length = 0;
  expect(await attemptAll({ ...a.deps, deliveries: away }, keys)).toEqual([true]);
  expect(a.failures).toMatchObject([{ message: 'the queue is away' }]);
  a.deployment.clock.nowMs += 6 * 60_000;
  answer = (response) => response.writeHead(204).end();
  await a.deployment.handlers.retry({});
  await a.deployment.drain('deliveries', a.deployment.handlers.deliver);
  expect(await a.recorded(keys[0]?.deliveryId ?? '')).toMatchObject([{ status: 'retrying' }, { status: 'succeeded' }]);
});

it('a payload that is no longer kept ends its delivery, visibly; so does a webhook that is gone', async () => {
  const [key] = await a.firstAttempts(1);
  if (key === undefined) throw new Error('no attempt');
  const lost = { ...key, eventId: randomUUID(), deliveryId: randomUUID() };
  const orphan = { ...key, webhookId: 99 };
  expect(await attemptAll(a.deps, [lost, orphan])).toEqual([true, true]);
  expect(await a.recorded(lost.deliveryId)).toMatchObject([{ status: 'dead', error: { class: 'payload_gone' } }]);
  const gone = await a.deployment.attempts.delivery(99, orphan.deliveryId, a.deployment.clock.nowMs);
  expect(gone).toMatchObject([{ status: 'cancelled', error: { class: 'webhook_gone' } }]);
});

it('a payload that cannot be read is tried again, as ours to mend, and keeps nobody from being sent', async () => {
  answer = (response) => response.writeHead(204).end();
  const [bad, good] = await a.firstAttempts(2);
  if (bad === undefined || good === undefined) throw new Error('no attempts');
  const { db, name } = a.deployment.table;
  const { namespaceId, eventId: id, eventCreatedAt: createdAt } = bad;
  await db.send(
    new UpdateCommand({
      TableName: name,
      Key: eventKey({ namespaceId, id, createdAt }),
      UpdateExpression: 'SET payload = :nonsense, encoding = :br',
      ExpressionAttributeValues: { ':nonsense': new Uint8Array([1, 2, 3]), ':br': 'br' },
    }),
  );
  a.failures.length = 0;
  expect(await attemptAll(a.deps, [bad, good])).toEqual([false, true]);
  expect(a.failures).toMatchObject([{ code: 'Z_BUF_ERROR' }]);
  expect(await a.recorded(good.deliveryId)).toMatchObject([{ status: 'succeeded' }]);
  expect(await a.recorded(bad.deliveryId)).toBeUndefined();
});

it('a batch in which not all was well is told of, once it is over; one that was well is not', async () => {
  const troubles: unknown[] = [];
  const told = { ...a.deps, onTrouble: (trouble: unknown) => troubles.push(trouble) };
  answer = (response) => response.writeHead(204).end();
  await attemptAll(told, await a.firstAttempts(2));
  expect(troubles).toEqual([]);
  answer = (response) => response.writeHead(500).end();
  await attemptAll(told, await a.firstAttempts(2));
  expect(troubles).toMatchObject([{ failed: 2, undelivered: 2, held: 0, handedBack: 0 }]);
});

it('where the log does not take what is done, what is slow is recorded all the same', async () => {
  const held: (() => void)[] = [];
  answer = (response) => {
    const release = () => response.writeHead(204).end();
    if (held.length === 0) held.push(release);
    else release();
  };
  const keys = await a.firstAttempts(2);
  a.failures.length = 0;
  let calls = 0;
  const record: AttemptDeps['attempts']['record'] = async (recordings) => {
    calls += 1;
    if (calls === 1) throw new Error('the table is away');
    return a.deps.attempts.record(recordings);
  };
  const done = attemptAll({ ...a.deps, attempts: { ...a.deps.attempts, record } }, keys);
  await until('the fast one was to be recorded', async () => calls === 1);
  held[0]?.();
  const isDone = await done;
  expect(isDone.toSorted()).toEqual([false, true]);
  expect(a.failures).toMatchObject([{ message: 'the table is away' }]);
  expect(await a.recorded(keys[isDone.indexOf(true)]?.deliveryId ?? '')).toMatchObject([{ status: 'succeeded' }]);
});
