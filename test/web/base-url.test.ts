import { handle } from 'hono/aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { webApp } from '../../functions/web/app.ts';
import { addressing } from '../../functions/web/base-url.ts';
import { type Api, openApi, read } from './api.ts';

describe('where the API stands', () => {
  it.each([
    ['', 'https://ci.example/n/admin/demo', 'https://ci.example', '/n/admin/demo'],
    ['', 'http://localhost:8080/user?x=/api', 'http://localhost:8080', '/user'],
    ['', 'https://ci.example/api/n/admin/demo', 'https://ci.example/api', '/n/admin/demo'],
    ['', 'https://ci.example/api', 'https://ci.example/api', '/'],
    ['', 'https://ci.example/apis/n/admin/demo', 'https://ci.example', '/apis/n/admin/demo'],
    ['https://hooks.example', 'https://gateway.internal/user', 'https://hooks.example', '/user'],
    ['https://hooks.example/', 'https://gateway.internal/api/user', 'https://hooks.example', '/user'],
    ['https://ci.example/hooks/', 'https://gateway.internal/hooks/user', 'https://ci.example/hooks', '/user'],
    ['https://ci.example/hooks', 'https://gateway.internal/user', 'https://ci.example/hooks', '/user'],
    ['https://ci.example/hooks', 'https://gateway.internal/hooksuser', 'https://ci.example/hooks', '/hooksuser'],
  ])('for the public URL %j, asked at %s, is %s', (publicUrl, url, base, path) => {
    const { baseOf, routingPath } = addressing(publicUrl);
    expect([baseOf(new Request(url)), routingPath(new Request(url))]).toEqual([base, path]);
  });

  it.each([
    'ci.example',
    'ftp://ci.example',
    '/api',
    'https://ci.example/?a=1',
    'https://a@ci.example',
    'https://a/#b',
  ])('is nowhere for the public URL %j', (publicUrl) => {
    expect(() => addressing(publicUrl)).toThrow(RangeError);
  });

  it.each([
    ['/n/admin/a/b/c/-/webhooks/3', '/n/admin/a%2Fb%2Fc/-/webhooks/3'],
    ['/api/n/admin/a/b/-/events', '/n/admin/a%2Fb/-/events'],
    ['/n/admin/a%2Fb/-/events', '/n/admin/a%2Fb/-/events'],
    ['/console/n/admin/a/b/-/webhooks', '/console/n/admin/a%2Fb/-/webhooks'],
    ['/api/console/n/admin/a/b', '/console/n/admin/a%2Fb'],
    ['/n/console/n/a/-/events', '/n/console/n%2Fa/-/events'],
    ['/n/api/n/-', '/n/api/n/-'],
    ['/n/admin', '/n/admin'],
    ['/n/admin/a/b/', '/n/admin/a%2Fb'],
  ])('routes %s by %s', (path, expected) => {
    expect(addressing('').routingPath(new Request(`https://ci.example${path}`))).toBe(expected);
  });
});

describe('URLs in answers', () => {
  let api: Api;
  let webhookId: number;

  beforeAll(async () => {
    api = await openApi();
    for (const name of ['a', 'b']) webhookId = (await api.addWebhook({ payload_url: `https://a.example/${name}` })).id;
  });
  afterAll(() => api.stop());

  /** Calls the function as the gateway does: with an event of its HTTP API, payload format 2.0. */
  async function invoke(publicUrl: string, domainName: string, rawPath: string, token?: string) {
    const deps = apiDeps({ ...api.engines.settings, PUBLIC_URL: publicUrl }, api.world);
    const http = { method: 'GET', path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' };
    const event = {
      version: '2.0',
      routeKey: '$default',
      rawPath,
      rawQueryString: 'per_page=1',
      headers: { authorization: `Bearer ${token ?? (await api.tokenOf('admin'))}`, host: domainName },
      requestContext: { domainName, http, stage: '$default' },
      isBase64Encoded: false,
    };
    const result = await handle(webApp(deps))(event as unknown as Parameters<ReturnType<typeof handle>>[0]);
    const link = result.headers?.['link'] ?? '';
    return { status: result.statusCode, link, body: JSON.parse(result.body) as readonly { readonly url: string }[] };
  }

  it.each([
    [
      'the gateway itself',
      '',
      'x1y2.execute-api.eu-west-1.amazonaws.com',
      '/n',
      'https://x1y2.execute-api.eu-west-1.amazonaws.com',
    ],
    ['a custom domain', '', 'hooks.example', '/n', 'https://hooks.example'],
    [
      'a base path of a custom domain',
      'https://ci.example/hooks',
      'ci.example',
      '/hooks/n',
      'https://ci.example/hooks',
    ],
    [
      'a proxy in front',
      'https://ci.example/hooks',
      'x1y2.execute-api.eu-west-1.amazonaws.com',
      '/n',
      'https://ci.example/hooks',
    ],
  ])('are absolute and right behind %s', async (_, publicUrl, domain, start, base) => {
    const { status, link, body } = await invoke(publicUrl, domain, `${start}/admin/demo/-/webhooks`);
    const list = `${base}/n/admin/demo/-/webhooks`;
    expect(status).toBe(200);
    expect(body.map(({ url }) => url)).toEqual([`${list}/${webhookId - 1}`]);
    expect(link).toBe(`<${list}?per_page=1&cursor=after.${webhookId - 1}>; rel="next"`);
  });

  it('can be followed by a client that puts /api before every path but those that have it', async () => {
    const { webhooks_url: webhooksUrl } = await read<{ webhooks_url: string }>(api.call('/api/n/admin/demo'));
    expect(new URL(webhooksUrl).pathname).toBe('/api/n/admin/demo/-/webhooks');
    const created = await read<{ url: string }>(
      api.call(webhooksUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8' },
        // As Go writes the fields that were not set.
        body: { payload_url: 'https://go.example/', secret: '', ssl: false, active: false, events: null },
      }),
      201,
    );
    expect(await read(api.call(created.url))).toMatchObject({ active: false, ssl: false, has_secret: false });
  });
});
