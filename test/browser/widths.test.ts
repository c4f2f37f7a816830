import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureNamespace } from '../../functions/actions/accounts.ts';
import { ingestTogether, namespaceEvent } from '../support/directory.ts';
import { type Console, openConsole } from './console.ts';
import { fillLog, startObedient } from './deliveries.ts';

/** Phones, tablets, half a screen, a whole one at 150 %; and either side of where the pages are laid out in another way. */
const WIDTHS = [320, 360, 721, 768, 853, 920, 1000, 1001, 1024, 1119, 1120, 1199, 1200, 1280];
/** Nearly as long as a URL may be, and of words. */
const LONGEST = `https://hooks.acme.example/${'services/of/several/teams/'.repeat(57)}`;
/** As long as those of chats and of other CIs are, and without a place to break it at. */
const LONG = `https://hooks.acme.example/services/${'9f2c4e8a1b7d6035'.repeat(4)}`;

let c: Console;
let receiver: Awaited<ReturnType<typeof startObedient>>;
beforeAll(async () => {
  c = await openConsole();
  receiver = await startObedient(c);
});
afterAll(async () => {
  await c.stop();
  await receiver.stop();
});

/** By how much a page is wider than the screen, or a table than its place. */
const TOO_WIDE = `Math.max(
  document.documentElement.scrollWidth - document.documentElement.clientWidth,
  ...[...document.querySelectorAll('.table')].map((table) => Math.ceil(table.offsetWidth - table.parentElement.clientWidth)),
)`;

/** The widths at which a page scrolls sideways, or a table would, and by how much. */
async function sideways(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    const by = (await page.evaluate(TOO_WIDE)) as number;
    if (by > 0) found.push(`${width}: ${by}`);
  }
  return found;
}

/** Words of cells that stand on two lines. Where a URL is broken it is read all the same; a longer word is somebody else's. */
const BROKEN = `[...document.querySelectorAll('.table td')].flatMap((cell) => {
  if (/^https?:/.test(cell.textContent)) return [];
  const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    for (const { 0: word, index } of walker.currentNode.data.matchAll(/[\\p{L}\\p{N}._]+/gu)) {
      if (word.length > 14) continue;
      const range = document.createRange();
      range.setStart(walker.currentNode, index);
      range.setEnd(walker.currentNode, index + word.length);
      const tops = new Set([...range.getClientRects()].map(({ top }) => top));
      if (tops.size > 1) found.push(word);
    }
  }
  return found;
})`;

/** The words that are broken at a width, by the widths at which any is. */
async function broken(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    const words = (await page.evaluate(BROKEN)) as string[];
    if (words.length > 0) found.push(`${width}: ${words.join(' ')}`);
  }
  return found;
}

it('the log scrolls sideways at no width, and has room for what its filter asks for', async () => {
  const { url } = await fillLog(c, receiver);
  const page = await c.signIn();
  for (const search of ['', '?status=dead']) {
    await page.goto(`${url}${search}`);
    expect(await sideways(page), search).toEqual([]);
    expect(await broken(page), search).toEqual([]);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      expect((await page.getByLabel('Delivery id').boundingBox())?.width, `${width}`).toBeGreaterThan(80);
    }
  }
});

it('nor does any page of a long URL, a long path and a long name', async () => {
  const [username, path] = [`u${'x'.repeat(60)}`, `segment-${'y'.repeat(100)}`];
  const namespace = await ensureNamespace(c.accounts, { username, path });
  const { id } = await c.addWebhook({ payload_url: LONG }, namespace);
  const list = `/console/n/${username}/${path}/-/webhooks`;
  const page = await c.signIn({}, await c.tokenOf(username));
  for (const url of [
    list,
    ...['/deliveries', '', '/settings', '/delete', '/recoveries'].map((one) => `${list}/${id}${one}`),
  ]) {
    await page.goto(url);
    expect([await sideways(page), await broken(page)], url.slice(list.length)).toEqual([[], []]);
  }
});

it('nor does one of words beside what is long, none of which is broken, however narrow its column', async () => {
  const path = 'wordy';
  const description = `Everything about deployments ${'and-what-they-need-'.repeat(12)} in production. `.repeat(4);
  const space = { id: 77, path, user: 'admin', description };
  await ingestTogether(c, [namespaceEvent('created', space, { second: 1 })]);
  const namespace = await c.accounts.namespaces.byId(space.id);
  if (namespace === undefined) throw new Error('There is no such namespace');
  for (const [payload_url, more] of [
    [LONGEST, {}],
    [LONG, { active: false, events: ['namespaces', 'images'] }],
  ] as const) {
    await c.addWebhook({ payload_url, ...more }, namespace);
  }
  const named = { ...space, description: '' };
  await ingestTogether(c, [namespaceEvent('updated', named, { second: 2 })]);
  await ingestTogether(c, [namespaceEvent('updated', space, { second: 3 })]);
  const page = await c.signIn();
  const list = `/console/n/admin/${path}/-/webhooks`;
  const events = `/console/n/admin/${path}/-/events`;
  for (const url of ['/console', list, events]) {
    await page.goto(url);
    expect([await sideways(page), await broken(page)], url).toEqual([[], []]);
  }
  await page.getByRole('link', { name: 'namespaces' }).first().click();
  await page.getByRole('heading', { name: 'What became of it' }).waitFor();
  expect([await sideways(page), await broken(page)], 'an event').toEqual([[], []]);
  await page.setViewportSize({ width: 1120, height: 800 });
  expect((await page.locator('td[data-label="Why"]').first().boundingBox())?.width).toBeGreaterThan(180);
});

it('nor does that of a new secret', async () => {
  const page = await c.signIn({ javaScriptEnabled: false });
  await page.goto('/console/n/admin/demo/-/webhooks/new');
  await page.getByLabel('Payload URL').fill(LONG);
  await page.getByLabel('Generate a secret for me').check();
  await page.getByRole('button', { name: 'Create webhook' }).click();
  await page.getByRole('heading', { name: 'Copy the secret now' }).waitFor();
  expect(await sideways(page)).toEqual([]);
});
