import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureNamespace } from '../../functions/actions/accounts.ts';
import { BOTH, type Console, inspect, LOOKS, openConsole } from './console.ts';
import { type Showcase, showcase } from './showcase.ts';

const EVENTS = '/console/n/admin/demo/-/events';
let console: Console;
let shown: Showcase;

beforeAll(async () => {
  console = await openConsole();
  await ensureNamespace(console.accounts, { username: 'admin', path: 'quiet' });
  shown = await showcase(console);
});
afterAll(async () => {
  await shown.stop();
  await console.stop();
});

describe('the Events tab', () => {
  it.each(LOOKS)('shows what happened: $width px, $colorScheme, scripts: $javaScriptEnabled', async (look) => {
    const page = await console.signIn(look);
    await page.goto(EVENTS);
    await inspect(page, 'events', look);
    await page.getByRole('link', { name: 'variables' }).first().click();
    await page.getByRole('heading', { level: 1, name: /variables/ }).waitFor();
    await inspect(page, 'event', look);
    await page.goto('/console/n/admin/quiet/-/events');
    await inspect(page, 'events-none', look);
  });

  it('says of each event what every webhook was told, and why one was not', async () => {
    const page = await console.signIn();
    await page.goto(EVENTS);
    await page.getByRole('link', { name: 'variables' }).first().click();
    const verdictOf = async (url: string) =>
      (await page.getByRole('row').filter({ hasText: url }).innerText()).split('\n').filter(Boolean);
    expect(await verdictOf('chat.example.org')).toEqual(expect.arrayContaining(['Retrying', 'See its attempts']));
    expect(await verdictOf('ledger.example.net')).toEqual(expect.arrayContaining(['Held', 'See its attempts']));
    expect(await verdictOf('staging.acme.example')).toContain('The webhook was inactive when the event came.');
    expect(await verdictOf('deploy.acme.example')).toContain('The webhook does not subscribe to events of this type.');
  });

  it.each(BOTH)('shows one type of events, with or without scripts ($javaScriptEnabled)', async (look) => {
    const page = await console.signIn(look);
    await page.goto(EVENTS);
    await page.getByLabel('Event', { exact: true }).selectOption('variables');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL(/event=variables/);
    const rows = (await page.getByRole('row').allInnerTexts()).slice(1);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter((text) => !text.includes('variables'))).toEqual([]);
    await page.getByLabel('Event', { exact: true }).selectOption('ssh_keys');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL(/event=ssh_keys/);
    await page.getByText('There are no events of this type.').waitFor();
    await page.getByRole('link', { name: 'Clear' }).click();
    await page.waitForURL((url) => url.search === '');
  });

  it('pages to the oldest event and back', async () => {
    const page = await console.signIn();
    await page.goto(EVENTS);
    const first = await page.getByRole('row').nth(1).innerText();
    /** Follows a link for as long as there is one; answers how often. */
    const follow = async (name: string) => {
      for (let followed = 0; ; followed++) {
        const here = page.url();
        const link = page.getByRole('link', { name });
        if ((await link.count()) === 0) return followed;
        await link.click();
        await page.waitForURL((url) => url.href !== here);
      }
    };
    const pages = 1 + (await follow('Older'));
    await follow('Newer');
    expect(pages).toBeGreaterThan(2);
    expect(await page.getByRole('row').nth(1).innerText()).toBe(first);
  });
});
