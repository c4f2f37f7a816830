import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Console, openConsole, WEBHOOKS } from './console.ts';
import { fillLog, startObedient } from './deliveries.ts';

let c: Console;
let receiver: Awaited<ReturnType<typeof startObedient>>;
let log: string;
beforeAll(async () => {
  c = await openConsole();
  receiver = await startObedient(c);
  ({ url: log } = await fillLog(c, receiver));
});
afterAll(async () => {
  await c.stop();
  await receiver.stop();
});

/** What of a page's tables can be clicked, and what of it a finger would miss. */
async function targets(page: Page) {
  const sizes = await page
    .locator('.table :is(a, button)')
    .evaluateAll((all) =>
      all.map((one) => ({ text: one.textContent ?? '', height: one.getBoundingClientRect().height })),
    );
  return { count: sizes.length, small: sizes.filter(({ height }) => height < 32) };
}

it.each([1280, 1024, 360])('what can be clicked in a list is at least 32 px high, at %i px', async (width) => {
  const page = await c.signIn();
  await page.setViewportSize({ width, height: 800 });
  for (const url of ['/console', WEBHOOKS, '/console/n/admin/demo/-/events', log]) {
    await page.goto(url);
    const { count, small } = await targets(page);
    expect(count, url).toBeGreaterThan(0);
    expect(small, url).toEqual([]);
  }
});

it('and rows are no higher for it than their lines', async () => {
  const page = await c.signIn();
  await page.goto(log);
  const row = page.getByRole('row').filter({ hasText: 'nightly' }).first();
  expect((await row.boundingBox())?.height).toBeLessThan(40);
});
