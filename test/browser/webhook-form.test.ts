import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BOTH, type Console, inspect, LOOKS, type Look, openConsole, WEBHOOKS } from './console.ts';
import { button, newUrl, stored } from './webhook-fields.ts';

const MARKUP = '"><svg/onload=alert(1)><script>alert(2)</script>';
let console: Console;
beforeAll(async () => {
  console = await openConsole();
});
afterAll(() => console.stop());

async function newForm(look: Partial<Look>): Promise<Page> {
  const page = await console.signIn(look);
  await page.goto(WEBHOOKS);
  await page.getByRole('link', { name: 'Create webhook' }).click();
  return page;
}

describe('the form of a new webhook', () => {
  it.each(LOOKS)('looks well: $width px, $colorScheme, scripts: $javaScriptEnabled', async (look) => {
    const page = await newForm(look);
    await inspect(page, 'webhook-new', look);
    await page.getByLabel('Only these:').check();
    await button(page, 'Create webhook').click();
    await page.getByText('This needs another look').waitFor();
    // In the order of the fields.
    expect(await page.getByRole('alert').getByRole('link').allInnerTexts()).toEqual([
      'Payload URL is required.',
      'Choose at least one event, or all of them.',
    ]);
    await inspect(page, 'webhook-new-refused', look);
  });

  it.each(BOTH)('creates one, of some events, with what was typed ($javaScriptEnabled)', async (look) => {
    const page = await newForm(look);
    const payloadUrl = newUrl();
    await page.getByLabel('Payload URL').fill(payloadUrl);
    await page.getByRole('textbox', { name: 'Secret' }).fill('correct horse battery staple');
    await page.getByLabel('Only these:').check();
    await page.getByLabel('build.tagged').check();
    await page.getByLabel('cron').check();
    await button(page, 'Create webhook').click();
    await page.getByText('The webhook is created.').waitFor();
    const webhook = await stored(console, payloadUrl);
    expect(webhook).toMatchObject({ events: ['build.tagged', 'cron'], active: true, ssl: true });
    expect(webhook?.sealedSecret).toBeDefined();
    await page.reload();
    expect(await page.getByText('The webhook is created.').count()).toBe(0);
  });

  it.each(BOTH)('asks again for a secret that a refused form cannot keep ($javaScriptEnabled)', async (look) => {
    const page = await newForm(look);
    await page.getByLabel('Payload URL').fill('http://10.0.0.1/x');
    await page.getByRole('textbox', { name: 'Secret' }).fill('correct horse battery staple');
    await button(page, 'Create webhook').click();
    const secret = page.getByRole('textbox', { name: 'Secret' });
    await page.getByText('Type or generate the secret again').first().waitFor();
    expect([await secret.inputValue(), await secret.getAttribute('aria-invalid')]).toEqual(['', 'true']);
  });

  it('ties what is wrong with the events to their choice', async () => {
    const page = await newForm({});
    await page.getByLabel('Payload URL').fill(newUrl());
    await page.getByLabel('Only these:').check();
    await button(page, 'Create webhook').click();
    await page.getByText('Choose at least one event, or all of them.').first().waitFor();
    await page.waitForFunction("document.activeElement.id === 'for-some'");
    expect(await page.locator('#for-some').getAttribute('aria-describedby')).toBe('for-some-error');
  });

  it('makes a secret where no script runs, and shows it once', async () => {
    const page = await newForm({ javaScriptEnabled: false });
    await page.getByLabel('Payload URL').fill(newUrl());
    await page.getByLabel('Generate a secret for me').check();
    await button(page, 'Create webhook').click();
    await page.getByRole('heading', { name: 'Copy the secret now' }).waitFor();
    expect(await page.getByLabel(/^Secret of/).inputValue()).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    await page.getByRole('link', { name: 'I have copied it' }).click();
    expect(await page.content()).not.toContain('whsec_');
  });

  it.each(LOOKS.filter(({ javaScriptEnabled }) => !javaScriptEnabled))(
    'says where the webhook is, and what of a secret that nobody saw, where it was sent twice: $width px',
    async (look) => {
      const page = await newForm(look);
      await page.getByLabel('Payload URL').fill(newUrl());
      await page.getByLabel('Generate a secret for me').check();
      // What a second click on its way sends: the same again.
      const twice = await newForm(look);
      await twice.getByLabel('Payload URL').fill(await page.getByLabel('Payload URL').inputValue());
      await twice.getByLabel('Generate a secret for me').check();
      for (const one of [page, twice]) await button(one, 'Create webhook').click();
      await twice.getByText('a secret that was generated for it and that you have not seen can be replaced').waitFor();
      await inspect(twice, 'webhook-new-twice', look);
      await twice.getByRole('link', { name: 'in the list' }).click();
      await twice.waitForURL(`**${WEBHOOKS}`);
    },
  );

  it('makes a secret in the browser, where scripts run, and shows it while it is typed', async () => {
    const page = await newForm({});
    await page.getByLabel('Payload URL').fill(newUrl());
    await button(page, 'Generate').click();
    const secret = page.getByRole('textbox', { name: 'Secret' });
    expect([await secret.getAttribute('type'), await secret.inputValue()]).toEqual([
      'text',
      expect.stringMatching(/^whsec_[A-Za-z0-9+/]{32}$/),
    ]);
    await button(page, 'Hide').click();
    expect(await secret.getAttribute('type')).toBe('password');
  });

  it.each(BOTH)(
    'says at the field what is wrong, and keeps what was typed, but for the secret ($javaScriptEnabled)',
    async (look) => {
      const page = await newForm(look);
      await page.getByLabel('Payload URL').fill(`http://10.0.0.1/${MARKUP}`);
      await page.getByRole('textbox', { name: 'Secret' }).fill('not to be seen again');
      await page.getByLabel('Active').uncheck();
      await button(page, 'Create webhook').click();
      const field = page.getByLabel('Payload URL');
      await page.locator('#payload_url-error').waitFor();
      expect(await page.locator('#payload_url-error').innerText()).toBe('Payload URL must point to a public address.');
      expect(await field.getAttribute('aria-describedby')).toContain('payload_url-error');
      expect(await field.inputValue()).toBe(`http://10.0.0.1/${MARKUP}`);
      expect(await page.getByLabel('Active').isChecked()).toBe(false);
      expect(await page.content()).not.toContain('not to be seen again');
      if (look.javaScriptEnabled) await page.waitForFunction("document.activeElement.id === 'payload_url'");
    },
  );

  it.each([
    ['nothing', '', 'Payload URL is required.'],
    ['what is no URL', 'not a url', /./],
    [
      'ten thousand characters',
      `https://a.example/${'x'.repeat(10_000)}`,
      /^Payload URL must be at most 2048 characters/,
    ],
  ])('refuses %s', async (_, typed, sentence) => {
    const page = await newForm({ javaScriptEnabled: false });
    await page.getByLabel('Payload URL').fill(typed);
    await button(page, 'Create webhook').click();
    expect(await page.locator('#payload_url-error').innerText()).toMatch(sentence);
  });

  it('says so where it is far too long to be read', async () => {
    const page = await newForm({ javaScriptEnabled: false });
    await page.getByLabel('Payload URL').fill(`https://a.example/${'x'.repeat(70_000)}`);
    await button(page, 'Create webhook').click();
    await page.getByText('The body must be at most 64 KB.').waitFor();
  });

  it('is sent once, however often it is clicked; sent twice all the same, it says what there is', async () => {
    const page = await newForm({});
    const payloadUrl = newUrl();
    await page.getByLabel('Payload URL').fill(payloadUrl);
    await button(page, 'Create webhook').dblclick();
    await page.getByText('The webhook is created.').waitFor();
    const again = await newForm({ javaScriptEnabled: false });
    await again.getByLabel('Payload URL').fill(payloadUrl);
    await button(again, 'Create webhook').click();
    await again.getByText('If you sent this form twice, the webhook is there already, in the list.').waitFor();
    expect(await again.locator('main').innerText()).not.toContain('generated for it');
    await again.getByLabel('Payload URL').fill('http://10.0.0.1/x');
    await button(again, 'Create webhook').click();
    await again.getByText('Payload URL must point to a public address.').first().waitFor();
    expect(await again.getByText('If you sent this form twice').count()).toBe(0);
    expect(
      (await console.webhooks.all(console.namespace.id)).filter((one) => one.payloadUrl === payloadUrl),
    ).toHaveLength(1);
  });

  it('needs no mouse, from the list to a webhook', async () => {
    const page = await console.signIn();
    await page.goto(WEBHOOKS);
    await tabTo(page, 'Create webhook');
    await page.keyboard.press('Enter');
    await page.waitForFunction("document.activeElement.id === 'payload_url'");
    const payloadUrl = newUrl();
    await page.keyboard.type(payloadUrl);
    await tabTo(page, 'Only these:');
    await page.keyboard.press('Space');
    await tabTo(page, 'images');
    await page.keyboard.press('Space');
    await tabTo(page, 'Create webhook');
    await page.keyboard.press('Enter');
    await page.getByText('The webhook is created.').waitFor();
    expect((await stored(console, payloadUrl))?.events).toEqual(['images']);
  });
});

it('markup in a payload URL is shown, and never run', async () => {
  const page = await console.signIn();
  page.on('dialog', () => console.troubles.push('Markup was run'));
  const webhook = await console.addWebhook({ payload_url: `https://a.example/${MARKUP}` });
  for (const path of [
    '',
    `/${webhook.id}`,
    `/${webhook.id}/settings`,
    `/${webhook.id}/delete`,
    `/${webhook.id}/deliveries`,
  ]) {
    await page.goto(`${WEBHOOKS}${path}`);
    expect(await page.content(), path).toContain('&lt;script&gt;');
    expect(await page.locator('main script, main svg[onload]').count()).toBe(0);
  }
});

/** Tabs on until what has the focus is called so, as somebody who sees the focus does. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let pressed = 0; pressed < 60; pressed++) {
    const here = await page.evaluate(
      "(document.activeElement.labels?.[0]?.textContent || document.activeElement.textContent || '').trim()",
    );
    if (String(here).startsWith(name)) return;
    // Of radio buttons, Tab reaches the one that is chosen; the arrows go to the others.
    const isRadio = await page.evaluate("document.activeElement.type === 'radio'");
    await page.keyboard.press(isRadio && name === 'Only these:' ? 'ArrowDown' : 'Tab');
  }
  throw new Error(`${name} is not reached by the keyboard`);
}
