import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import type { DeliverChildInput } from '../support/deliver-child.ts';
import { Crash, crashAt } from '../support/failing.ts';
import { deliveryOf } from '../support/receiver.ts';
import { loseRetries, openScene, turn } from '../support/scene.ts';

it('fault 1: killed after the receiver had answered, before that was recorded: POSTed again under its id, succeeded once', async () => {
  let send = (_: NodeJS.Signals): unknown => undefined;
  const scene = await openScene({
    answer: (response) => {
      // Stopped first, so that it cannot record the answer before it is killed.
      send('SIGSTOP');
      response.writeHead(204).end();
      send('SIGKILL');
    },
  });
  const [event] = await scene.emit();
  await turn(scene.deployment, 'events', scene.handlers.ingest);
  await turn(scene.deployment, 'deliveries', async ({ Records }) => {
    const child = spawn(process.execPath, ['test/support/deliver-child.ts'], { stdio: ['pipe', 'ignore', 'inherit'] });
    send = (signal) => child.kill(signal);
    const { endpoints, settings } = scene.engines;
    child.stdin.end(JSON.stringify({ endpoints, settings, Records } satisfies DeliverChildInput));
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
    throw new Error('killed');
  });
  send = () => undefined;
  expect((await scene.conserve()).counts).toMatchObject({ queued: 1, succeeded: 0 });
  scene.clock.nowMs += 60_000;
  await scene.settle();
  const [first, second, ...more] = scene.receiver.received;
  expect(more).toEqual([]);
  expect(second && deliveryOf(second)).toBe(first && deliveryOf(first));
  expect(second?.headers['webhook-timestamp']).not.toBe(first?.headers['webhook-timestamp']);
  expect(await scene.delivery(event)).toMatchObject([{ number: 1, status: 'succeeded' }]);
  await scene.conserve();
});

it.each(['before', 'after'] as const)(
  'fault 2: killed %s any call, of whichever function: nothing is lost, and everything succeeds in the end',
  async (when) => {
    const scene = await openScene({ answer: (response, _, nth) => response.writeHead(nth === 1 ? 500 : 204).end() });
    const { ingest, deliver, retry } = scene.handlers;
    /** Runs a function that is killed at its nth call; answers whether it made fewer. */
    const killed = async (nth: number, run: () => Promise<unknown>) => {
      const crash = crashAt(scene.world, nth, when);
      await run().catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
      crash.revive();
      return crash.calls() < nth;
    };
    const handlerKilled = async (nth: number, queue: string, handler: typeof deliver) => {
      let isThrough = false;
      await turn(scene.deployment, queue, async (event) => {
        isThrough = await killed(nth, () => handler(event));
        throw new Error('killed');
      });
      return isThrough;
    };
    const lives: readonly ((nth: number) => Promise<boolean>)[] = [
      (nth) => handlerKilled(nth, 'events', ingest),
      async (nth) => {
        await turn(scene.deployment, 'events', ingest);
        return handlerKilled(nth, 'deliveries', deliver);
      },
      async (nth) => {
        await turn(scene.deployment, 'events', ingest);
        await turn(scene.deployment, 'deliveries', deliver);
        await turn(scene.deployment, 'deliveries', loseRetries);
        scene.clock.nowMs += 6 * 60_000;
        return killed(nth, () => retry({}));
      },
    ];
    for (const life of lives) {
      for (let nth = 1, isThrough = false; !isThrough; nth++) {
        await scene.emit();
        isThrough = await life(nth);
        await scene.settle();
      }
    }
    const { counts, matching } = await scene.conserve();
    expect(matching, 'each function was killed at several calls').toBeGreaterThan(10);
    expect(counts.succeeded).toBe(matching);
  },
);
