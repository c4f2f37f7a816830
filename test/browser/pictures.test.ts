import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, it } from 'vitest';
import { type Console, inspect, type Look, openConsole, SCREENSHOTS } from './console.ts';
import { type Showcase, showcase } from './showcase.ts';

/** The pictures of docs/console.md; `npm run pictures` puts them there. */
const PICTURES = join(SCREENSHOTS, 'docs');
let console: Console;
let shown: Showcase;

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  console = await openConsole();
  shown = await showcase(console);
});
afterAll(async () => {
  await shown.stop();
  await console.stop();
});

async function take(page: Page, name: string, look: Look, height = look.width === 360 ? 740 : 760): Promise<void> {
  await inspect(page, `picture-${name}`, look);
  await page.setViewportSize({ width: look.width, height });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

const LIGHT: Look = { width: 1280, colorScheme: 'light', javaScriptEnabled: true };
const DARK: Look = { ...LIGHT, colorScheme: 'dark' };
const PHONE: Look = { ...LIGHT, width: 360 };

it('shows the way from a webhook that fails to the reason, which is two clicks', async () => {
  const page = await console.signIn(LIGHT);
  await page.goto('/console/n/admin/demo/-/webhooks');
  await take(page, 'webhooks', LIGHT, 600);
  await page.getByRole('link', { name: 'chat.example.org' }).click();
  await page.getByText('Failing').first().waitFor();
  await take(page, 'deliveries', LIGHT, 900);
  await page.getByRole('link', { name: 'build.finished' }).first().click();
  await page.getByRole('heading', { name: 'What to do' }).waitFor();
});

it('shows a delivery in the dark, and the day of a webhook', async () => {
  const page = await console.signIn(DARK);
  await page.goto(`/console/n/admin/demo/-/webhooks/${shown.webhooks.chat.id}/deliveries`);
  await page.getByRole('link', { name: 'build.finished' }).first().click();
  await page.getByRole('heading', { name: 'What to do' }).waitFor();
  await take(page, 'delivery', DARK, 1000);
  await page.goto(`/console/n/admin/demo/-/webhooks/${shown.webhooks.chat.id}`);
  await page.getByText('succeeded').first().waitFor();
  await take(page, 'overview', DARK, 820);
});

it('shows what became of an event, a new webhook, and the tab on a phone', async () => {
  const page = await console.signIn(LIGHT);
  await page.goto('/console/n/admin/demo/-/events');
  await page.getByRole('link', { name: 'variables' }).first().click();
  await take(page, 'event', LIGHT, 800);
  await page.goto('/console/n/admin/demo/-/webhooks/new');
  await take(page, 'create', LIGHT, 820);
  const phone = await console.signIn(PHONE);
  await phone.goto('/console/n/admin/demo/-/webhooks');
  await take(phone, 'phone', PHONE);
});
