import { describe, expect, it } from 'vitest';
import { schedule } from '../../infra/local/lambda.ts';
import { until } from '../support/until.ts';

function neverFails(error: Error): void {
  throw error;
}

describe('a schedule', () => {
  it('invokes at once, and again and again', async () => {
    let calls = 0;
    const running = schedule(async () => ++calls, { everyMs: 60_000, onError: neverFails });
    expect(calls).toBe(1);
    await running.stop();
    const often = schedule(async () => ++calls, { everyMs: 1, onError: neverFails });
    await until('it was invoked four times more', () => calls >= 5);
    await often.stop();
  });

  it('never invokes twice at the same time, and goes on afterwards', async () => {
    const invocations: PromiseWithResolvers<void>[] = [];
    const handler = () => {
      const invocation = Promise.withResolvers<void>();
      invocations.push(invocation);
      return invocation.promise;
    };
    const running = schedule(handler, { everyMs: 1, onError: neverFails });
    await ticks(20);
    expect(invocations).toHaveLength(1);
    invocations[0]?.resolve();
    await until('it is invoked again', () => invocations.length === 2);
    invocations[1]?.resolve();
    await running.stop();
  });

  it('reports what fails, and goes on', async () => {
    const errors: string[] = [];
    let calls = 0;
    const handler = async () => {
      calls += 1;
      if (calls < 3) throw new Error(`failure ${calls}`);
    };
    const running = schedule(handler, { everyMs: 1, onError: (error) => errors.push(error.message) });
    await until('it has succeeded', () => calls >= 3);
    await running.stop();
    expect(errors).toEqual(['failure 1', 'failure 2']);
  });

  it('waits for what is under way when it is stopped, and invokes no more', async () => {
    const { promise: end, resolve } = Promise.withResolvers<void>();
    let calls = 0;
    let isStopped = false;
    const handler = () => {
      calls += 1;
      return end;
    };
    const running = schedule(handler, { everyMs: 1, onError: neverFails });
    const stopped = running.stop().then(() => {
      isStopped = true;
    });
    await ticks(20);
    expect(isStopped).toBe(false);
    resolve();
    await stopped;
    await ticks(20);
    expect(calls).toBe(1);
  });
});

/** Waits until a timer of a millisecond has run so many times. */
async function ticks(count: number): Promise<void> {
  let passed = 0;
  const timer = setInterval(() => ++passed, 1);
  await until('time has passed', () => passed >= count);
  clearInterval(timer);
}
