import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BODIES, FORM, IDS, MARKUP, QUERIES } from './nonsense.ts';
import { ORIGIN, openPages, type Pages } from './pages.ts';
import { named, openEvent, pathOf, type Route, removeFrom, somewhere, type Values } from './somewhere.ts';

let pages: Pages;
let there: Values;
let cookie: string;

beforeAll(async () => {
  pages = await openPages();
  await openEvent(pages);
  there = await somewhere(pages);
  cookie = await pages.signIn();
});
afterAll(async () => {
  await pages.stop();
  expect(pages.bugs).toEqual([]);
});

/** What is wrong with an answer: nothing where it is a page that says what happened, leads to one, or is a file of ours. */
async function wrongWith(answer: Response, statuses: readonly number[]): Promise<string | undefined> {
  const text = await answer.text();
  if (!statuses.includes(answer.status)) return `${answer.status}`;
  if (answer.status === 303) {
    return /^\/console(\/|$|\?)/.test(answer.headers.get('location') ?? '') ? undefined : 'leads elsewhere';
  }
  if (answer.headers.get('content-disposition')?.startsWith('attachment')) return undefined;
  if (!answer.headers.get('content-type')?.startsWith('text/html')) return 'is no page';
  if (/<svg onload|<script>/.test(text)) return 'has markup that is not ours';
  return /<h1[ >]/.test(text) ? undefined : 'says nothing';
}

describe('a path with nonsense in it', () => {
  it.each(['id', 'delivery', 'event', 'recovery', 'username', 'path'])('leads to nothing: %s', async (parameter) => {
    const wrong: unknown[] = [];
    for (const route of pages.routes.filter(({ path }) => path.includes(`:${parameter}`))) {
      for (const nonsense of IDS) {
        const path = pathOf(route, { ...there, [parameter]: nonsense });
        const init = { method: route.method, headers: { cookie, origin: ORIGIN, 'content-type': FORM } };
        // A path with dots is another page's by the time that it comes here, and some pages of a delivery lead to the one that says what is wrong.
        const isElsewhere = nonsense === '..' || path.endsWith('/new') || parameter === 'delivery';
        const trouble = await wrongWith(await pages.request(path, init), isElsewhere ? [200, 303, 400, 404] : [404]);
        if (trouble) wrong.push([named(route), nonsense.slice(0, 40), trouble]);
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    '/console/n',
    '/console/n/',
    '/console/n/admin',
    '/console/n/admin/demo',
    '/console/n/admin/demo/-',
    '/console/n/admin/demo/-/',
    '/console/n/%/%/-/webhooks',
    '/console/%2e%2e/x',
    '/console//',
    '/console/n/admin/demo/-/webhooks/',
    '/console/assets/',
    '/console/n/admin%2Fdemo/-/webhooks',
  ])('has a page that says so: %s', async (path) => {
    expect(await wrongWith(await pages.get(path, { cookie }), [303, 404])).toBeUndefined();
  });
});

describe('a query with nonsense in it', () => {
  it.each(QUERIES.map((query) => [query.slice(0, 60), query]))(
    'has a page that says what is there: %s',
    async (_, query) => {
      const wrong: unknown[] = [];
      for (const route of pages.routes.filter(({ method }) => method === 'GET')) {
        const answer = await pages.get(`${pathOf(route, there)}${query}`, { cookie });
        const trouble = await wrongWith(answer, [200, 303, 400, 404]);
        if (trouble) wrong.push([named(route), trouble]);
      }
      expect(wrong).toEqual([]);
    },
  );
});

describe('a form with nonsense in it', () => {
  it.each(BODIES)('has a page that says what is wrong: %s', async (_, type, body) => {
    const wrong: unknown[] = [];
    for (const route of pages.routes.filter(({ method }) => method === 'POST')) {
      const values = await somewhere(pages);
      const session = await pages.signIn();
      const headers = { cookie: session, origin: ORIGIN, 'content-type': type };
      const answer = await pages.request(pathOf(route, values), { method: 'POST', headers, body });
      const trouble = await wrongWith(answer, [200, 303, 400, 404, 409, 413, 415]);
      if (trouble) wrong.push([named(route), trouble]);
      await removeFrom(pages, values);
    }
    expect(wrong).toEqual([]);
  });
});

describe('a method that no page has', () => {
  it.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])('does nothing: %s', async (method) => {
    const found = await Promise.all(
      distinct(pages.routes).map(async (path) => {
        const headers = { cookie, origin: ORIGIN };
        return (await pages.request(pathOf({ method, path }, there), { method, headers })).status;
      }),
    );
    expect(new Set(found)).toEqual(new Set([404]));
  });

  it('but HEAD is as GET, without the page', async () => {
    const wrong: unknown[] = [];
    for (const route of pages.routes.filter(({ method }) => method === 'GET')) {
      const [get, head] = await Promise.all(
        ['GET', 'HEAD'].map((method) => pages.request(pathOf(route, there), { method, headers: { cookie } })),
      );
      if (get?.status !== head?.status || (await head?.text()) !== '') wrong.push(named(route));
    }
    expect(wrong).toEqual([]);
  });

  function distinct(routes: readonly Route[]): readonly string[] {
    return [...new Set(routes.map(({ path }) => path))];
  }
});

describe('a cookie with nonsense in it', () => {
  it.each([
    '__Host-session=',
    '__Host-session=%00',
    `__Host-session=${'x'.repeat(5_000)}`,
    ';;;=',
    '__Host-flash=%E0%A4%A',
    `__Host-flash=done.${encodeURIComponent(MARKUP)}`,
    '__Host-flash=other.x',
  ])('is as none, or shown as text: %s', async (nonsense) => {
    const answer = await pages.get('/console/sign-in', { cookie: nonsense });
    expect(await wrongWith(answer, [200])).toBeUndefined();
    expect((await pages.get('/console', { cookie: nonsense })).status).toBe(303);
  });
});
