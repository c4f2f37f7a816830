import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type axe from 'axe-core';
import { Hono } from 'hono';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import { createToken } from '../../functions/actions/accounts.ts';
import { SCOPES, type Scope } from '../../functions/domain/token.ts';
import { consoleDeps } from '../../functions/runtime/console-deps.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { webApp } from '../../functions/web/app.ts';
import { consoleApp } from '../../functions/web/console/app.ts';
import { serveLocally } from '../../infra/local/serve.ts';
import { deploy } from '../support/deployment.ts';
import { launchChromium } from './chromium.ts';

/** The console over a deployment in memory, on a port of loopback, and a browser. */
export type Console = Awaited<ReturnType<typeof openConsole>>;

/** How somebody looks at pages. */
export type Look = {
  readonly width: 1280 | 360;
  readonly colorScheme: 'light' | 'dark';
  readonly javaScriptEnabled: boolean;
};

/** Every way of looking at pages that they must be good for. */
export const LOOKS: readonly Look[] = [
  { width: 1280, colorScheme: 'light', javaScriptEnabled: true },
  { width: 1280, colorScheme: 'dark', javaScriptEnabled: false },
  { width: 360, colorScheme: 'dark', javaScriptEnabled: true },
  { width: 360, colorScheme: 'light', javaScriptEnabled: false },
];

/** What must work with scripts and without. */
export const BOTH = [{ javaScriptEnabled: true }, { javaScriptEnabled: false }] as const;

/** The webhooks of the deployment's namespace. */
export const WEBHOOKS = '/console/n/admin/demo/-/webhooks';

/** Nothing on these pages takes as long, on a busy machine either; what has not happened by then will not. */
const TIMEOUT_MS = 60_000;

/** Kept after the run: what the pages looked like. */
export const SCREENSHOTS = join('test', 'browser', 'screenshots');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function openConsole() {
  const deployment = await deploy();
  // Browsers go by their own clock: cookies of a session that has ended by that are not kept.
  deployment.clock.nowMs = Date.now();
  const bugs: Error[] = [];
  const { settings } = deployment.engines;
  const onBug = (error: Error) => bugs.push(error);
  const pages = consoleApp({ ...consoleDeps(settings, deployment.world), onBug });
  const api = webApp({ ...apiDeps(settings, deployment.world), onBug });
  const app = new Hono();
  app.all('*', ({ req: { raw } }) => (new URL(raw.url).pathname.startsWith('/console') ? pages : api).fetch(raw));
  const served = await serveLocally(app, 0);
  const url = `http://localhost:${served.port}`;
  const browser = await launchChromium();
  const tokenOf = async (username: string, scopes: readonly Scope[] = SCOPES): Promise<string> =>
    (await createToken(deployment.accounts, { username, name: 'test', scopes })).token;
  const troubles: string[] = [];
  return {
    ...deployment,
    url,
    bugs,
    tokenOf,
    /** What went wrong on pages, but for what the test expects: errors of scripts, refusals of the browser's, requests to others. */
    troubles,
    /** A browser that nobody is signed in with. */
    open: (look: Partial<Look> = {}) => openBrowser(browser, { url, troubles, look }),
    /** A browser that the namespace's owner, or whoever a token is of, is signed in with. */
    async signIn(look: Partial<Look> = {}, token?: string): Promise<Page> {
      const page = await openBrowser(browser, { url, troubles, look });
      await page.goto('/console/sign-in');
      await page.getByLabel('Token').fill(token ?? (await tokenOf('admin')));
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.waitForURL((at) => !at.pathname.endsWith('/sign-in'));
      return page;
    },
    async stop() {
      await browser.close();
      await served.stop();
      await deployment.stop();
      expect([bugs, troubles]).toEqual([[], []]);
    },
  };
}

async function openBrowser(
  browser: Browser,
  { url, troubles, look }: { readonly url: string; readonly troubles: string[]; readonly look: Partial<Look> },
): Promise<Page> {
  const { width = 1280, colorScheme = 'light', javaScriptEnabled = true } = look;
  const viewport = { width, height: width === 360 ? 740 : 800 };
  const context = await browser.newContext({ baseURL: url, viewport, colorScheme, javaScriptEnabled });
  watch(context, url, troubles);
  context.setDefaultTimeout(TIMEOUT_MS);
  return context.newPage();
}

/** Notes what no page may do. An answer that is no 2xx is a page, too; the browser complains of it all the same. */
function watch(context: BrowserContext, url: string, troubles: string[]): void {
  context.on('weberror', (error) => troubles.push(`A script failed: ${error.error()}`));
  context.on('console', (message) => {
    const isOfStatus = message.text().startsWith('Failed to load resource: the server responded with a status of');
    if (['error', 'warning'].includes(message.type()) && !isOfStatus) troubles.push(message.text());
  });
  context.on('request', (request) => {
    if (!request.url().startsWith(`${url}/`)) troubles.push(`A request to ${request.url()}`);
  });
}

/** Holds a page to what every page must be: nothing that axe finds, nothing that scrolls sideways; and keeps its picture. */
export async function inspect(page: Page, name: string, look: Look): Promise<void> {
  const file = `${name}-${look.width}-${look.colorScheme}.png`;
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, file), fullPage: true });
  const sideways = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  expect(sideways, `${file} scrolls sideways`).toBe(0);
  const violations = look.javaScriptEnabled ? await violationsOf(page) : await violationsOfTwin(page, look);
  expect(violations, file).toEqual([]);
}

async function violationsOf(page: Page): Promise<readonly unknown[]> {
  await page.evaluate(AXE);
  const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults;
  return violations.map(({ id, help, nodes }) => [
    id,
    help,
    nodes.map(({ html, failureSummary }) => [html, failureSummary]),
  ]);
}

/** Axe needs scripts. Where a page has none it looks at the same document, in a context that has, but without the page's own script. */
async function violationsOfTwin(page: Page, { width, colorScheme }: Look): Promise<readonly unknown[]> {
  const body = await page.content();
  const viewport = page.viewportSize() ?? { width, height: 740 };
  const context = await page.context().browser()?.newContext({ viewport, colorScheme });
  if (context === undefined) throw new Error('The browser is closed');
  await context.route(page.url(), (route) => route.fulfill({ body, contentType: 'text/html; charset=utf-8' }));
  await context.route('**/assets/*.js', (route) => route.fulfill({ body: '', contentType: 'text/javascript' }));
  const twin = await context.newPage();
  await twin.goto(page.url());
  const violations = await violationsOf(twin);
  await context.close();
  return violations;
}
