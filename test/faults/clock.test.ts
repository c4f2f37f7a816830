import { expect, it } from 'vitest';
import { openScene } from '../support/scene.ts';

const MINUTE = 60_000;

it.each([
  ['back by ten minutes', -10 * MINUTE],
  ['on by ten minutes', 10 * MINUTE],
])(
  'fault 19: the clock jumps %s while attempts are under way: no time is negative, nothing is lost or made twice',
  async (_, jumpMs) => {
    const scene = await openScene({
      answer: (response, __, nth) => {
        scene.clock.nowMs += nth <= 2 ? jumpMs : 0;
        response.writeHead(nth <= 2 ? 500 : 204).end();
      },
    });
    const [event] = await scene.emit();
    await scene.settle();
    const delivery = await scene.delivery(event);
    expect(delivery.map(({ status }) => status)).toEqual(['retrying', 'retrying', 'succeeded']);
    for (const { durationMs, startedAt, nextAttemptAt } of delivery) {
      expect(durationMs).toBeGreaterThanOrEqual(0);
      // Counted from the end of the attempt, by the same clock.
      const endMs = Date.parse(startedAt) + jumpMs;
      if (nextAttemptAt !== undefined) expect(Date.parse(nextAttemptAt)).toBeGreaterThan(endMs);
    }
    expect(scene.receiver.received).toHaveLength(3);
    await scene.conserve();
  },
);

it('fault 19: a clock that stands ten minutes back when a retry is due only waits', async () => {
  const scene = await openScene({ answer: (response, _, nth) => response.writeHead(nth <= 2 ? 500 : 204).end() });
  await scene.emit();
  await scene.work();
  scene.clock.nowMs -= 10 * MINUTE;
  await scene.handlers.retry({});
  await scene.work();
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 0, retrying: 1 });
  await scene.settle();
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 1 });
  expect(scene.receiver.received).toHaveLength(3);
});
