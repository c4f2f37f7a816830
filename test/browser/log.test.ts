import { afterAll, describe, expect, it } from 'vitest';
import { inspect, LOOKS, openConsole } from './console.ts';
import { fillLog, startObedient } from './deliveries.ts';

const c = await openConsole();
const receiver = await startObedient(c);
const { url } = await fillLog(c, receiver);
afterAll(async () => {
  await c.stop();
  await receiver.stop();
});

describe('the log', () => {
  it.each(LOOKS)('shows where each delivery stands, and what comes next: %j', async (look) => {
    const page = await c.signIn(look);
    await page.goto(url);
    await inspect(page, 'log', look);
    expect(await page.getByRole('row').count()).toBe(16);
  });
});
