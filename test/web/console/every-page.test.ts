import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addCollaborator, ensureNamespace } from '../../../functions/actions/accounts.ts';
import { SESSION_HOURS } from '../../../functions/domain/limits.ts';
import { SCOPES, type Scope } from '../../../functions/domain/token.ts';
import { ORIGIN, openPages, type Pages } from './pages.ts';
import {
  call,
  closedRoutes,
  named,
  namespaceRoutes,
  openEvent,
  pathOf,
  type Route,
  removeFrom,
  seen,
  somewhere,
  somewhereNew,
  stateOf,
  type Values,
  waysFrom,
} from './somewhere.ts';

const HOUR_MS = 60 * 60_000;

let pages: Pages;
/** Something that stays as it is, for it is only looked at by whoever may not. */
let there: Values;

beforeAll(async () => {
  pages = await openPages();
  await addCollaborator(pages.accounts, pages.namespace, 'collaborator');
  await openEvent(pages);
  there = await somewhere(pages);
});
afterAll(async () => {
  await pages.stop();
  expect(pages.bugs).toEqual([]);
});

/** What a page of a namespace asks of a token: to delete, to change or to see; a page that is but a form, what the form asks. */
function scopeOf({ method, path }: Route): Scope {
  if (path.endsWith('/delete')) return 'webhook:delete';
  const isForm = /\/(new|settings|pause|test)$/.test(path);
  return method === 'POST' || isForm ? 'webhook:write' : 'webhook:read';
}

/** Of every route of a namespace's, what is answered that is not as it should be, and what it has changed. */
async function wrongOf(
  routes: readonly Route[],
  look: (route: Route) => Promise<Response>,
  expected: (route: Route) => unknown,
): Promise<readonly unknown[]> {
  await stateOf(pages, there);
  const before = await stateOf(pages, there);
  const wrong: unknown[] = [];
  for (const route of routes) {
    const found = await seen(await look(route));
    const isSame = JSON.stringify(await stateOf(pages, there)) === JSON.stringify(before);
    if (!isSame || JSON.stringify(found) !== JSON.stringify(expected(route))) wrong.push([named(route), isSame, found]);
  }
  return wrong;
}

it('there are pages to look at', () => {
  expect(namespaceRoutes(pages).length).toBeGreaterThanOrEqual(18);
  expect(closedRoutes(pages).length).toBe(namespaceRoutes(pages).length + 1);
});

describe('whoever is not signed in', () => {
  it.each(['never', 'signed out', 'for too long'])('is led to the sign-in, and back: %s', async (why) => {
    const startMs = pages.clock.nowMs;
    const cookie = why === 'never' ? '' : await pages.signIn();
    if (why === 'signed out') await pages.post('/console/sign-out', {}, { cookie });
    if (why === 'for too long') pages.clock.nowMs += SESSION_HOURS * HOUR_MS;
    const ways: unknown[] = [];
    for (const route of closedRoutes(pages)) {
      const path = `${pathOf(route, there)}?status=dead&q=%26%2F`;
      // A form's page is the one that it was on: its own need not be one that can be opened.
      const referer = `${ORIGIN}/console/n/admin/demo/-/webhooks/${there['id']}/deliveries?status=dead`;
      const answer = await (route.method === 'GET'
        ? pages.get(path, { cookie })
        : pages.post(path, {}, { cookie, headers: { referer } }));
      const was = route.method === 'GET' ? path : referer.slice(ORIGIN.length);
      ways.push([route, answer.status, await wayBack(answer), was]);
    }
    pages.clock.nowMs = startMs;
    expect(ways.filter((way) => (way as unknown[])[1] !== 303)).toEqual([]);
    expect(ways.filter((way) => (way as unknown[])[2] !== (way as unknown[])[3])).toEqual([]);
  });

  it('is led to their namespaces where the browser does not say which page a form was on', async () => {
    const answer = await pages.post(`/console/n/admin/demo/-/webhooks/${there['id']}/activate`, {});
    expect(await wayBack(answer)).toBe('/console');
  });

  /** Where whoever follows an answer to the sign-in ends up once they have signed in. */
  async function wayBack(answer: Response): Promise<string | null> {
    const url = new URL(answer.headers.get('location') ?? '', ORIGIN);
    if (url.pathname !== '/console/sign-in') return null;
    const form = await (await pages.get(`${url.pathname}${url.search}`)).text();
    const to = /name="to" value="([^"]*)"/.exec(form)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const signedIn = await pages.post('/console/sign-in', { to, token: await pages.tokenOf('admin') });
    return signedIn.headers.get('location');
  }
});

describe('a token', () => {
  it('without the scope of a page is told which it lacks, and does nothing', async () => {
    const wrong: unknown[] = [];
    for (const route of namespaceRoutes(pages)) {
      const scope = scopeOf(route);
      const scopes = SCOPES.filter((one) => one !== scope);
      const cookie = await pages.signIn(await pages.tokenOf('admin', scopes));
      const of = (path: string) => call(pages, route, { values: { ...there, path }, cookie });
      const before = await stateOf(pages, there);
      const answer = await of('demo');
      const text = await answer.text();
      if (answer.status !== 403 || !text.includes(`does not have ${scope}.`)) wrong.push([named(route), answer.status]);
      // What is there is not told: without a namespace it is the same.
      if ((await (await of('nowhere')).text()) !== text) wrong.push([named(route), 'tells']);
      expect([before[0], before[1]]).toEqual((await stateOf(pages, there)).slice(0, 2));
    }
    expect(wrong).toEqual([]);
  });

  it.each(['admin', 'collaborator'])('with that scope and no other is let in: %s', async (username) => {
    const wrong: unknown[] = [];
    for (const route of namespaceRoutes(pages)) {
      const values = await somewhere(pages);
      const cookie = await pages.signIn(await pages.tokenOf(username, [scopeOf(route)]));
      const answer = await call(pages, route, { values, cookie });
      const isSignIn = answer.headers.get('location')?.includes('/sign-in') ?? false;
      if (![200, 303, 400, 409].includes(answer.status) || isSignIn) wrong.push([named(route), answer.status]);
      await removeFrom(pages, values);
    }
    expect(wrong).toEqual([]);
  });

  it.each(['with a delivery', 'that is new'])(
    'that may only read is offered nothing more, of a webhook %s',
    async (which) => {
      const values = which === 'that is new' ? await somewhereNew(pages) : there;
      const cookie = await pages.signIn(await pages.tokenOf('admin', ['webhook:read', 'namespace:read']));
      const more = namespaceRoutes(pages).filter((route) => scopeOf(route) !== 'webhook:read');
      const isMore = (way: string) => more.some((route) => way === `${route.method} ${pathOf(route, values)}`);
      const seenPages = closedRoutes(pages).filter(({ method, path }) => {
        return (
          method === 'GET' && !path.endsWith('/payload') && (which !== 'that is new' || !/:(delivery|event)/.test(path))
        );
      });
      const offered: string[] = [];
      for (const route of seenPages) {
        const ways = waysFrom(await (await call(pages, route, { values, cookie })).text());
        offered.push(...ways.filter(isMore).map((way) => `${way}, from ${named(route)}`));
      }
      expect(offered).toEqual([]);
    },
  );
});

describe('a namespace that is not theirs', () => {
  it('is to a stranger as one that is not there', async () => {
    const cookie = await pages.signIn(await pages.tokenOf('stranger'));
    const nothing = await seen(await pages.get('/console/n/admin/nowhere/-/webhooks', { cookie }));
    expect(nothing[0]).toBe(404);
    const look = (route: Route) => call(pages, route, { values: there, cookie });
    expect(await wrongOf(namespaceRoutes(pages), look, () => nothing)).toEqual([]);
  });

  it('has nothing that can be reached through one’s own', async () => {
    await ensureNamespace(pages.accounts, { username: 'eve', path: 'mine' });
    const cookie = await pages.signIn(await pages.tokenOf('eve'));
    const mine = { ...there, username: 'eve', path: 'mine' };
    const nothing = await seen(await pages.get('/console/n/eve/mine/-/webhooks/999999', { cookie }));
    expect(nothing[0]).toBe(404);
    const routes = namespaceRoutes(pages).filter(({ path }) => /:(id|event)/.test(path));
    const look = async (route: Route) => {
      const answer = await call(pages, route, { values: mine, cookie });
      // A page that only leads to another is as much as that one says.
      return answer.status === 303 && route.method === 'GET'
        ? pages.get(answer.headers.get('location') ?? '', { cookie })
        : answer;
    };
    expect(await wrongOf(routes, look, () => nothing)).toEqual([]);
  });
});

describe('what is no form', () => {
  it.each(['application/json', 'text/csv'])('is refused by every page, and does nothing: %s', async (type) => {
    const cookie = await pages.signIn();
    const wrong: unknown[] = [];
    await stateOf(pages, there);
    const before = await stateOf(pages, there);
    for (const route of pages.routes.filter(({ method }) => method === 'POST')) {
      const headers = { origin: 'https://evil.example', 'content-type': type };
      const answer = await call(pages, route, { values: there, cookie, headers });
      if (answer.status !== 415) wrong.push([named(route), answer.status]);
    }
    expect(wrong).toEqual([]);
    expect(await stateOf(pages, there)).toEqual(before);
  });
});

describe('a form of another site', () => {
  it.each(['https://evil.example', 'http://ci.example', 'null', ''])(
    'is refused, and does nothing: %j',
    async (origin) => {
      const cookie = await pages.signIn();
      const posts = pages.routes.filter(({ method }) => method === 'POST');
      const wrong: unknown[] = [];
      await stateOf(pages, there);
      const before = await stateOf(pages, there);
      for (const route of posts) {
        for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain', '']) {
          const answer = await call(pages, route, { values: there, cookie, headers: { origin, 'content-type': type } });
          const text = await answer.text();
          if (answer.status !== 403 || !text.includes('page of another site'))
            wrong.push([named(route), type, answer.status]);
        }
        expect(await stateOf(pages, there)).toEqual(before);
      }
      expect(wrong).toEqual([]);
      // Whoever is signed in still is: not even that was ended.
      expect((await pages.get('/console', { cookie })).status).toBe(200);
    },
  );
});
