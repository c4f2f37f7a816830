import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BOTH, type Console, inspect, LOOKS, openConsole, WEBHOOKS } from './console.ts';
import { button, newUrl, stored } from './webhook-fields.ts';

let console: Console;
beforeAll(async () => {
  console = await openConsole();
});
afterAll(() => console.stop());

describe('the settings of a webhook', () => {
  async function settingsOf(page: Page, body: Readonly<Record<string, unknown>> = {}) {
    const webhook = await console.addWebhook({ payload_url: newUrl(), secret: 'first secret', ...body });
    await page.goto(`${WEBHOOKS}/${webhook.id}/settings`);
    return webhook;
  }

  it.each(LOOKS)('look well: $width px, $colorScheme, scripts: $javaScriptEnabled', async (look) => {
    const page = await console.signIn(look);
    await settingsOf(page, { events: ['images'] });
    await inspect(page, 'webhook-settings', look);
    await page.getByRole('link', { name: 'Delete…' }).click();
    await inspect(page, 'webhook-delete', look);
  });

  it.each(BOTH)('change what was changed, and nothing else ($javaScriptEnabled)', async (look) => {
    const page = await console.signIn(look);
    const { payloadUrl, id } = await settingsOf(page, { events: ['images'] });
    await console.webhooks.change((await stored(console, payloadUrl)) ?? raise(), { startedOverMs: 1 });
    const before = (await stored(console, payloadUrl)) ?? raise();
    await page.getByLabel('All events').check();
    await button(page, 'Save').click();
    await page.getByText('Saved.').waitFor();
    const after = await console.webhooks.get(console.namespace.id, id);
    // Whoever names `active` starts a webhook over: a box that nobody has touched must not.
    expect(after).toEqual({ ...before, events: [], healthRevision: expect.any(Number) });
    await page.goto(`${WEBHOOKS}/${id}/settings`);
    await button(page, 'Save').click();
    await page.getByText('Nothing was different').waitFor();
  });

  it.each(BOTH)('replace the secret, remove it, or make one, as is chosen ($javaScriptEnabled)', async (look) => {
    const page = await console.signIn(look);
    const { payloadUrl, id } = await settingsOf(page);
    await page.getByLabel('Replace it with this one:').check();
    await button(page, 'Save').click();
    expect(await page.locator('#secret-error').innerText()).toBe('Type the new secret, or keep the one that there is.');
    expect(await page.getByLabel('Replace it with this one:').isChecked()).toBe(true);
    await page.getByRole('textbox', { name: 'Secret' }).fill('second secret');
    await page.getByLabel('The old one goes on signing').selectOption('for 7 days');
    await button(page, 'Save').click();
    await page.getByText('Saved.').waitFor();
    const until = Date.parse((await stored(console, payloadUrl))?.previousSecret?.until ?? '');
    expect(until - console.clock.nowMs).toBe(7 * 24 * 60 * 60_000);
    await page.goto(`${WEBHOOKS}/${id}/settings`);
    await page.getByLabel('Generate a new one').check();
    await button(page, 'Save').click();
    await page.getByRole('heading', { name: 'Copy the secret now' }).waitFor();
    expect(await page.getByLabel(/^Secret of/).inputValue()).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    await page.goto(`${WEBHOOKS}/${id}/settings`);
    await page.getByLabel('Remove it').check();
    await button(page, 'Save').click();
    await page.getByText('Saved.').waitFor();
    expect((await stored(console, payloadUrl))?.sealedSecret).toBeUndefined();
  });

  it('have a secret that a script makes replace the one that there is', async () => {
    const page = await console.signIn();
    const { payloadUrl } = await settingsOf(page);
    const before = (await stored(console, payloadUrl)) ?? raise();
    await button(page, 'Generate').click();
    expect(await page.getByRole('textbox', { name: 'Secret' }).inputValue()).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    await button(page, 'Save').click();
    await page.getByText('Saved.').waitFor();
    const after = await stored(console, payloadUrl);
    expect(after?.sealedSecret).not.toEqual(before.sealedSecret);
    expect(after?.previousSecret?.sealed).toEqual(before.sealedSecret);
  });

  it('that somebody else has changed meanwhile are not written over, and what both have is asked about', async () => {
    const page = await console.signIn({ javaScriptEnabled: false });
    const { payloadUrl, id } = await settingsOf(page);
    const other = await page.context().newPage();
    const save = async (where: Page) => {
      await button(where, 'Save').click();
      await where.getByText('Saved.').waitFor();
    };
    await other.goto(page.url());
    await other.getByLabel('Payload URL').fill(`${payloadUrl}/moved`);
    await save(other);
    await page.getByLabel('Active').uncheck();
    await save(page);
    const stored = () => console.webhooks.get(console.namespace.id, id);
    expect(await stored()).toMatchObject({ payloadUrl: `${payloadUrl}/moved`, active: false });
    for (const one of [page, other]) await one.goto(`${WEBHOOKS}/${id}/settings`);
    await other.getByLabel('Payload URL').fill(`${payloadUrl}/theirs`);
    await other.getByLabel('Active').check();
    await save(other);
    await page.getByLabel('Payload URL').fill(`${payloadUrl}/ours`);
    await button(page, 'Save').click();
    await page.getByText('Somebody has changed this webhook since you opened it.').waitFor();
    await inspect(page, 'webhook-settings-conflict', { width: 1280, colorScheme: 'light', javaScriptEnabled: false });
    expect(await page.getByRole('alert').getByRole('listitem').allInnerTexts()).toEqual([
      `Payload URL: now ${payloadUrl}/theirs, here ${payloadUrl}/ours`,
    ]);
    await save(page);
    expect(await stored()).toMatchObject({ payloadUrl: `${payloadUrl}/ours`, active: true });
  });

  it.each(BOTH)(
    'lead to deleting it, after which every page of it says that it is gone ($javaScriptEnabled)',
    async (look) => {
      const page = await console.signIn(look);
      const { id } = await settingsOf(page);
      const stale = await page.context().newPage();
      await stale.goto(page.url());
      await page.getByRole('link', { name: 'Delete…' }).click();
      await button(page, 'Delete it').click();
      await page.getByText('is deleted.').waitFor();
      await page.goBack();
      await page.getByRole('heading', { name: 'Nothing is here' }).waitFor();
      await stale.getByLabel('All events').check();
      await button(stale, 'Save').click();
      await stale.getByRole('heading', { name: 'Nothing is here' }).waitFor();
      for (const path of ['', '/settings', '/delete', '/deliveries']) {
        expect((await page.goto(`${WEBHOOKS}/${id}${path}`))?.status(), path).toBe(404);
      }
    },
  );
});

function raise(): never {
  throw new Error('There is no such webhook');
}
