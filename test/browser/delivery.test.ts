import { afterAll, describe, expect, it } from 'vitest';
import { inspect, LOOKS, openConsole } from './console.ts';
import { fillLog, pageOf, startObedient } from './deliveries.ts';

const c = await openConsole();
const receiver = await startObedient(c);
const { webhook, dead, retrying, good } = await fillLog(c, receiver);
afterAll(async () => {
  await c.stop();
  await receiver.stop();
});

describe('the page of a delivery', () => {
  it.each(LOOKS)('shows what was sent and answered, and what to do: %j', async (look) => {
    const page = await c.signIn(look);
    await page.goto(pageOf(webhook, retrying));
    await inspect(page, 'delivery-retrying', look);
    await page.goto(pageOf(webhook, dead));
    await inspect(page, 'delivery-dead', look);
    await page.goto(pageOf(webhook, good));
    await inspect(page, 'delivery-good', look);
    expect(true).toBe(true);
  });
});
