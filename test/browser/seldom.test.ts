import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Console, inspect, LOOKS, openConsole, WEBHOOKS } from './console.ts';
import { button, newUrl } from './webhook-fields.ts';

/** Pages that are seldom seen, and by somebody who has something else on their mind. */
const EVENTS = '/console/n/admin/demo/-/events';

let c: Console;
beforeAll(async () => {
  c = await openConsole();
});
afterAll(() => c.stop());

/** Sends a form from a page that is not ours, as another site would have a browser do. */
async function sendFromElsewhere(page: Page, path: string): Promise<void> {
  await page.goto('about:blank');
  await page.setContent(`<form method="post" action="${c.url}${path}"><button>Win a prize</button></form>`);
  await page.getByRole('button', { name: 'Win a prize' }).click();
}

describe.each(LOOKS)('at $width px, $colorScheme, scripts: $javaScriptEnabled', (look) => {
  it('what is not there, or was not asked for as it must be, has a page that looks well', async () => {
    const page = await c.signIn(look);
    for (const [name, path, status, heading] of [
      ['not-found', '/console/n/admin/nowhere/-/webhooks', 404, 'Nothing is here'],
      ['no-page', '/console/nonsense', 404, 'Nothing is here'],
      ['nonsense', `${EVENTS}?event=nonsense`, 400, 'This did not work'],
    ] as const) {
      expect((await page.goto(path))?.status(), name).toBe(status);
      await page.getByRole('heading', { level: 1, name: heading }).waitFor();
      await inspect(page, `problem-${name}`, look);
    }
    await page.getByRole('link', { name: 'Go to your namespaces' }).click();
    await page.getByRole('heading', { name: 'Namespaces' }).waitFor();
  });

  it('so has what the token does not allow', async () => {
    const page = await c.signIn(look, await c.tokenOf('admin', ['webhook:read']));
    expect((await page.goto(`${WEBHOOKS}/new`))?.status()).toBe(403);
    await page.getByText('does not have webhook:write').waitFor();
    await inspect(page, 'problem-scope', look);
  });

  it('and what a page of another site has sent', async () => {
    const page = await c.signIn(look);
    await sendFromElsewhere(page, '/console/sign-out');
    await page.getByRole('heading', { name: 'This was not sent from here' }).waitFor();
    await inspect(page, 'problem-other-site', look);
  });

  it('so has a form that is refused because of how things stand', async () => {
    const page = await c.signIn(look);
    const { id } = await c.addWebhook({ payload_url: newUrl() });
    await page.goto(`${WEBHOOKS}/${id}/pause`);
    const other = await page.context().newPage();
    await other.goto(`${WEBHOOKS}/${id}`);
    await button(other, 'Deactivate').click();
    await other.getByText('Deactivated. What it misses').waitFor();
    await button(page, 'Pause').click();
    await page.getByText('The webhook is inactive: nothing is sent to it.').first().waitFor();
    await inspect(page, 'problem-inactive', look);
  });

  it('so has a secret that was just made', async () => {
    const page = await c.signIn(look);
    const { id } = await c.addWebhook({ payload_url: newUrl(), secret: 'first secret' });
    await page.goto(`${WEBHOOKS}/${id}/settings`);
    await page.getByLabel('Generate a new one').check();
    await button(page, 'Save').click();
    await page.getByRole('heading', { name: 'Copy the secret now' }).waitFor();
    expect(await button(page, 'Copy').isVisible()).toBe(look.javaScriptEnabled);
    await inspect(page, 'secret', look);
  });

  it('so have the namespaces of somebody who has none, and of whoever types no path', async () => {
    const page = await c.signIn(look, await c.tokenOf('newcomer'));
    await page.getByRole('heading', { name: 'No namespaces yet' }).waitFor();
    await inspect(page, 'namespaces-none', look);
    await page.getByLabel('Open a namespace by its path').fill('no such thing!');
    await button(page, 'Open').click();
    await page.getByText('This is no path of a namespace').waitFor();
    await inspect(page, 'namespaces-error', look);
  });

  it('so have the namespaces of a token that may not list them', async () => {
    const page = await c.signIn(look, await c.tokenOf('admin', ['webhook:read']));
    await page.getByText('may not list namespaces').waitFor();
    await inspect(page, 'namespaces-unlisted', look);
  });

  it('so have events of a type of which there are none', async () => {
    const page = await c.signIn(look);
    await page.goto(`${EVENTS}?event=ssh_keys`);
    await page.getByText('There are no events of this type.').waitFor();
    await inspect(page, 'events-nothing', look);
  });

  it('so has what is said of what was done, and of what was not', async () => {
    const page = await c.signIn(look);
    const { id } = await c.addWebhook({ payload_url: newUrl() });
    await page.goto(`${WEBHOOKS}/${id}`);
    await button(page, 'Deactivate').click();
    await page.getByText('Deactivated. What it misses').waitFor();
    await inspect(page, 'flash-done', look);
    await page.context().clearCookies();
    await page.locator('main').getByRole('button', { name: 'Activate' }).first().click();
    await page.getByText('what you sent was not done').waitFor();
    await inspect(page, 'flash-refused', look);
  });
});
