import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeWebhook } from '../../functions/actions/webhooks.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { BOTH, type Console, inspect, LOOKS, openConsole, WEBHOOKS } from './console.ts';
import { openNewWebhook } from './new-webhook.ts';
import { type Showcase, showcase } from './showcase.ts';

const MARKUP = '"><img src=x onerror=alert(1)><script>alert(2)</script>';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
let console: Console;
let shown: Showcase;

beforeAll(async () => {
  console = await openConsole();
  shown = await showcase(console);
});
afterAll(async () => {
  await shown.stop();
  await console.stop();
});

describe.each(LOOKS)('at $width px, $colorScheme, scripts: $javaScriptEnabled', (look) => {
  it('every state has a head that says how it is, and why', async () => {
    const page = await console.signIn(look);
    for (const [name, { id }] of Object.entries(shown.webhooks)) {
      await page.goto(`${WEBHOOKS}/${id}`);
      await inspect(page, `overview-${name}`, look);
    }
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
  });

  it('pausing, testing and recovering look well, refused ones, too', async () => {
    const page = await console.signIn(look);
    const url = `${WEBHOOKS}/${shown.webhooks.chat.id}`;
    await page.goto(`${url}/test`);
    await inspect(page, 'webhook-test', look);
    await page.goto(`${url}/pause`);
    await inspect(page, 'webhook-pause', look);
    await page.getByLabel('Until an exact time').check();
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.locator('#until-error').waitFor();
    await inspect(page, 'webhook-pause-refused', look);
    await page.goto(`${url}/recoveries`);
    await inspect(page, 'webhook-recoveries', look);
    await page.goto(`${WEBHOOKS}/${shown.webhooks.ledger.id}/test`);
    await inspect(page, 'webhook-test-not-now', look);
  });
});

describe('pausing', () => {
  it.each(BOTH)('is for so long as is chosen, until it is resumed ($javaScriptEnabled)', async (look) => {
    const { page, button, stored } = await openNewWebhook(console, '', { look });
    await page.getByRole('link', { name: 'Pause…' }).click();
    await page.getByLabel('4 hours').check();
    await button('Pause').click();
    await page.getByText('Its deliveries are held until then.').waitFor();
    const untilMs = (await stored())?.pause?.untilMs ?? 0;
    expect(untilMs - console.clock.nowMs).toBe(4 * HOUR_MS);
    await button('Resume').click();
    await page.getByText('It resumes:').waitFor();
    expect((await stored())?.pause).toBeUndefined();
  });

  it('takes the exact time, as people write it, and may be changed to the longest', async () => {
    const { page, button, stored } = await openNewWebhook(console, '/pause');
    const until = new Date(console.clock.nowMs + 2 * DAY_MS).toISOString().slice(0, 16).replace('T', ' ');
    await page.getByLabel('Until an exact time').check();
    await page.getByLabel('Until (UTC)').fill(until);
    await button('Pause').click();
    await page.getByText('Its deliveries are held until then.').waitFor();
    const pause = (await stored())?.pause;
    expect(pause?.untilMs).toBe(Date.parse(`${until.replace(' ', 'T')}Z`));
    await page.getByRole('link', { name: 'Change the pause…' }).click();
    await page.getByLabel('14 days').check();
    await button('Change').click();
    await page.getByText('Its deliveries are held until then.').waitFor();
    expect((await stored())?.pause?.untilMs).toBe((pause?.sinceMs ?? 0) + 14 * DAY_MS);
  });

  it.each([
    ['nothing', '', 'Until is required.'],
    ['markup', MARKUP, 'Until must be a time in UTC, such as 2026-11-23 12:00.'],
    ['ten thousand characters', 'x'.repeat(10_000), 'Until must be a time in UTC, such as 2026-11-23 12:00.'],
    ['a time that has passed', '2020-01-01 12:00', 'Until must be in the future.'],
    ['a time that is too far', '2099-01-01', /^Until must be at most 14 days after the pause began/],
  ])('refuses %s at the field, and keeps what was typed', async (_, typed, sentence) => {
    const { page, button, stored } = await openNewWebhook(console, '/pause', { look: { javaScriptEnabled: false } });
    await page.getByLabel('Until an exact time').check();
    await page.getByLabel('Until (UTC)').fill(typed);
    await button('Pause').click();
    expect(await page.locator('#until-error').innerText()).toMatch(sentence);
    expect(await page.getByLabel('Until (UTC)').inputValue()).toBe(typed);
    expect(await page.locator('main script, main img').count()).toBe(0);
    expect((await stored())?.pause).toBeUndefined();
  });

  it('of one that is inactive by now says so, and offers to activate it', async () => {
    const { page, button, id } = await openNewWebhook(console, '/pause');
    await setActive(id, false);
    await button('Pause').click();
    await page.getByText('The webhook is inactive: nothing is sent to it.').first().waitFor();
    await page.locator('section').getByRole('button', { name: 'Activate' }).click();
    await page.getByText('Activated: what happens').waitFor();
  });
});

describe('activating and deactivating', () => {
  it.each(BOTH)('take a click, and what is so already stays as it is ($javaScriptEnabled)', async (look) => {
    const { page, button, stored } = await openNewWebhook(console, '', { look });
    const stale = await page.context().newPage();
    /** Clicks on the page, and again on one that was opened before. */
    const clickTwice = async (name: string, said: string) => {
      await stale.goto(page.url());
      await button(name).first().click();
      await page.getByText(said).waitFor();
      const before = await stored();
      await stale.getByRole('button', { name, exact: true }).first().click();
      await stale.getByText(said).waitFor();
      expect(await stored()).toEqual(before);
      return before?.active;
    };
    expect(await clickTwice('Deactivate', 'Deactivated. What it misses')).toBe(false);
    expect(await clickTwice('Activate', 'Activated: what happens')).toBe(true);
    await page.getByText('While it was inactive it may have missed events').waitFor();
  });
});

describe('a test', () => {
  it.each(BOTH)('of a chosen event is sent, and the log says as what ($javaScriptEnabled)', async (look) => {
    const { page, button, id } = await openNewWebhook(console, '', { look, body: { events: ['cron'] } });
    await page.getByRole('link', { name: 'Send a test…' }).click();
    expect(await page.getByLabel('Event').inputValue()).toBe('cron');
    await page.getByLabel('Event').selectOption('images');
    await button('Send the test').click();
    const flash = await page.getByText('The test is on its way').innerText();
    expect(new URL(page.url()).pathname).toBe(`${WEBHOOKS}/${id}/deliveries`);
    const [deliveryId = ''] = /[0-9a-f-]{36}/.exec(flash) ?? [];
    await console.drain('deliveries', console.handlers.deliver);
    const delivery = await console.attempts.delivery(id, deliveryId, console.clock.nowMs);
    expect(delivery?.[0]).toMatchObject({ eventType: 'images', isTest: true });
  });

  it('of one that was paused meanwhile is refused, and the page says what to do', async () => {
    const { page, button, id, stored } = await openNewWebhook(console, '/test');
    const other = await page.context().newPage();
    await other.goto(`${WEBHOOKS}/${id}/pause`);
    await other.getByRole('button', { name: 'Pause', exact: true }).click();
    await other.getByText('Its deliveries are held until then.').waitFor();
    await button('Send the test').click();
    await page.getByText('The webhook is paused. Resume it first.').waitFor();
    await page.locator('section').getByRole('button', { name: 'Resume' }).click();
    await page.getByText('It resumes:').waitFor();
    expect((await stored())?.pause).toBeUndefined();
  });
});

function setActive(id: number, active: boolean) {
  const deps = apiDeps(console.engines.settings, console.world);
  return changeWebhook(deps, { namespace: console.namespace, id }, { active });
}
