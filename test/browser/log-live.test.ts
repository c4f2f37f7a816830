import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Console, openConsole } from './console.ts';
import { emitAll, fillLog, hookWith, rows, startObedient, texts } from './deliveries.ts';

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

describe('the log, by itself', () => {
  it('shows what comes, and keeps what is selected, focused and in sight', async () => {
    const { url } = await hookWith(c, receiver, { count: 30 });
    const page = await c.signIn();
    await page.goto(url);
    const chosen = rows(page).nth(12);
    const box = chosen.getByRole('checkbox');
    await box.check();
    const id = await chosen.getAttribute('id');
    await chosen.getByRole('link').first().focus();
    await page.evaluate(`document.getElementById('${id}').scrollIntoView({ block: 'center' })`);
    const before = await chosen.boundingBox();
    c.clock.nowMs += 60_000;
    await emitAll(c, [{ type: 'ssh_keys', payload: { action: 'created', key: { name: 'brand new' } } }]);
    await page.getByText('brand new').waitFor({ state: 'attached' });
    expect(await texts(page)).toHaveLength(31);
    const same = page.locator(`#${id}`);
    expect(await same.getByRole('checkbox').isChecked()).toBe(true);
    expect(await page.evaluate(`document.getElementById('${id}').contains(document.activeElement)`)).toBe(true);
    expect((await same.boundingBox())?.y).toBeCloseTo(before?.y ?? 0, 0);
    expect(await page.getByRole('button', { name: 'Redeliver 1 selected' }).isEnabled()).toBe(true);
    expect(await page.getByRole('status').first().innerText()).toBe('1 new row');
  });

  it('stays as it is while it is paused, on the next page, too', async () => {
    const { url } = await hookWith(c, receiver, { count: 1 });
    const page = await c.signIn();
    await page.goto(url);
    const live = page.getByRole('button', { name: 'Live', exact: true });
    await live.click();
    expect(await live.getAttribute('aria-pressed')).toBe('false');
    await emitAll(c, [{ type: 'ssh_keys', payload: { action: 'created', key: { name: 'unseen' } } }]);
    await page.waitForTimeout(6_000);
    expect(await texts(page)).toHaveLength(1);
    await page.goto(log.url);
    expect(await live.getAttribute('aria-pressed')).toBe('false');
    await page.goto(url);
    await live.click();
    await emitAll(c, [{ type: 'ssh_keys', payload: { action: 'created', key: { name: 'seen' } } }]);
    await page.getByText('seen · created', { exact: true }).waitFor();
  });

  it('shows the first delivery where there was none', async () => {
    const { url } = await hookWith(c, receiver, { count: 0, type: 'objects' });
    const page = await c.signIn();
    await page.goto(url);
    await page.getByText('No deliveries yet').waitFor();
    await emitAll(c, [{ type: 'objects', payload: { action: 'created', object: { name: 'first' } } }]);
    await page.getByText('first · created').waitFor();
    expect(await page.getByText('No deliveries yet').count()).toBe(0);
  });

  it('stops when the session has ended', async () => {
    const page = await c.signIn();
    await page.goto(log.url);
    await page.context().clearCookies();
    const over = page.getByRole('button', { name: 'Not live any more' });
    await over.waitFor();
    await page.getByText('You are not signed in any more.').waitFor({ state: 'attached' });
    expect(await texts(page)).toHaveLength(15);
    await over.click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  it('selects all on the page, and says how many', async () => {
    const page = await c.signIn();
    await page.goto(log.url);
    await page.getByLabel('Select all on this page').check();
    await page.getByRole('button', { name: 'Redeliver 15 selected' }).waitFor();
    await rows(page).nth(3).getByRole('checkbox').uncheck();
    await page.getByRole('button', { name: 'Redeliver 14 selected' }).waitFor();
    expect(await page.getByLabel('Select all on this page').isChecked()).toBe(false);
  });
});
