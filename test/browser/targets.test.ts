import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Console, openConsole, WEBHOOKS } from './console.ts';
import { fillLog, startObedient } from './deliveries.ts';

const EVENTS = '/console/n/admin/demo/-/events';

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

/**
 * What of a page can be clicked, and what of it a finger would miss. A box is hit by its label, too. A link between words of a sentence is as
 * high as these are, and need not be more.
 */
const TARGETS = `[...document.querySelectorAll('main :is(a, button, summary, select, textarea, input:not([type="hidden"]))')].flatMap((one) => {
  const isBox = ['checkbox', 'radio'].includes(one.type);
  const target = isBox ? one.labels[0] ?? one : one;
  if (!target.checkVisibility({ visibilityProperty: true })) return [];
  const text = (isBox && one.ariaLabel) || target.textContent.trim() || one.name;
  const around = one.tagName === 'A' && !one.closest('.table') && one.closest('p, li, .notice > span');
  const others = around ? [...around.querySelectorAll('a')] : [];
  const words = others.reduce((rest, { textContent }) => rest.replace(textContent, ''), around ? around.textContent : '');
  if (/\\p{L}/u.test(words)) return [];
  const { width, height } = target.getBoundingClientRect();
  return [{ text, width: isBox ? width : 32, height }];
})`;

async function targets(page: Page) {
  const sizes = (await page.evaluate(TARGETS)) as readonly { text: string; width: number; height: number }[];
  return { count: sizes.length, small: sizes.filter(({ width, height }) => width < 32 || height < 32) };
}

/** Where it is shown that most can be done, or most is written. */
const PAGES = ['', '/deliveries', '/settings', '/test', '/pause', '/recoveries', '/delete'];

it.each([1280, 1024, 360])('what can be clicked is at least 32 px high, at %i px', async (width) => {
  const page = await c.signIn();
  await page.setViewportSize({ width, height: 800 });
  const { id } = await c.addWebhook({ payload_url: `https://a.example/${width}`, secret: 'a secret' });
  const measure = async (name: string) => {
    const { count, small } = await targets(page);
    expect(count, name).toBeGreaterThan(0);
    expect.soft(small, name).toEqual([]);
  };
  const ofWebhooks = [log.replace('/deliveries', ''), `${WEBHOOKS}/${id}`].flatMap((url) =>
    PAGES.map((path) => `${url}${path}`),
  );
  for (const url of ['/console', `/console?open=!`, WEBHOOKS, `${WEBHOOKS}/new`, EVENTS, ...ofWebhooks]) {
    await page.goto(url);
    await measure(url);
  }
  await page.goto(EVENTS);
  await page.getByRole('link', { name: 'variables' }).first().click();
  await page.getByRole('heading', { name: 'What became of it' }).waitFor();
  await measure('an event');
  await page.goto(log);
  await page.getByRole('link', { name: 'variables' }).first().click();
  await page.getByText('As a command for curl').waitFor();
  await measure('a delivery');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Token').waitFor();
  await measure('signing in');
});

it.each([1280, 360])('a box is hit wherever its cell is, at %i px', async (width) => {
  const page = await c.signIn();
  await page.setViewportSize({ width, height: 800 });
  await page.goto(log);
  const cell = page.locator('tbody td.box').first();
  const box = page.getByRole('checkbox', { name: /^Select build\.finished of / }).first();
  const { width: across = 0, height = 0 } = (await cell.boundingBox()) ?? {};
  await cell.click({ position: { x: 2, y: 2 } });
  expect(await box.isChecked()).toBe(true);
  await cell.click({ position: { x: across - 2, y: height - 2 } });
  expect(await box.isChecked()).toBe(false);
});

it('and rows are no higher for it than their lines', async () => {
  const page = await c.signIn();
  await page.goto(log);
  const row = page.getByRole('row').filter({ hasText: 'nightly' }).first();
  expect((await row.boundingBox())?.height).toBeLessThan(40);
});
