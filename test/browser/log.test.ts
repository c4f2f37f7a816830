import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pauseWebhook, resumeWebhook } from '../../functions/actions/pause.ts';
import { ping } from '../../functions/actions/ping.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import { SCOPES } from '../../functions/domain/token.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { work } from '../support/emit.ts';
import { type Console, inspect, LOOKS, openConsole } from './console.ts';
import { build, emitAll, fillLog, hookWith, logOf, rows, startObedient, texts } from './deliveries.ts';

let c: Console;
let receiver: Awaited<ReturnType<typeof startObedient>>;
let log: Awaited<ReturnType<typeof fillLog>>;
beforeAll(async () => {
  c = await openConsole();
  receiver = await startObedient(c);
  log = await fillLog(c, receiver);
});
afterAll(async () => {
  await c.stop();
  await receiver.stop();
});

const notice = (page: Page) => page.locator('.notice').innerText();

describe('the log', () => {
  it.each(LOOKS)('shows where each delivery stands, and what comes next: %j', async (look) => {
    const page = await c.signIn(look);
    await page.goto(log.url);
    await inspect(page, 'log', look);
    expect(await texts(page)).toHaveLength(15);
    await page.goto(`${log.url}?status=dead`);
    await inspect(page, 'log-filtered', look);
    expect(await texts(page)).toHaveLength(1);
    await page.goto(`${log.url}?status=held&event=cron`);
    await inspect(page, 'log-nothing', look);
    await page.goto(`${log.url}?since=yesterday&cursor=x&id=1234`);
    await inspect(page, 'log-nonsense', look);
  });

  it.each(LOOKS)('teaches where nothing was ever sent: %j', async (look) => {
    const webhook = await c.addWebhook({ payload_url: `${receiver.url}/${crypto.randomUUID()}`, events: ['images'] });
    const page = await c.signIn(look);
    await page.goto(logOf(webhook));
    await inspect(page, 'log-empty', look);
    await page.getByRole('heading', { name: 'No deliveries yet' }).waitFor();
  });

  it('says of each delivery what it is about, which attempt it is, and what comes next', async () => {
    const page = await c.signIn();
    await page.goto(log.url);
    const [, , retrying, , cancelled] = await texts(page);
    expect(retrying).toMatch(/503.*build\.finished.*Build #1842 · failed.*2 of 10.*in 4 min · now.*cancel.*\d+ ms/s);
    expect(cancelled).toMatch(/500.*Build #1840.*1 of 10.*cancelled · redeliver/s);
    const link = page.getByRole('link', { name: 'Build #1842 · failed' });
    expect(await link.getAttribute('rel')).toBe('noopener noreferrer');
    expect((await texts(page)).at(-1)).toMatch(/500.*variables.*DEPLOY_KEY · created.*10 of 10.*given up · redeliver/s);
  });
});

describe.each([true, false])('with scripts: %j, in the log', (javaScriptEnabled) => {
  it('filters by what stands in the form, and the URL says so', async () => {
    const page = await c.signIn({ javaScriptEnabled });
    await page.goto(log.url);
    await page.getByLabel('Status').selectOption('retrying');
    await page.getByLabel('Event').selectOption('build.finished');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL(`**${log.url}?status=retrying&event=build.finished`);
    expect(await texts(page)).toHaveLength(1);
    expect(await page.getByLabel('Status').inputValue()).toBe('retrying');
    await page.getByRole('link', { name: 'Clear' }).click();
    await page.waitForURL(`**${log.url}`);
    await page.getByLabel('When it happened').selectOption('1h');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL('**?within=1h');
    expect(await texts(page)).toHaveLength(5);
  });

  it('goes to the delivery whose id is typed', async () => {
    const page = await c.signIn({ javaScriptEnabled });
    await page.goto(log.url);
    const id = deliveryId(log.dead, log.webhook.id);
    await page.getByLabel('Delivery id').fill(` ${id.toUpperCase()} `);
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL(`**${log.url}/${id}`);
    await page.getByRole('heading', { name: 'variables · DEPLOY_KEY · created' }).waitFor();
  });

  it('makes what is selected again: it arrives, and the log says so', async () => {
    const { url, events, arrived } = await hookWith(c, receiver, { count: 3 });
    const page = await c.signIn({ javaScriptEnabled });
    await page.goto(`${url}?status=succeeded`);
    await rows(page).nth(0).getByRole('checkbox').check();
    await rows(page).nth(2).getByRole('checkbox').check();
    await page.getByRole('button', { name: /Redeliver/ }).click();
    expect(await notice(page)).toBe('2 deliveries will be made again in a moment.');
    expect(new URL(page.url()).search).toBe('?status=succeeded');
    await work(c);
    expect(arrived()).toHaveLength(5);
    await page.goto(url);
    const [newest, , oldest] = await texts(page);
    expect([newest, oldest].map((text) => /1 of 10 · redelivered/.test(text ?? ''))).toEqual([true, true]);
    expect(events).toHaveLength(3);
  });

  it('makes one again at once, and cancels one, from its row', async () => {
    const { url } = await hookWith(c, receiver, { count: 0 });
    await emitAll(c, [
      { type: 'ssh_keys', payload: { answer: 500 } },
      { type: 'ssh_keys', payload: { answer: 500 } },
    ]);
    const page = await c.signIn({ javaScriptEnabled });
    await page.goto(`${url}?event=ssh_keys`);
    await rows(page).nth(0).getByRole('button', { name: /^now/ }).click();
    expect(await notice(page)).toBe('It will be made again in a moment.');
    expect(new URL(page.url()).search).toBe('?event=ssh_keys');
    await rows(page)
      .nth(1)
      .getByRole('button', { name: /^cancel/ })
      .click();
    expect(await notice(page)).toBe('Cancelled: no further attempt will be made.');
    await work(c);
    await page.reload();
    const [first, second] = await texts(page);
    expect(first).toMatch(/1 of 10 · redelivered/);
    expect(second).toMatch(/cancelled · redeliver/);
  });

  it('goes to older pages and back', async () => {
    const { url } = await hookWith(c, receiver, { count: 51 });
    const page = await c.signIn({ javaScriptEnabled });
    await page.goto(url);
    expect(await texts(page)).toHaveLength(50);
    await page.getByRole('link', { name: 'Older' }).click();
    await page.getByRole('link', { name: 'Newer' }).waitFor();
    expect(await texts(page)).toHaveLength(1);
    await page.getByRole('link', { name: 'Newer' }).click();
    await page.getByRole('link', { name: 'Older' }).waitFor();
    expect(await texts(page)).toHaveLength(50);
  });

  it('says why nothing was made again, where the webhook is paused', async () => {
    const { url, webhook } = await hookWith(c, receiver, { count: 1, type: 'images' });
    const deps = apiDeps(c.engines.settings, c.world);
    const of = { namespace: c.namespace, id: webhook.id };
    await pauseWebhook(deps, of, { until: new Date(c.clock.nowMs + 3_600_000).toISOString() });
    await emitAll(c, [{ type: 'images', payload: {} }]);
    const page = await c.signIn({ javaScriptEnabled });
    await page.goto(url);
    expect(await rows(page).nth(0).innerText()).toMatch(/paused.*resumes in \d+ (min|h) · cancel/s);
    await inspect(page, 'log-paused', { width: 1280, colorScheme: 'light', javaScriptEnabled });
    await rows(page).nth(1).getByRole('checkbox').check();
    await page.getByRole('button', { name: /Redeliver/ }).click();
    expect(await notice(page)).toBe('The webhook is paused. Resume it first.');
    await resumeWebhook(deps, of);
  });
});

it('marks a test, which is a delivery like any other', async () => {
  const { url, webhook } = await hookWith(c, receiver, { count: 0 });
  const which = { namespace: c.namespace, webhookId: webhook.id };
  await ping(apiDeps(c.engines.settings, c.world), which, 'build.finished');
  await work(c);
  const page = await c.signIn();
  await page.goto(url);
  expect(await rows(page).nth(0).innerText()).toMatch(/204.*build\.finished.*1 of 10 · test/s);
  await rows(page).nth(0).getByRole('link').first().click();
  await page.getByRole('link', { name: /^A test/ }).waitFor();
});

describe('without scripts', () => {
  it('has a link in place of what a script would do', async () => {
    const page = await c.signIn({ javaScriptEnabled: false });
    await page.goto(`${log.url}?status=dead`);
    expect(await page.getByRole('button', { name: 'Live', exact: true }).isVisible()).toBe(false);
    expect(await page.getByLabel('Select all').isVisible()).toBe(false);
    await page.getByRole('link', { name: 'Refresh' }).click();
    await page.waitForURL('**?status=dead');
    await page.getByRole('button', { name: 'Redeliver selected' }).click();
    expect(await notice(page)).toMatch(/^Nothing was selected/);
  });
});

describe('with a token that only reads', () => {
  it('has nothing that would be refused', async () => {
    const token = await c.tokenOf(
      'admin',
      SCOPES.filter((scope) => scope === 'webhook:read'),
    );
    const page = await c.signIn({}, token);
    await page.goto(log.url);
    expect(await texts(page)).toHaveLength(15);
    expect(await page.locator('.log button, .log input, [data-selection]').count()).toBe(0);
    await page.getByRole('link', { name: 'variables' }).click();
    await page.getByRole('heading', { level: 1, name: /DEPLOY_KEY/ }).waitFor();
    expect(await page.locator('main button:not([data-live-toggle], [data-copy])').count()).toBe(0);
  });
});

it('is reached from the reason that a hook did not fire', async () => {
  const page = await c.signIn();
  await emitAll(c, [build(2000, 503)]);
  await page.goto('/console/n/admin/demo/-/webhooks');
  await page.getByRole('link', { name: `${receiver.url}/hooks/ci` }).click();
  await rows(page).nth(0).getByRole('link').first().click();
  await page.getByText('The receiver answered 503 Service Unavailable.').first().waitFor();
});
