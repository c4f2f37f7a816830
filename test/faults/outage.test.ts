import { expect, it } from 'vitest';
import { RETRY_DELAYS_SECONDS } from '../../functions/domain/schedule.ts';
import { openScene } from '../support/scene.ts';

const HOUR = 3_600_000;

it('fault 9: a receiver that is down for 72 hours gets everything afterwards, by itself, at the first attempt after that', async () => {
  let isUp = false;
  const scene = await openScene({
    answer: (response) => (isUp ? response.writeHead(204).end() : response.destroy()),
  });
  const startMs = scene.clock.nowMs;
  const events = [];
  for (const hours of [0, 1, 71]) {
    await scene.settle(startMs + hours * HOUR);
    scene.clock.nowMs = startMs + hours * HOUR;
    events.push(...(await scene.emit()));
    await scene.settle(scene.clock.nowMs);
  }
  await scene.settle(startMs + 72 * HOUR);
  expect((await scene.conserve()).counts).toMatchObject({ retrying: 3, succeeded: 0 });
  const failed = await Promise.all(events.map((event) => scene.delivery(event)));
  scene.clock.nowMs = startMs + 72 * HOUR;
  isUp = true;
  await scene.settle();
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 3 });
  for (const [index, event] of events.entries()) {
    const delivery = await scene.delivery(event);
    expect(delivery).toHaveLength((failed[index]?.length ?? 0) + 1);
    const starts = delivery.map(({ startedAt }) => Date.parse(startedAt));
    const gaps = starts.slice(1).map((start, nth) => (start - (starts[nth] ?? 0)) / 1000);
    // Nothing comes early, but by the minute that the queue's own delay is for, which a scene does not have.
    for (const [nth, gap] of gaps.entries()) {
      expect(gap).toBeGreaterThanOrEqual((RETRY_DELAYS_SECONDS[nth] ?? 0) - 60);
    }
    expect(starts.at(-1)).toBeLessThanOrEqual(startMs + 96 * HOUR);
  }
});

it.each([
  ['7200', 7200],
  ['86401', 86_400],
  ['99999999999999999999', 86_400],
  ['Mon, 23 Nov 2026 14:00:00 GMT', 7200],
  ['Fri, 31 Dec 9999 23:59:59 GMT', 86_400],
  ['Mon, 23 Nov 2026 11:00:00 GMT', 5],
  ['0', 5],
  ['-1', 5],
  ['1.5', 5],
  ['soon', 5],
  ['', 5],
])(
  'fault 13: a receiver that asks for time with Retry-After: %s is tried again after %i s',
  async (retryAfter, seconds) => {
    const scene = await openScene({
      answer: (response, _, nth) => response.writeHead(nth === 1 ? 503 : 204, { 'retry-after': retryAfter }).end(),
    });
    const [event] = await scene.emit();
    await scene.settle(scene.clock.nowMs);
    const [first] = await scene.delivery(event);
    expect(Date.parse(first.nextAttemptAt ?? '') - Date.parse(first.startedAt)).toBe(seconds * 1000);
    await scene.settle();
    expect((await scene.conserve()).counts).toMatchObject({ succeeded: 1 });
  },
);
