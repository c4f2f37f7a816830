import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AttemptDeps, attemptAll } from '../../functions/actions/attempt.ts';
import type { AttemptKey } from '../../functions/domain/delivery.ts';
import { readMessage } from '../../functions/domain/delivery-message.ts';
import { failedAttempt } from '../support/attempt.ts';
import { type Attempting, startAttempting } from '../support/attempting.ts';
import type { Answer } from '../support/receiver.ts';

let answer: Answer = (response) => response.writeHead(204).end();
let a: Attempting;

beforeAll(async () => {
  a = await startAttempting((...request) => answer(...request));
});
afterAll(() => a.stop());

it('a redelivery whose number the run before has taken goes back to the queue where that does not take it on', async () => {
  const [key] = await a.firstAttempts(1);
  if (key === undefined) throw new Error('no attempt');
  await a.deployment.attempts.record([{ attempt: failedAttempt({ ...key, number: 2, status: 'dead' }) }]);
  const redelivery = { ...key, number: 2, firstOfRun: 2, isProbe: true };
  const bodies: string[] = [];
  const send =
    (takes: boolean): AttemptDeps['deliveries']['send'] =>
    async (messages) => {
      bodies.push(...messages.map(({ body }) => body));
      return messages.map(() => takes);
    };
  a.failures.length = 0;
  expect(await attemptAll({ ...a.deps, deliveries: { send: send(false) } }, [redelivery])).toEqual([false]);
  expect(a.failures).toMatchObject([{ message: 'The deliveries queue did not take a redelivery' }]);
  expect(await attemptAll({ ...a.deps, deliveries: { send: send(true) } }, [redelivery])).toEqual([true]);
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
    const keys = await a.firstAttempts(2);
    const redeliveries = keys.map((key) => ({ ...key, number: 2, firstOfRun: 2 }));
    for (const [index, key] of keys.entries()) {
      const first = failedAttempt({ ...key, status: index === 0 ? 'cancelled' : 'retrying' });
      const second = failedAttempt({ ...key, number: 2, status });
      await a.deployment.attempts.record([{ attempt: first }, { attempt: second, dueAtMs: a.deployment.clock.nowMs }]);
    }
    expect(await attemptAll({ ...a.deps, deliveries: { send } }, redeliveries)).toEqual([true, true]);
    const [cancelled, goesOn] = keys.map(({ deliveryId }) => deliveryId);
    expect(bodies.map(readMessage)).toMatchObject([{ deliveryId: cancelled, number: 3, firstOfRun: 3 }]);
    expect(await a.recorded(cancelled ?? '')).toMatchObject([{ status: 'cancelled' }, { status: 'cancelled' }]);
    expect(await a.recorded(goesOn ?? '')).toMatchObject([{ status: 'retrying' }, { status }]);
  },
);

it('a redelivery of what was held is sent on where its release just ended it, and is the same as that where it did not', async () => {
  const bodies: string[] = [];
  const send: AttemptDeps['deliveries']['send'] = async (messages) => {
    bodies.push(...messages.map(({ body }) => body));
    return messages.map(() => true);
  };
  const keys = await a.firstAttempts(2);
  for (const [index, key] of keys.entries()) {
    const status = index === 0 ? 'dead' : 'retrying';
    await a.deployment.attempts.record([{ attempt: failedAttempt({ ...key, number: 2, status }) }]);
  }
  const redeliveries = keys.map((key) => ({ ...key, number: 2, firstOfRun: 2, isReleased: true }));
  expect(await attemptAll({ ...a.deps, deliveries: { send } }, redeliveries)).toEqual([true, true]);
  expect(bodies.map(readMessage)).toMatchObject([{ deliveryId: keys[0]?.deliveryId, number: 3, firstOfRun: 3 }]);
});

it.each([false, true])(
  'a redelivery that is overtaken while it is made comes again, and is sent on then; one that has succeeded does not (released: %s)',
  async (isReleased) => {
    for (const [status, isDone] of [
      [500, false],
      [204, true],
    ] as const) {
      const [key] = await a.firstAttempts(1);
      if (key === undefined) throw new Error('no attempt');
      const redelivery = { ...key, number: 2, firstOfRun: 2, isReleased };
      answer = async (response) => {
        await a.deployment.attempts.record([{ attempt: failedAttempt({ ...key, number: 2, status: 'dead' }) }]);
        response.writeHead(status).end();
      };
      expect(await attemptAll(a.deps, [redelivery])).toEqual([isDone]);
      const bodies: string[] = [];
      const send: AttemptDeps['deliveries']['send'] = async (messages) => {
        bodies.push(...messages.map(({ body }) => body));
        return messages.map(() => true);
      };
      if (!isDone) expect(await attemptAll({ ...a.deps, deliveries: { send } }, [redelivery])).toEqual([true]);
      expect(bodies.map(readMessage)).toMatchObject(isDone ? [] : [{ number: 3, firstOfRun: 3 }]);
    }
  },
);

describe('of what is held', () => {
  const HOUR_MS = 3_600_000;
  const refuses = { open: () => Promise.reject(new Error('KMS is away')) };

  /** A delivery that a pause of so many hours holds; what releases it. */
  async function heldFor(hours: number): Promise<AttemptKey> {
    const [key] = await a.firstAttempts(1);
    if (key === undefined) throw new Error('no attempt');
    const pause = { sinceMs: a.deployment.clock.nowMs, untilMs: a.deployment.clock.nowMs + hours * HOUR_MS };
    const facts: AttemptDeps['facts'] = {
      gather: async (keys) =>
        (await a.deps.facts.gather(keys)).map((one) => ({ ...one, webhook: one.webhook && { ...one.webhook, pause } })),
    };
    await attemptAll({ ...a.deps, facts }, [key]);
    expect(await a.recorded(key.deliveryId)).toMatchObject([{ status: 'held', error: { class: 'paused' } }]);
    a.deployment.clock.nowMs += hours * HOUR_MS;
    return { ...key, isReleased: true };
  }

  it('time that something else held it is no time that its secret could not be opened', async () => {
    answer = (response) => response.writeHead(204).end();
    const key = await heldFor(96);
    const since = new Date(a.deployment.clock.nowMs).toISOString();
    await attemptAll({ ...a.deps, vault: refuses }, [key]);
    const unsigned = [{ status: 'held', error: { class: 'unsigned' }, startedAt: since }];
    expect(await a.recorded(key.deliveryId)).toMatchObject(unsigned);
    a.deployment.clock.nowMs += 71 * HOUR_MS;
    await attemptAll({ ...a.deps, vault: refuses }, [key]);
    expect(await a.recorded(key.deliveryId)).toMatchObject(unsigned);
    a.deployment.clock.nowMs += 2 * HOUR_MS;
    await attemptAll({ ...a.deps, vault: refuses }, [key]);
    expect(await a.recorded(key.deliveryId)).toMatchObject([{ status: 'dead', error: { class: 'unsigned' } }]);
  });

  it.each([
    ['before', (key: AttemptKey) => [key, { ...key, isReleased: undefined }]],
    ['after', (key: AttemptKey) => [{ ...key, isReleased: undefined }, key]],
  ])('a release is one also where a plain copy of its message comes %s it in a batch', async (_where, both) => {
    answer = (response) => response.writeHead(204).end();
    const key = await heldFor(1);
    expect(await attemptAll(a.deps, both(key))).toEqual([true, true]);
    expect(await a.recorded(key.deliveryId)).toMatchObject([{ status: 'succeeded' }]);
  });

  it('it is kept for longer than any pause, and than its payload', async () => {
    const key = await heldFor(1);
    a.deployment.clock.nowMs += 47 * 24 * HOUR_MS;
    expect(await a.recorded(key.deliveryId)).toMatchObject([{ status: 'held' }]);
  });
});
