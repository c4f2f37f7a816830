import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pauseWebhook } from '../../functions/actions/pause.ts';
import { redeliver } from '../../functions/actions/redeliver.ts';
import { deliveryId, firstIdAt } from '../../functions/domain/id.ts';
import { DELIVERY_RETENTION_DAYS } from '../../functions/domain/limits.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { work } from '../support/emit.ts';
import { type Console, inspect, LOOKS, openConsole } from './console.ts';
import { emitAll, fillLog, logOf, pageOf, startObedient } from './deliveries.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
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

/** A delivery of its own, to a webhook that gets nothing else. */
async function own(answer: number, type = 'ssh_keys') {
  const payload_url = `${receiver.url}/own/${crypto.randomUUID()}`;
  const webhook = await c.addWebhook({ payload_url, secret: 'a secret', events: [type] });
  const [event] = await emitAll(c, [{ type, payload: { answer, key: { name: 'laptop' }, action: 'created' } }]);
  if (event === undefined) throw new Error('Nothing was emitted');
  const requests = () => receiver.received.filter(({ path }) => payload_url.endsWith(path));
  return { webhook, event, url: pageOf(webhook, event), requests };
}

/** A delivery that is held, for its webhook is paused. */
async function held() {
  const webhook = await c.addWebhook({ payload_url: `${receiver.url}/${crypto.randomUUID()}`, events: ['images'] });
  const until = new Date(c.clock.nowMs + 3 * 3_600_000).toISOString();
  await pauseWebhook(apiDeps(c.engines.settings, c.world), { namespace: c.namespace, id: webhook.id }, { until });
  const [event] = await emitAll(c, [{ type: 'images', payload: { image: { name: 'alpine' }, action: 'created' } }]);
  if (event === undefined) throw new Error('Nothing was emitted');
  return pageOf(webhook, event);
}

describe('the page of a delivery', () => {
  it.each(LOOKS)('shows what was sent and answered, and what to do: %j', async (look) => {
    const page = await c.signIn(look);
    await page.goto(pageOf(log.webhook, log.retrying));
    await inspect(page, 'delivery-retrying', look);
    await page.goto(pageOf(log.webhook, log.dead));
    await inspect(page, 'delivery-dead', look);
    await page.goto(`${pageOf(log.webhook, log.good)}?curl=show`);
    await inspect(page, 'delivery-good', look);
    await page.getByText("--data-binary '{").waitFor();
    await page.goto(await held());
    await inspect(page, 'delivery-held', look);
    await page.goto(`${log.url}/${firstIdAt(c.clock.nowMs)}`);
    await inspect(page, 'delivery-not-yet', look);
    await page.getByText('it will be here after its first attempt').waitFor();
  });

  it('says what happened and what comes next', async () => {
    const page = await c.signIn();
    await page.goto(pageOf(log.webhook, log.retrying));
    const text = await page.getByRole('main').innerText();
    for (const said of [
      /Tried again in 4 min, at \d{4}-/,
      /Attempt 2 of 10/,
      /503 Service Unavailable/,
      /took 2\d\d ms · HTTP\/1\.1/,
      /Waiting for the first byte 2\d\d ms/,
      /The receiver answered 503 Service Unavailable\. The receiver is overloaded/,
      /X-Djinn-CI-Signature: sha256=[0-9a-f]{64}/,
      /"error": "too many requests in flight"/,
    ]) {
      expect(text).toMatch(said);
    }
    expect(await page.getByRole('link', { name: /^Happened/ }).getAttribute('href')).toContain(`~${log.retrying.id}`);
  });

  it('says why one is held, and until when', async () => {
    const page = await c.signIn();
    await page.goto(await held());
    const text = await page.getByRole('main').innerText();
    expect(text).toMatch(/Held since .*: The webhook is paused \(resumes in [23] h\)/);
    expect(text).toContain('Attempt 1 waits');
    expect(text).not.toContain('Response');
  });

  it('says of one that is too old, or is none, that it is not here', async () => {
    const page = await c.signIn();
    await page.goto(`${log.url}/${firstIdAt(c.clock.nowMs - (DELIVERY_RETENTION_DAYS + 1) * DAY_MS)}`);
    await page.getByText('It is of more than 30 days ago').waitFor();
    await page.goto(`${log.url}/nonsense`);
    await page.getByText('This is no id of a delivery').waitFor();
    await page.getByRole('link', { name: 'To the log' }).click();
    await page.waitForURL(`**${log.url}`);
  });
});

describe.each([true, false])('with scripts: %j, on the page of a delivery', (javaScriptEnabled) => {
  it('shows each attempt', async () => {
    const page = await c.signIn({ javaScriptEnabled });
    await page.goto(pageOf(log.webhook, log.dead));
    const attempts = page.getByRole('navigation', { name: 'Attempts' });
    expect(await attempts.getByRole('link').count()).toBe(10);
    expect(await attempts.locator('[aria-current]').innerText()).toMatch(/10 · 500/);
    await attempts.getByRole('link', { name: 'Attempt 3' }).click();
    await page.waitForURL('**?attempt=3');
    await page.getByRole('heading', { name: 'Attempt 3 of 10' }).waitFor();
    await page.goto(`${pageOf(log.webhook, log.dead)}?attempt=99`);
    await page.getByText('This delivery has no such attempt').waitFor();
  });

  it('shows JSON as it was sent, too, and saves it', async () => {
    const page = await c.signIn({ javaScriptEnabled });
    const { url } = await ownWith('{"n":12345678901234567890,"f":1.0,"e":"\\u00e9"}');
    await page.goto(url);
    await page.getByText('"n": 12345678901234567890').waitFor();
    const raw = page.getByText('{"n":12345678901234567890,"f":1.0,"e":"\\u00e9"}', { exact: true });
    expect(await raw.isVisible()).toBe(false);
    await page.getByText('Raw', { exact: true }).first().click();
    await raw.waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download' }).click(),
    ]);
    expect(file.suggestedFilename()).toMatch(/^objects-[0-9a-f-]{36}\.json$/);
    expect(readFileSync(await file.path(), 'utf8')).toBe('{"n":12345678901234567890,"f":1.0,"e":"\\u00e9"}');
  });

  it('cancels, and makes it again at once', async () => {
    const { url, requests } = await own(500);
    const page = await c.signIn({ javaScriptEnabled });
    await page.goto(url);
    await page.getByRole('button', { name: 'Cancel retries' }).click();
    await page.getByText('Cancelled: no further attempt will be made.').waitFor();
    expect(await page.getByRole('button', { name: 'Cancel retries' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Redeliver now' }).click();
    await page.getByText('It will be made again in a moment.').waitFor();
    await work(c);
    expect(requests()).toHaveLength(2);
    await page.reload();
    await page.getByRole('heading', { name: 'Attempt 1 of 10 · redelivered' }).waitFor();
  });

  it('finds what is wrong with a signature, and says so where it was pasted', async () => {
    const { url, requests } = await own(204);
    const sent = String(requests()[0]?.headers['x-djinn-ci-signature']);
    const page = await c.signIn({ javaScriptEnabled });
    await page.goto(url);
    const judge = async (signature: string) => {
      await page.getByLabel('What your code computes').fill(signature);
      await page.getByRole('button', { name: 'Find the mistake' }).click();
      return page.locator('#verdict').innerText();
    };
    expect(await judge(sent)).toContain('It is right');
    expect(await page.getByLabel('What your code computes').inputValue()).toBe(sent);
    expect(await judge(sent.slice('sha256='.length))).toContain('The prefix sha256= is missing.');
    const other = createHmac('sha256', 'another').update('x').digest('hex');
    const text = await judge(`sha256=${other}`);
    expect(text).toContain('It is none that we know');
    expect(text).not.toContain(sent);
    if (javaScriptEnabled) await page.waitForFunction("document.activeElement.id === 'verdict'");
    for (const look of LOOKS.filter((one) => one.javaScriptEnabled === javaScriptEnabled)) {
      await page.setViewportSize({ width: look.width, height: 800 });
      await page.emulateMedia({ colorScheme: look.colorScheme });
      await inspect(page, 'delivery-signature', look);
    }
  });
});

/** The page of a delivery whose payload is of these very bytes. */
async function ownWith(payload: string) {
  const webhook = await c.addWebhook({ payload_url: `${receiver.url}/${crypto.randomUUID()}`, events: ['objects'] });
  const [event] = await emitAll(c, [{ type: 'objects', payload }]);
  if (event === undefined) throw new Error('Nothing was emitted');
  return { webhook, url: pageOf(webhook, event) };
}

describe('the page of a delivery, by itself', () => {
  it('shows the attempt that was asked for, and keeps what is typed and opened', async () => {
    const { url, webhook, event } = await own(500);
    const page = await c.signIn();
    await page.goto(url);
    await page.getByLabel('What your code computes').fill('sha256=12');
    await page.getByText('As a command for curl').click();
    const which = { namespace: c.namespace, webhookId: webhook.id, deliveryId: deliveryId(event, webhook.id) };
    await redeliver(apiDeps(c.engines.settings, c.world), which);
    await work(c);
    await page.getByRole('heading', { name: 'Attempt 1 of 10 · redelivered' }).waitFor();
    expect(await page.getByLabel('What your code computes').inputValue()).toBe('sha256=12');
    expect(await page.locator('#curl-command').isVisible()).toBe(true);
  });

  it('comes where a test has just been sent', async () => {
    const webhook = await c.addWebhook({ payload_url: `${receiver.url}/${crypto.randomUUID()}`, events: ['objects'] });
    const event = { id: crypto.randomUUID(), createdAt: new Date(c.clock.nowMs).toISOString() };
    const page = await c.signIn();
    await page.goto(pageOf(webhook, event));
    await page.getByRole('heading', { name: 'Not in the log yet' }).waitFor();
    await emitAll(c, [{ type: 'objects', payload: { object: { name: 'late' }, action: 'created' }, id: event.id }]);
    await page.getByRole('heading', { name: 'objects · late · created' }).waitFor();
  });

  it('copies the command for curl', async () => {
    const page = await c.signIn();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto(pageOf(log.webhook, log.good));
    await page.getByRole('link', { name: 'Copy as curl' }).click();
    await page.getByRole('link', { name: 'Copied' }).waitFor();
    expect(await page.getByRole('status').first().textContent()).toBe('Copied');
    const copied = await page.evaluate('navigator.clipboard.readText()');
    expect(copied).toContain('curl --include --http1.1');
    expect(new URL(page.url()).search).toBe('');
  });
});

it('leads from the log to a delivery, and back', async () => {
  const page = await c.signIn();
  await page.goto(logOf(log.webhook));
  await page.getByRole('link', { name: 'build.tagged' }).click();
  await page.getByRole('heading', { level: 1, name: /build\.tagged · Build #1841/ }).waitFor();
  await page.getByRole('link', { name: /^127\.0\.0\.1/ }).click();
  await page.waitForURL(`**${log.url}`);
});
