import { Hono } from 'hono';
import { handle } from 'hono/aws-lambda';
import { describe, expect, it } from 'vitest';
import { type GatewayEvent, gatewayHandler } from '../../functions/runtime/gateway-event.ts';
import { gatewayEvent } from '../support/aws-events.ts';

/** Says all that it was asked, and answers in every form that there is. */
const app = new Hono();
app.get('/bytes', (context) =>
  context.body(new Uint8Array([0, 255, 1]), 200, { 'content-type': 'application/octet-stream' }),
);
app.get('/nothing', (context) => context.body(null, 204));
app.get('/away', (context) => context.redirect('/elsewhere', 303));
app.get('/icon', (context) => context.body('<svg/>', 200, { 'content-type': 'image/svg+xml' }));
app.get('/cookies', (context) => {
  context.header('set-cookie', 'a=1; Path=/', { append: true });
  context.header('set-cookie', 'b=2', { append: true });
  return context.html('<p>é</p>');
});
app.all('*', async ({ req, json }) =>
  json({ url: req.url, method: req.method, headers: [...req.raw.headers], body: await req.text() }),
);

const host = { host: 'hooks.example' };
const EVENTS: readonly [string, Parameters<typeof gatewayEvent>[0], object?][] = [
  ['a request', { path: '/a%2Fb/é?q=%20a&q=b', method: 'GET', headers: { ...host, 'x-a': ' b ' } }],
  ['a body of text', { path: '/', method: 'POST', headers: host, body: '{"é":1}' }],
  ['a body of bytes', { path: '/', method: 'PUT', headers: host, body: 'AP8B' }, { isBase64Encoded: true }],
  ['an empty body', { path: '/', method: 'POST', headers: host, body: '' }],
  ['a GET with a body', { path: '/', method: 'GET', headers: host, body: 'a' }],
  ['cookies', { path: '/', method: 'GET', headers: host, cookies: ['a=1', 'b=2'] }],
  ['no list of cookies', { path: '/', method: 'GET', headers: host }, { cookies: undefined }],
  ['a header that is no ASCII', { path: '/', method: 'GET', headers: { ...host, 'user-agent': 'é€ % a' } }],
  ['a header that none may have', { path: '/', method: 'GET', headers: { ...host, 'x-a': 'a\nb' } }],
  ['no host', { path: '/', method: 'GET', headers: {} }],
  ['a HEAD', { path: '/icon', method: 'HEAD', headers: host }],
  ...['/bytes', '/nothing', '/away', '/icon', '/cookies'].map(
    (path) => [`what is answered at ${path}`, { path, method: 'GET', headers: host }] as const,
  ),
] as never;

describe('a request through the gateway', () => {
  it.each(EVENTS)('is read and answered as Hono’s own handler does: %s', async (_, request, different = {}) => {
    const event = { ...gatewayEvent(request), ...different } as GatewayEvent;
    const theirs = await handle(app)(event as never, {} as never).catch(({ name }: Error) => name);
    expect(await gatewayHandler(app)(event).catch(({ name }: Error) => name)).toEqual(theirs);
  });
});
