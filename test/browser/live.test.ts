import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pauseWebhook } from '../../functions/actions/pause.ts';
import { beginRecovery, cancelRecovery } from '../../functions/actions/recoveries.ts';
import { cancelRetries, redeliver } from '../../functions/actions/redeliver.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { work } from '../support/emit.ts';
import { type Console, openConsole } from './console.ts';
import { build, emitAll, logOf, pageOf, startObedient } from './deliveries.ts';

const MINUTE_MS = 60 * 1000;
const HOUR_MS = 60 * MINUTE_MS;
let c: Console;
let receiver: Awaited<ReturnType<typeof startObedient>>;
beforeAll(async () => {
  c = await openConsole();
  receiver = await startObedient(c);
});
afterAll(async () => {
  await c.stop();
  await receiver.stop();
});

const api = () => apiDeps(c.engines.settings, c.world);

/** A delivery that is to be tried again, what names it, and its webhook, which gets nothing else. */
async function retrying() {
  const webhook = await c.addWebhook({ payload_url: `${receiver.url}/${crypto.randomUUID()}`, secret: 'a secret' });
  const [event] = await emitAll(c, [build(1, 500)]);
  if (event === undefined) throw new Error('Nothing was emitted');
  const id = deliveryId(event, webhook.id);
  const which = { namespace: c.namespace, webhookId: webhook.id, deliveryId: id };
  return { webhook, url: pageOf(webhook, event), id, which };
}

async function pause(webhookId: number): Promise<void> {
  const until = new Date(c.clock.nowMs + HOUR_MS).toISOString();
  await pauseWebhook(api(), { namespace: c.namespace, id: webhookId }, { until });
}

/** What has the focus: its words, or the id of a part that has none of its own. */
const focused = (page: Page): Promise<string> =>
  page.evaluate('document.activeElement.id || document.activeElement.textContent');

describe('a page that renews itself under somebody who is about to do something', () => {
  it('does not put what undoes it under their finger: a delivery is cancelled meanwhile, and made again', async () => {
    const { url, which } = await retrying();
    const page = await c.signIn();
    await page.goto(url);
    await page.getByRole('button', { name: 'Cancel retries' }).focus();
    await cancelRetries(api(), which);
    await page.getByText('Cancelled: nothing more is sent').first().waitFor();
    expect(await focused(page)).toBe('delivery');
    const again = page.getByRole('button', { name: 'Redeliver now' });
    await again.focus();
    await redeliver(api(), which);
    await work(c);
    await page.getByRole('button', { name: 'Cancel retries' }).waitFor();
    expect(await focused(page)).toBe('Redeliver now');
  });

  it('nor in a row of the log: its webhook is paused meanwhile', async () => {
    const { webhook, id } = await retrying();
    const page = await c.signIn();
    await page.goto(logOf(webhook));
    const now = page.locator(`#d-${id}`).getByRole('button', { name: /^now/ });
    await now.focus();
    await pause(webhook.id);
    await now.waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('log');
  });

  it('keeps a signature that was pasted with the attempt that it is of, whatever comes after that', async () => {
    const { webhook, url } = await retrying();
    const page = await c.signIn();
    await page.goto(url);
    await page.getByText('Attempt 1 of 10').waitFor();
    const right = /X-Djinn-CI-Signature: (sha256=\w+)/.exec(await page.getByRole('main').innerText())?.[1] ?? '';
    const box = page.getByLabel('What your code computes for attempt 1');
    await box.fill(right);
    c.clock.nowMs += 10 * MINUTE_MS;
    await work(c);
    await page.getByText('Attempt 2 of 10').waitFor();
    await pause(webhook.id);
    c.clock.nowMs += HOUR_MS / 2;
    await work(c);
    await page.getByText('Attempt 3 waits').waitFor();
    expect(await box.inputValue()).toBe(right);
    await page.getByRole('button', { name: 'Find the mistake' }).click();
    await page.getByText('It is right').waitFor();
  });

  it('follows the newest attempt where nothing was pasted', async () => {
    const { url } = await retrying();
    const page = await c.signIn();
    await page.goto(url);
    c.clock.nowMs += 10 * MINUTE_MS;
    await work(c);
    await page.getByLabel('What your code computes for attempt 2').waitFor();
  });
});

it('says that it cannot be renewed, and goes on once it can', async () => {
  const { webhook } = await retrying();
  const page = await c.signIn();
  await page.goto(logOf(webhook));
  let answers = false;
  await page.route('**/deliveries', (route) =>
    answers ? route.continue() : route.fulfill({ status: 503, body: 'Too much to do' }),
  );
  await page.getByRole('button', { name: 'Not reached, trying again' }).waitFor();
  answers = true;
  await page.getByRole('button', { name: 'Live', exact: true }).waitFor();
});

it('shows how far a recovery is while it runs, and asks no more once it is over', async () => {
  const { webhook } = await retrying();
  const of = { namespace: c.namespace, webhookId: webhook.id };
  const { id } = await beginRecovery(api(), of, { since: new Date(c.clock.nowMs - HOUR_MS).toISOString() });
  const page = await c.signIn();
  await page.goto(`/console/n/admin/demo/-/webhooks/${webhook.id}/recoveries`);
  await page.getByRole('button', { name: 'Live', exact: true }).waitFor();
  await cancelRecovery(api(), { ...of, recoveryId: id });
  await page.getByRole('cell', { name: 'Cancelled' }).waitFor();
  await page.reload();
  expect(await page.getByRole('button', { name: 'Live', exact: true }).count()).toBe(0);
});
