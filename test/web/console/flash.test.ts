import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { type Flash, flashes } from '../../../functions/web/console/flash.ts';

it.each([
  ['a short one as it is', 'Deleted 😀', 'Deleted 😀'],
  ['a long one in part', 'x'.repeat(500), 'x'.repeat(400)],
  ['one that is cut in a character without that one', `${'x'.repeat(399)}😀`, `${'x'.repeat(399)}\ufffd`],
])('a sentence outlives a redirect, once: %s', async (_how, text, shown) => {
  const { say, take } = flashes({ baseOf: () => 'https://ci.example' });
  const app = new Hono();
  app.get('/say', (context) => {
    say(context, { kind: 'done', text });
    return context.body(null, 204);
  });
  app.get('/take', (context) => context.json(take(context) ?? null));
  const cookie = (await app.request('/say')).headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
  const taken = await app.request('/take', { headers: { cookie } });
  expect((await taken.json()) as Flash).toEqual({ kind: 'done', text: shown });
  expect(taken.headers.getSetCookie()[0]).toContain('Max-Age=0');
});
