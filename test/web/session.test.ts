import { randomBytes } from 'node:crypto';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { Hono } from 'hono';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createToken, revokeToken } from '../../functions/actions/accounts.ts';
import { SESSION_HOURS } from '../../functions/domain/limits.ts';
import { sessionHash } from '../../functions/domain/session.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { sessionStore } from '../../functions/store/sessions.ts';
import { addressing } from '../../functions/web/base-url.ts';
import { answerError } from '../../functions/web/problems.ts';
import { pagePolicy } from '../../functions/web/security-headers.ts';
import { browserSessions } from '../../functions/web/session.ts';
import { openApi } from './api.ts';

const api = await openApi();
const START_MS = api.clock.nowMs;
const HOUR_MS = 60 * 60_000;
const SITE = 'https://ci.example';
const LOCAL = 'http://localhost:8080';

/** Pages that sign in, say who is signed in, and sign out, as a console's do. */
function pages(publicUrl = '') {
  const deps = { ...apiDeps(api.engines.settings, api.world), sessions: sessionStore(api.table), randomBytes };
  const sessions = browserSessions(deps, addressing(publicUrl));
  const app = new Hono();
  app.onError((error, context) => answerError(error, context, (bug) => api.bugs.push(bug)));
  app.use(sessions.refuseOtherSites);
  app.post('/sign-in', async (context) => {
    const { token } = await context.req.parseBody();
    return context.body(null, (await sessions.signIn(context, String(token))) ? 204 : 404);
  });
  app.get('/me', async (context) => context.text((await sessions.callerOf(context))?.user.username ?? 'nobody'));
  app.post('/sign-out', async (context) => {
    await sessions.signOut(context);
    return context.body(null, 204);
  });
  return app;
}

const app = pages();

/** What a form of a page sends; `from` is the origin of the page. */
function submit(
  url: string,
  fields: Readonly<Record<string, string>>,
  { cookie = '', from = new URL(url).origin } = {},
) {
  const headers = { cookie, origin: from, 'content-type': 'application/x-www-form-urlencoded' };
  return app.request(url, { method: 'POST', headers, body: new URLSearchParams(fields) });
}

/** The cookie that an answer sets, as a browser sends it back. */
function cookieOf(response: Response): string {
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

async function whoIs(cookie: string, site = SITE): Promise<string> {
  return (await app.request(`${site}/me`, { headers: { cookie } })).text();
}

async function make(expiresAt?: string) {
  return createToken(api.accounts, { username: 'admin', name: 'console', scopes: ['webhook:read'], expiresAt });
}

async function signedIn(token?: string, site = SITE): Promise<string> {
  const response = await submit(`${site}/sign-in`, { token: token ?? (await make()).token });
  expect(response.status).toBe(204);
  return cookieOf(response);
}

beforeEach(() => {
  api.clock.nowMs = START_MS;
});
afterAll(async () => {
  await api.stop();
  expect(api.bugs).toEqual([]);
});

describe('the cookie', () => {
  it('is for this host over TLS alone, out of the reach of scripts and of other sites', async () => {
    const { token } = await make();
    const [cookie = '', ...others] = (await submit(`${SITE}/sign-in`, { token })).headers.getSetCookie();
    const expires = new Date(START_MS + SESSION_HOURS * HOUR_MS).toUTCString();
    expect(cookie).toMatch(/^__Host-session=[0-9A-Za-z_-]{43}; /);
    expect(cookie.split('; ').slice(1).sort()).toEqual(
      [`Expires=${expires}`, 'HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure'].sort(),
    );
    expect(others).toEqual([]);
    expect(cookie).not.toContain(token.slice(6, 49));
  });

  it.each([LOCAL, 'http://127.0.0.1:8080', 'http://[::1]:8080', 'http://ci.localhost'])(
    'works without TLS on %s',
    async (site) => {
      const cookie = await signedIn(undefined, site);
      expect(cookie).toMatch(/^session=/);
      expect(await whoIs(cookie, site)).toBe('admin');
    },
  );

  it.each(['http://ci.example', 'http://localhost.example', 'http://127.0.0.1.example', 'http://192.168.0.1'])(
    'needs TLS on %s',
    async (site) => {
      expect(await signedIn(undefined, site)).toMatch(/^__Host-session=/);
    },
  );

  it('that was set without TLS counts for nothing where there is TLS', async () => {
    expect(await whoIs((await signedIn()).replace('__Host-', ''))).toBe('nobody');
  });
});

describe('a session', () => {
  it('is of whoever the token is', async () => {
    expect(await whoIs(await signedIn())).toBe('admin');
    expect(await whoIs(await signedIn(await api.tokenOf('rita')))).toBe('rita');
  });

  it.each(['', 'djinn_abc', `djinn_${'A'.repeat(43)}0c2b5986`])('is not begun with %j', async (token) => {
    const response = await submit(`${SITE}/sign-in`, { token });
    expect([response.status, response.headers.getSetCookie()]).toEqual([404, []]);
  });

  it.each([
    '',
    '__Host-session=',
    '__Host-session=abc',
    `__Host-session=${'A'.repeat(43)}`,
    `__Host-session=${'x'.repeat(5_000)}`,
  ])('is not resumed with the cookie %j', async (cookie) => {
    expect(await whoIs(cookie)).toBe('nobody');
  });

  it('ends after twelve hours, by our clock', async () => {
    const cookie = await signedIn();
    api.clock.nowMs = START_MS + SESSION_HOURS * HOUR_MS - 1;
    expect(await whoIs(cookie)).toBe('admin');
    api.clock.nowMs += 1;
    expect(await whoIs(cookie)).toBe('nobody');
  });

  it('ends with its token: where that expires, and at once where it is revoked', async () => {
    const short = await signedIn((await make(new Date(START_MS + HOUR_MS).toISOString())).token);
    const { token, record } = await make();
    const revoked = await signedIn(token);
    await revokeToken(api.accounts, record);
    expect([await whoIs(short), await whoIs(revoked)]).toEqual(['admin', 'nobody']);
    api.clock.nowMs = START_MS + HOUR_MS;
    expect(await whoIs(short)).toBe('nobody');
  });

  it('that is signed out is out for good, whoever has kept the cookie', async () => {
    const cookie = await signedIn();
    const response = await submit(`${SITE}/sign-out`, {}, { cookie });
    expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-session=; .*Max-Age=0/)]);
    expect(await whoIs(cookie)).toBe('nobody');
    expect((await submit(`${SITE}/sign-out`, {}, { cookie })).status).toBe(204);
  });

  it('is another one after each sign-in, and the one before it ends', async () => {
    const { token } = await make();
    const before = await signedIn(token);
    const after = cookieOf(await submit(`${SITE}/sign-in`, { token }, { cookie: before }));
    expect(after).not.toBe(before);
    expect([await whoIs(before), await whoIs(after)]).toEqual(['nobody', 'admin']);
  });

  it('cannot be taken from the table', async () => {
    const id = (await signedIn()).replace('__Host-session=', '');
    const { Items = [] } = await api.table.db.send(new ScanCommand({ TableName: api.table.name }));
    const text = JSON.stringify(Items);
    expect(text).not.toContain(id);
    expect(text).toContain(sessionHash(id));
    expect(await whoIs(`__Host-session=${sessionHash(id)}`)).toBe('nobody');
  });
});

describe('a form of another site', () => {
  const refused = { message: 'This came from a page of another site. Open the page here, and send it again' };

  it.each(['https://evil.example', 'http://ci.example', 'https://ci.example.evil.example', 'null', ''])(
    'is refused with 403, and does nothing: %j',
    async (from) => {
      const cookie = await signedIn();
      const response = await submit(`${SITE}/sign-out`, {}, { cookie, from });
      expect([response.status, await response.json()]).toEqual([403, refused]);
      expect(await whoIs(cookie)).toBe('admin');
      expect((await submit(`${SITE}/sign-in`, { token: (await make()).token }, { from })).status).toBe(403);
    },
  );

  it('is told by where the public is told to go, and not by where a proxy asks', async () => {
    const behind = pages('https://ci.example/hooks');
    const send = (origin: string) =>
      behind.request('http://10.0.0.1:8080/hooks/sign-out', { method: 'POST', headers: { origin } });
    // Without a session there is nothing to do: what matters is who may ask.
    expect((await send('https://ci.example')).status).not.toBe(403);
    expect((await send('http://10.0.0.1:8080')).status).toBe(403);
  });
});

it('the policy of a page lets its own forms be sent, where it has some, and no script run', () => {
  const policy = pagePolicy('p { color: red; }', "'self'");
  expect(policy).toContain("form-action 'self'");
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/script-src|unsafe/);
});
