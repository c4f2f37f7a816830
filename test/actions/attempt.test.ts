import { randomUUID } from 'node:crypto';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AttemptDeps, attemptAll } from '../../functions/actions/attempt.ts';
import { dispatch } from '../../functions/actions/dispatch.ts';
import type { AttemptKey } from '../../functions/domain/delivery.ts';
import { readMessage } from '../../functions/domain/delivery-message.ts';
import { deliverDeps, ingestDeps } from '../../functions/runtime/deps.ts';
import { eventKey } from '../../functions/store/event-key.ts';
import { failedAttempt } from '../support/attempt.ts';
import { busEvent, type Deployment, deploy } from '../support/deployment.ts';
import { intercept } from '../support/failing.ts';
import { type Answer, type Receiver, startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

let deployment: Deployment;
let receiver: Receiver;
let answer: Answer = (response) => response.writeHead(204).end();
let deps: AttemptDeps;
const failures: unknown[] = [];

beforeAll(async () => {
  deployment = await deploy();
  receiver = await startReceiver((...request) => answer(...request));
  await deployment.addWebhook({ payload_url: receiver.url, secret: 's3cret' });
  deps = {
    ...deliverDeps(deployment.engines.settings, deployment.world),
    onFailure: (error) => failures.push(error),
  };
});
afterAll(async () => {
  await receiver.stop();
  await deployment.stop();
});

/** The first attempts of so many new events, whose messages are in nobody's queue. */
async function firstAttempts(count: number) {
  const bodies: string[] = [];
  const deliveries = {
    send: async (messages: readonly { readonly body: string }[]) => {
      bodies.push(...messages.map(({ body }) => body));
      return messages.map(() => true);
    },
  };
  const events = Array.from({ length: count }, () => ({
    messageId: randomUUID(),
    body: busEvent({ namespaceId: deployment.namespace.id, id: randomUUID() }),
  }));
  await dispatch({ ...ingestDeps(deployment.engines.settings, deployment.world), deliveries }, events);
  return bodies.map((body) => readMessage(body)).filter((key) => key !== undefined);
}

function recorded(deliveryId: string) {
  return deployment.attempts.delivery(1, deliveryId, deployment.clock.nowMs);
}

it('a slow receiver holds up neither the attempts beside it nor their log', async () => {
  const held: (() => void)[] = [];
  answer = (response) => {
    const release = () => response.writeHead(204).end();
    if (held.length === 0) held.push(release);
    else release();
  };
  const keys = await firstAttempts(3);
  const done = attemptAll(deps, keys);
  const count = async () => (await Promise.all(keys.map((key) => recorded(key.deliveryId)))).filter(Boolean).length;
  await until('the two fast ones are in the log', async () => (await count()) === 2);
  held[0]?.();
  expect(await done).toEqual([true, true, true]);
  expect(await count()).toBe(3);
});

it('an attempt keeps what is known of its connection', async () => {
  answer = (response) => response.writeHead(204).end();
  const [key] = await firstAttempts(1);
  if (key === undefined) throw new Error('no attempt');
  expect(await attemptAll(deps, [key])).toEqual([true]);
  expect(await recorded(key.deliveryId)).toMatchObject([
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
  const before = receiver.received.length;
  const keys = await firstAttempts(1);
  expect(await attemptAll(deps, [...keys, ...keys])).toEqual([true, true]);
  expect(receiver.received.length - before).toBe(1);
});

it('an attempt that cannot be recorded goes back to the queue, and its siblings do not', async () => {
  answer = (response) => response.writeHead(204).end();
  const keys = await firstAttempts(3);
  const undo = intercept(deployment.world.dynamodb, 'BatchExecuteStatement', async (input, send) => {
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
  expect(await attemptAll(deps, keys)).toEqual([false, true, true]);
  undo();
  expect(await attemptAll(deps, keys)).toEqual([true, true, true]);
  expect(await recorded(keys[0]?.deliveryId ?? '')).toMatchObject([{ status: 'succeeded' }]);
});

const THROTTLED = { Error: { Code: 'ThrottlingError', Message: 'slow down' } };

it('a retry that the queue does not take is recorded all the same, and comes due by the table', async () => {
  answer = (response) => response.writeHead(500).end();
  const keys = await firstAttempts(1);
  const away = { send: () => Promise.reject(new Error('the queue is away')) };
  failures.length = 0;
  expect(await attemptAll({ ...deps, deliveries: away }, keys)).toEqual([true]);
  expect(failures).toMatchObject([{ message: 'the queue is away' }]);
  deployment.clock.nowMs += 6 * 60_000;
  answer = (response) => response.writeHead(204).end();
  await deployment.handlers.retry({});
  await deployment.drain('deliveries', deployment.handlers.deliver);
  expect(await recorded(keys[0]?.deliveryId ?? '')).toMatchObject([{ status: 'retrying' }, { status: 'succeeded' }]);
});

it('a redelivery whose number the run before has taken goes back to the queue where that does not take it on', async () => {
  const [key] = await firstAttempts(1);
  if (key === undefined) throw new Error('no attempt');
  await deployment.attempts.record([{ attempt: failedAttempt({ ...key, number: 2, status: 'dead' }) }]);
  const redelivery = { ...key, number: 2, firstOfRun: 2, isProbe: true };
  const bodies: string[] = [];
  const send =
    (takes: boolean): AttemptDeps['deliveries']['send'] =>
    async (messages) => {
      bodies.push(...messages.map(({ body }) => body));
      return messages.map(() => takes);
    };
  failures.length = 0;
  expect(await attemptAll({ ...deps, deliveries: { send: send(false) } }, [redelivery])).toEqual([false]);
  expect(failures).toMatchObject([{ message: 'The deliveries queue did not take a redelivery' }]);
  expect(await attemptAll({ ...deps, deliveries: { send: send(true) } }, [redelivery])).toEqual([true]);
  expect(bodies.map(readMessage)).toMatchObject(Array(2).fill({ number: 3, firstOfRun: 3, isProbe: true }));
});

it.each(['retrying', 'held'] as const)(
  'a redelivery whose number a run has, that was cancelled with its last attempt under way and is %s there for a moment, is sent on',
  async (status) => {
    const bodies: string[] = [];
    const send: AttemptDeps['deliveries']['send'] = async (messages) => {
      bodies.push(...messages.map(({ body }) => body));
      return messages.map(() => true);
    };
    const keys = await firstAttempts(2);
    const redeliveries = keys.map((key) => ({ ...key, number: 2, firstOfRun: 2 }));
    for (const [index, key] of keys.entries()) {
      const first = failedAttempt({ ...key, status: index === 0 ? 'cancelled' : 'retrying' });
      const second = failedAttempt({ ...key, number: 2, status });
      await deployment.attempts.record([{ attempt: first }, { attempt: second, dueAtMs: deployment.clock.nowMs }]);
    }
    expect(await attemptAll({ ...deps, deliveries: { send } }, redeliveries)).toEqual([true, true]);
    const [cancelled, goesOn] = keys.map(({ deliveryId }) => deliveryId);
    expect(bodies.map(readMessage)).toMatchObject([{ deliveryId: cancelled, number: 3, firstOfRun: 3 }]);
    expect(await recorded(cancelled ?? '')).toMatchObject([{ status: 'cancelled' }, { status: 'cancelled' }]);
    expect(await recorded(goesOn ?? '')).toMatchObject([{ status: 'retrying' }, { status }]);
  },
);

it('a redelivery that is overtaken while it is made comes again, and is sent on then; one that has succeeded does not', async () => {
  for (const [status, isDone] of [
    [500, false],
    [204, true],
  ] as const) {
    const [key] = await firstAttempts(1);
    if (key === undefined) throw new Error('no attempt');
    const redelivery = { ...key, number: 2, firstOfRun: 2 };
    answer = async (response) => {
      await deployment.attempts.record([{ attempt: failedAttempt({ ...key, number: 2, status: 'dead' }) }]);
      response.writeHead(status).end();
    };
    expect(await attemptAll(deps, [redelivery])).toEqual([isDone]);
    const bodies: string[] = [];
    const send: AttemptDeps['deliveries']['send'] = async (messages) => {
      bodies.push(...messages.map(({ body }) => body));
      return messages.map(() => true);
    };
    if (!isDone) expect(await attemptAll({ ...deps, deliveries: { send } }, [redelivery])).toEqual([true]);
    expect(bodies.map(readMessage)).toMatchObject(isDone ? [] : [{ number: 3, firstOfRun: 3 }]);
  }
});

it('a payload that is no longer kept ends its delivery, visibly; so does a webhook that is gone', async () => {
  const [key] = await firstAttempts(1);
  if (key === undefined) throw new Error('no attempt');
  const lost = { ...key, eventId: randomUUID(), deliveryId: randomUUID() };
  const orphan = { ...key, webhookId: 99 };
  expect(await attemptAll(deps, [lost, orphan])).toEqual([true, true]);
  expect(await recorded(lost.deliveryId)).toMatchObject([{ status: 'dead', error: { class: 'payload_gone' } }]);
  const gone = await deployment.attempts.delivery(99, orphan.deliveryId, deployment.clock.nowMs);
  expect(gone).toMatchObject([{ status: 'cancelled', error: { class: 'webhook_gone' } }]);
});

it('a payload that cannot be read is tried again, as ours to mend, and keeps nobody from being sent', async () => {
  answer = (response) => response.writeHead(204).end();
  const [bad, good] = await firstAttempts(2);
  if (bad === undefined || good === undefined) throw new Error('no attempts');
  const { db, name } = deployment.table;
  const { namespaceId, eventId: id, eventCreatedAt: createdAt } = bad;
  await db.send(
    new UpdateCommand({
      TableName: name,
      Key: eventKey({ namespaceId, id, createdAt }),
      UpdateExpression: 'SET payload = :nonsense, encoding = :br',
      ExpressionAttributeValues: { ':nonsense': new Uint8Array([1, 2, 3]), ':br': 'br' },
    }),
  );
  failures.length = 0;
  expect(await attemptAll(deps, [bad, good])).toEqual([false, true]);
  expect(failures).toMatchObject([{ code: 'Z_BUF_ERROR' }]);
  expect(await recorded(good.deliveryId)).toMatchObject([{ status: 'succeeded' }]);
  expect(await recorded(bad.deliveryId)).toBeUndefined();
});

it('a batch in which not all was well is told of, once it is over; one that was well is not', async () => {
  const troubles: unknown[] = [];
  const told = { ...deps, onTrouble: (trouble: unknown) => troubles.push(trouble) };
  answer = (response) => response.writeHead(204).end();
  await attemptAll(told, await firstAttempts(2));
  expect(troubles).toEqual([]);
  answer = (response) => response.writeHead(500).end();
  await attemptAll(told, await firstAttempts(2));
  expect(troubles).toMatchObject([{ failed: 2, undelivered: 2, held: 0, handedBack: 0 }]);
});

describe('of what is held', () => {
  const HOUR_MS = 3_600_000;
  const refuses = { open: () => Promise.reject(new Error('KMS is away')) };

  /** A delivery that a pause of so many hours holds; what releases it. */
  async function heldFor(hours: number): Promise<AttemptKey> {
    const [key] = await firstAttempts(1);
    if (key === undefined) throw new Error('no attempt');
    const pause = { sinceMs: deployment.clock.nowMs, untilMs: deployment.clock.nowMs + hours * HOUR_MS };
    const facts: AttemptDeps['facts'] = {
      gather: async (keys) =>
        (await deps.facts.gather(keys)).map((one) => ({ ...one, webhook: one.webhook && { ...one.webhook, pause } })),
    };
    await attemptAll({ ...deps, facts }, [key]);
    expect(await recorded(key.deliveryId)).toMatchObject([{ status: 'held', error: { class: 'paused' } }]);
    deployment.clock.nowMs += hours * HOUR_MS;
    return { ...key, isReleased: true };
  }

  it('time that something else held it is no time that its secret could not be opened', async () => {
    answer = (response) => response.writeHead(204).end();
    const key = await heldFor(96);
    const since = new Date(deployment.clock.nowMs).toISOString();
    await attemptAll({ ...deps, vault: refuses }, [key]);
    const unsigned = [{ status: 'held', error: { class: 'unsigned' }, startedAt: since }];
    expect(await recorded(key.deliveryId)).toMatchObject(unsigned);
    deployment.clock.nowMs += 71 * HOUR_MS;
    await attemptAll({ ...deps, vault: refuses }, [key]);
    expect(await recorded(key.deliveryId)).toMatchObject(unsigned);
    deployment.clock.nowMs += 2 * HOUR_MS;
    await attemptAll({ ...deps, vault: refuses }, [key]);
    expect(await recorded(key.deliveryId)).toMatchObject([{ status: 'dead', error: { class: 'unsigned' } }]);
  });

  it.each([
    ['before', (key: AttemptKey) => [key, { ...key, isReleased: undefined }]],
    ['after', (key: AttemptKey) => [{ ...key, isReleased: undefined }, key]],
  ])('a release is one also where a plain copy of its message comes %s it in a batch', async (_where, both) => {
    answer = (response) => response.writeHead(204).end();
    const key = await heldFor(1);
    expect(await attemptAll(deps, both(key))).toEqual([true, true]);
    expect(await recorded(key.deliveryId)).toMatchObject([{ status: 'succeeded' }]);
  });

  it('it is kept for longer than any pause, and than its payload', async () => {
    const key = await heldFor(1);
    deployment.clock.nowMs += 47 * 24 * HOUR_MS;
    expect(await recorded(key.deliveryId)).toMatchObject([{ status: 'held' }]);
  });
});

it('where the log does not take what is done, what is slow is recorded all the same', async () => {
  const held: (() => void)[] = [];
  answer = (response) => {
    const release = () => response.writeHead(204).end();
    if (held.length === 0) held.push(release);
    else release();
  };
  const keys = await firstAttempts(2);
  failures.length = 0;
  let calls = 0;
  const record: AttemptDeps['attempts']['record'] = async (recordings) => {
    calls += 1;
    if (calls === 1) throw new Error('the table is away');
    return deps.attempts.record(recordings);
  };
  const done = attemptAll({ ...deps, attempts: { ...deps.attempts, record } }, keys);
  await until('the fast one was to be recorded', async () => calls === 1);
  held[0]?.();
  const isDone = await done;
  expect(isDone.toSorted()).toEqual([false, true]);
  expect(failures).toMatchObject([{ message: 'the table is away' }]);
  expect(await recorded(keys[isDone.indexOf(true)]?.deliveryId ?? '')).toMatchObject([{ status: 'succeeded' }]);
});
