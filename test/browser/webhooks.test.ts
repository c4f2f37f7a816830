import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureNamespace } from '../../functions/actions/accounts.ts';
import { type Console, inspect, LOOKS, openConsole, WEBHOOKS } from './console.ts';
import { type Showcase, showcase } from './showcase.ts';

let console: Console;
let shown: Showcase;

beforeAll(async () => {
  console = await openConsole();
  await ensureNamespace(console.accounts, { username: 'admin', path: 'demo/empty' });
  shown = await showcase(console);
});
afterAll(async () => {
  await shown.stop();
  await console.stop();
});

describe('the Webhooks tab', () => {
  it.each(LOOKS)('shows how every webhook does: $width px, $colorScheme, scripts: $javaScriptEnabled', async (look) => {
    const page = await console.signIn(look);
    await page.goto(WEBHOOKS);
    await inspect(page, 'webhooks', look);
    const rows = await page.getByRole('row').allInnerTexts();
    const said = rows.slice(1).map((row) => row.replaceAll(/\s+/g, ' '));
    expect(said[0]).toContain('Healthy');
  });

  it.each(LOOKS)('teaches where there are none: $width px, $colorScheme, scripts: $javaScriptEnabled', async (look) => {
    const page = await console.signIn(look);
    await page.goto('/console/n/admin/demo/empty/-/webhooks');
    await inspect(page, 'webhooks-none', look);
    await expect(page.getByRole('link', { name: 'Create webhook' }).getAttribute('href')).resolves.toBe(
      '/console/n/admin/demo/empty/-/webhooks/new',
    );
  });
});
