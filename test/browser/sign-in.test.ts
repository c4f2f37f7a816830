import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addCollaborator, ensureNamespace } from '../../functions/actions/accounts.ts';
import { BOTH, type Console, inspect, LOOKS, openConsole } from './console.ts';

const HOUR_MS = 60 * 60_000;
let console: Console;

beforeAll(async () => {
  console = await openConsole();
  await ensureNamespace(console.accounts, { username: 'admin', path: 'demo/site/frontend' });
  const shared = await ensureNamespace(console.accounts, { username: 'bob', path: 'tools' });
  await addCollaborator(console.accounts, shared, 'admin');
});
afterAll(() => console.stop());

describe('signing in', () => {
  it.each(LOOKS)('looks well: $width px, $colorScheme, scripts: $javaScriptEnabled', async (look) => {
    const page = await console.open(look);
    await page.goto('/console');
    await inspect(page, 'sign-in', look);
    await page.getByLabel('Token').fill('djinn_nonsense');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('This is no token of ours').waitFor();
    await inspect(page, 'sign-in-refused', look);
    await page.getByLabel('Token').fill(await console.tokenOf('admin'));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Namespaces' }).waitFor();
    await inspect(page, 'namespaces', look);
  });

  it.each(BOTH)('leads back to where one was, once a session has ended ($javaScriptEnabled)', async (look) => {
    const page = await console.signIn(look);
    await page.goto('/console/n/admin/demo/-/webhooks');
    console.clock.nowMs += 13 * HOUR_MS;
    await page.getByRole('link', { name: 'Events' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByLabel('Token').fill(await console.tokenOf('admin'));
    await page.keyboard.press('Enter');
    await page.waitForURL('**/n/admin/demo/-/events');
    console.clock.nowMs -= 13 * HOUR_MS;
  });

  it.each(BOTH)('leads back to the page of a form that was not taken any more ($javaScriptEnabled)', async (look) => {
    const page = await console.signIn(look);
    await page.goto('/console/n/admin/demo/-/webhooks/new');
    await page.getByLabel('Payload URL').fill('https://a.example/late');
    await page.context().clearCookies();
    await page.getByRole('button', { name: 'Create webhook' }).click();
    await page.getByText('what you sent was not done').waitFor();
    await page.getByLabel('Token').fill(await console.tokenOf('admin'));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/n/admin/demo/-/webhooks/new');
    expect(await console.webhooks.all(console.namespace.id)).toEqual([]);
  });

  it.each(BOTH)(
    'ends with signing out, in other tabs, too, and Back shows nothing ($javaScriptEnabled)',
    async (look) => {
      const page = await console.signIn(look);
      await page.goto('/console/n/admin/demo/-/webhooks');
      const other = await page.context().newPage();
      await other.goto('/console');
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByText('You are signed out.').waitFor();
      await page.goBack();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      await other.reload();
      await other.getByRole('heading', { name: 'Sign in' }).waitFor();
    },
  );

  it('needs no mouse', async () => {
    const page = await console.open();
    await page.goto('/console');
    await page.waitForFunction("document.activeElement.id === 'token'");
    await page.keyboard.type(await console.tokenOf('admin'));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Namespaces' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForFunction("document.activeElement.id === 'main'");
  });
});

describe('the namespaces', () => {
  it('are those that one owns, and those of trees that one collaborates on', async () => {
    const page = await console.signIn();
    const rows = await page.getByRole('row').allInnerTexts();
    const names = rows.slice(1).map((row) => row.split(/\s/, 1)[0]);
    expect(names).toEqual(['admin/demo', 'admin/demo/site', 'admin/demo/site/frontend', 'bob/tools']);
    await page.getByRole('link', { name: 'bob/tools' }).click();
    await page.getByRole('heading', { name: 'No webhooks yet' }).waitFor();
  });

  it('are opened by their paths, also where the token may not list them', async () => {
    const page = await console.signIn({ javaScriptEnabled: false }, await console.tokenOf('admin', ['webhook:read']));
    await page.getByText('may not list namespaces').waitFor();
    await page.getByLabel('Open a namespace by its path').fill('no such thing!');
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByText('This is no path of a namespace').waitFor();
    await page.getByLabel('Open a namespace by its path').fill('/admin/demo/site/');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/console/n/admin/demo/site/-/webhooks');
    expect(await page.getByRole('link', { name: 'Create webhook' }).count()).toBe(0);
  });

  it('of others are not there, as those that do not exist', async () => {
    const page = await console.signIn({}, await console.tokenOf('eve'));
    await page.getByText('No namespaces yet').waitFor();
    const texts: string[] = [];
    for (const path of ['admin/demo', 'admin/nowhere', 'nobody/at-all']) {
      const answer = await page.goto(`/console/n/${path}/-/webhooks`);
      expect(answer?.status()).toBe(404);
      texts.push(await page.locator('main').innerText());
    }
    expect(new Set(texts).size).toBe(1);
  });
});
