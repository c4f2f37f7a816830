import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isUuid } from '../../functions/domain/id.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { webApp } from '../../functions/web/app.ts';
import type { OpenApiDocument } from '../../functions/web/openapi/objects.ts';
import { type Served, serveLocally } from '../../infra/local/serve.ts';
import { type Api, openApi, read, WEBHOOKS } from './api.ts';

let api: Api;
let served: Served;

beforeAll(async () => {
  api = await openApi();
  served = await serveLocally(webApp(apiDeps(api.engines.settings, api.world)), 0);
});
afterAll(async () => {
  await served.stop();
  await api.stop();
  expect(api.bugs.map(({ message }) => message)).toEqual(['The table is away']);
});

const NO_CONTENT = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const ALWAYS = {
  'cache-control': 'no-store',
  'content-security-policy': NO_CONTENT,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

function expectSecured(response: Response, but: Readonly<Record<string, string>> = {}): void {
  expect(Object.fromEntries(response.headers)).toMatchObject({ ...ALWAYS, ...but });
  expect(isUuid(response.headers.get('x-request-id') ?? '')).toBe(true);
  for (const name of ['access-control-allow-origin', 'server', 'x-powered-by']) {
    expect(response.headers.has(name), name).toBe(false);
  }
}

describe('every answer', () => {
  it('tells browsers to make nothing of it: of every route, with and without a token', async () => {
    const { paths } = await read<OpenApiDocument>(api.call('/openapi.json'));
    for (const [path, methods] of Object.entries(paths)) {
      if (path === '/docs') continue;
      for (const method of Object.keys(methods)) {
        const call = { method: method.toUpperCase() };
        expectSecured(await api.call(path, call));
        expectSecured(await api.call(path, { ...call, token: null }));
      }
    }
  });

  it.each([
    ['no route', '/no/such/path', {}, 404],
    ['no method', WEBHOOKS, { method: 'PUT' }, 405],
    ['another type', WEBHOOKS, { method: 'POST', body: 'a', headers: { 'content-type': 'text/plain' } }, 415],
    ['a field that does not hold', WEBHOOKS, { method: 'POST', body: {} }, 400],
    ['a body of 64 KB and more', WEBHOOKS, { method: 'POST', body: { secret: 'x'.repeat(65_536) } }, 413],
    ['what was made', WEBHOOKS, { method: 'POST', body: { payload_url: 'https://a.example/headers' } }, 201],
    ['nothing', '/user', { method: 'HEAD' }, 200],
  ] as const)('does, of %s, too', async (_, path, call, status) => {
    const response = await api.call(path, call);
    expect(response.status).toBe(status);
    expectSecured(response);
  });

  it('promises TLS only where it has it', async () => {
    const response = await api.request('http://localhost:8080/user', {});
    expect(response.headers.has('strict-transport-security')).toBe(false);
    const deps = apiDeps({ ...api.engines.settings, PUBLIC_URL: 'https://ci.example' }, api.world);
    expectSecured(await webApp(deps).request('http://10.0.0.1/user'));
  });

  it('of ours that went wrong names the request, as the log does, and nothing of what it was', async () => {
    const deps = apiDeps(api.engines.settings, api.world);
    const told: [Error, string][] = [];
    const away = () => Promise.reject(new Error('The table is away'));
    const app = webApp({
      ...deps,
      tokens: { ...deps.tokens, find: away },
      onBug: (error, id) => {
        told.push([error, id]);
        api.bugs.push(error);
      },
    });
    const authorization = `Bearer ${await api.tokenOf('admin')}`;
    const response = await app.request('https://ci.example/user', { headers: { authorization } });
    const id = response.headers.get('x-request-id') ?? '';
    expect(response.status).toBe(500);
    expectSecured(response);
    expect(await response.text()).toBe(
      `{"message":"Something went wrong on our side. Please try again. If that does not help, tell us of the request ${id}"}`,
    );
    expect(told).toEqual([[new Error('The table is away'), id]]);
  });

  it('has a name of our own choosing', async () => {
    for (const given of ['1', 'x'.repeat(36), '5b0c9c5e-3d5f-4c3f-8f43-7d3c1f3b7c11']) {
      const response = await api.call('/user', { headers: { 'x-request-id': given } });
      expectSecured(response);
      expect(response.headers.get('x-request-id')).not.toBe(given);
    }
  });
});

describe('the page', () => {
  it('has a style, by its hash, and can run nothing', async () => {
    const response = await api.call('/docs', { token: null });
    const [, style = ''] = /<style>([^<]*)<\/style>/.exec(await response.clone().text()) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    const policy = NO_CONTENT.replace(';', `; style-src 'sha256-${hash}';`);
    expectSecured(response, { 'content-security-policy': policy });
    expect(await response.text()).not.toMatch(/ style=| on[a-z]+=/);
  });
});

/** A raw request, for `fetch` refuses to send some of these. */
function rawStatus(headers: Readonly<Record<string, string>>, path = '/user'): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const request = httpRequest({ port: served.port, host: '127.0.0.1', path, headers }, (response) => {
    response.resume();
    resolve(response.statusCode);
  });
  request.on('error', reject).end();
  return promise;
}

describe('headers', () => {
  it.each([
    ['a header of 20 KB', { 'x-large': 'x'.repeat(20_000) }],
    ['a thousand of them', Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`x-${n}`, 'x'.repeat(20)]))],
    ['a token of 20 KB', { authorization: `Bearer djinn_${'x'.repeat(20_000)}` }],
  ])('are bounded: %s', async (_, headers) => {
    expect(await rawStatus(headers)).toBe(431);
  });

  it.each(['Bearer', 'Bearer ', 'Bearer a b', 'bearer djinn_', 'Basic YTpi', `Bearer ${'x'.repeat(10_000)}`, ',', '"'])(
    'with the token %j are those of nobody',
    async (authorization) => {
      expect(await rawStatus({ authorization })).toBe(404);
    },
  );
});
