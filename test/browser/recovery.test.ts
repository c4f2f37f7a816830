import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeWebhook } from '../../functions/actions/webhooks.ts';
import { firstIdAt } from '../../functions/domain/id.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { recoveryStore } from '../../functions/store/recoveries.ts';
import { BOTH, type Console, inspect, LOOKS, openConsole, WEBHOOKS } from './console.ts';
import { openNewWebhook } from './new-webhook.ts';

const MARKUP = '"><img src=x onerror=alert(1)><script>alert(2)</script>';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
let console: Console;
beforeAll(async () => {
  console = await openConsole();
});
afterAll(() => console.stop());

describe('a recovery', () => {
  it.each(BOTH)('of what is chosen is begun, and is in the list ($javaScriptEnabled)', async (look) => {
    const { page, button } = await openNewWebhook(console, '', { look });
    await page.getByRole('link', { name: 'Recover…' }).click();
    await page.getByText('There are none.').waitFor();
    await page.getByLabel('Which deliveries').selectOption('cancelled');
    await page.getByLabel('The last 7 days').check();
    await button('Recover them').click();
    await page.getByText('The recovery is finished: there was nothing to send again.').waitFor();
    const [row = ''] = (await page.getByRole('row').allInnerTexts()).slice(1);
    expect(row.replaceAll(/\s+/g, ' ')).toMatch(/Finished What was cancelled .* 0 deliveries sent again/);
  });

  it.each(BOTH)(
    'of what was missed is offered once, where it is activated again ($javaScriptEnabled)',
    async (look) => {
      const { page, id } = await openNewWebhook(console, '', { look });
      await setActive(id, false);
      await setActive(id, true);
      await page.reload();
      console.clock.nowMs += 1000;
      await page.getByRole('button', { name: 'Recover what it missed' }).click();
      await page.getByText('The recovery is finished').waitFor();
      expect(await page.getByRole('button', { name: 'Recover what it missed' }).count()).toBe(0);
    },
  );

  it.each(BOTH)(
    'that runs shows how far it is, is not begun twice, is cancelled once ($javaScriptEnabled)',
    async (as) => {
      const { page, button, id } = await openNewWebhook(console, '/recoveries', { look: as });
      const nowMs = console.clock.nowMs;
      const filter = {
        since: new Date(nowMs - DAY_MS).toISOString(),
        until: new Date(nowMs).toISOString(),
        status: 'dead',
      } as const;
      const createdAt = filter.until;
      await recoveryStore(console.table).add(
        {
          id: '0197e3a0-0000-7000-8000-000000000001',
          webhookId: id,
          namespaceId: console.namespace.id,
          status: 'running',
          filter,
          cursor: firstIdAt(nowMs - 15 * HOUR_MS),
          deliveriesRead: 1200,
          deliveriesRedelivered: 900,
          createdAt,
          updatedAt: createdAt,
          dueAtMs: nowMs + HOUR_MS,
        },
        undefined,
      );
      await button('Recover them').click();
      await page.getByText('A recovery of this webhook is running. Cancel it, or wait.').waitFor();
      await page.getByText('37.5 %').waitFor();
      for (const look of LOOKS.filter(({ javaScriptEnabled }) => javaScriptEnabled === as.javaScriptEnabled)) {
        await page.setViewportSize({ width: look.width, height: 800 });
        await page.emulateMedia({ colorScheme: look.colorScheme });
        await inspect(page, 'webhook-recoveries-running', look);
      }
      const stale = await page.context().newPage();
      await stale.goto(`${WEBHOOKS}/${id}/recoveries`);
      await page.getByRole('table').getByRole('button', { name: 'Cancel' }).click();
      await page.getByText('The recovery is cancelled.').waitFor();
      await stale.getByRole('table').getByRole('button', { name: 'Cancel' }).click();
      await stale.getByText('The recovery has ended already: it is cancelled.').waitFor();
    },
  );

  it.each([
    ['nothing', 'since', '', 'Since is required.'],
    ['markup', 'since', MARKUP, 'Since must be a time in UTC, such as 2026-11-23 12:00.'],
    ['ten thousand characters', 'until', 'x'.repeat(10_000), 'Until must be a time in UTC, such as 2026-11-23 12:00.'],
    ['a time to come', 'since', '2099-01-01', 'Since must be in the past.'],
    ['an end before the beginning', 'until', '2020-01-01', 'Until must be after since.'],
  ])('refuses %s at the field, and keeps what was typed', async (_, name, typed, sentence) => {
    const { page, button } = await openNewWebhook(console, '/recoveries', { look: { javaScriptEnabled: false } });
    if (name === 'since') await page.getByLabel('Since an exact time, in UTC').check();
    await page.locator(`#${name}`).fill(typed);
    await button('Recover them').click();
    expect(await page.locator(`#${name}-error`).innerText()).toBe(sentence);
    expect(await page.locator(`#${name}`).inputValue()).toBe(typed);
    expect(await page.locator('main script, main img').count()).toBe(0);
  });

  it('has a list whose URL may be nonsense: the page says so', async () => {
    const { page } = await openNewWebhook(console, '/recoveries?cursor=nonsense');
    await page.getByText('The URL names a page of the list that there cannot be.').waitFor();
  });
});

function setActive(id: number, active: boolean) {
  const deps = apiDeps(console.engines.settings, console.world);
  return changeWebhook(deps, { namespace: console.namespace, id }, { active });
}
