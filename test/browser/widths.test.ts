import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureNamespace } from '../../functions/actions/accounts.ts';
import { type Console, openConsole } from './console.ts';
import { fillLog, startObedient } from './deliveries.ts';

/** Phones, tablets, half a screen, a whole one at 150 %; and either side of where the pages are laid out in another way. */
const WIDTHS = [320, 360, 721, 768, 853, 920, 1000, 1001, 1024, 1119, 1120, 1280];
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

/** The widths at which a page scrolls sideways, and by how much. */
async function sideways(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    const by = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    if (by !== 0) found.push(`${width}: ${by}`);
  }
  return found;
}

it('the log scrolls sideways at no width, and has room for what its filter asks for', async () => {
  const { url } = await fillLog(c, receiver);
  const page = await c.signIn();
  for (const search of ['', '?status=dead']) {
    await page.goto(`${url}${search}`);
    expect(await sideways(page), search).toEqual([]);
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
    expect(await sideways(page), url.slice(list.length)).toEqual([]);
  }
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
