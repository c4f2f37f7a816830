import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { type Flash, flashes } from '../../../functions/web/console/flash.ts';

/** Says a sentence; answers how it is taken by a request that has these headers beside its cookie. */
async function saying(text: string) {
  const { say, take } = flashes({ baseOf: () => 'https://ci.example' });
  const app = new Hono();
  app.get('/say', (context) => {
    say(context, { kind: 'done', text });
    return context.body(null, 204);
  });
  app.get('/take', (context) => context.json(take(context) ?? null));
  const cookie = (await app.request('/say')).headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
  return (headers: Readonly<Record<string, string>> = {}) => app.request('/take', { headers: { cookie, ...headers } });
}

it.each([
  ['a short one as it is', 'Deleted 😀', 'Deleted 😀'],
  ['a long one in part', 'x'.repeat(500), 'x'.repeat(400)],
  ['one that is cut in a character without that one', `${'x'.repeat(399)}😀`, `${'x'.repeat(399)}\ufffd`],
])('a sentence outlives a redirect, once: %s', async (_how, text, shown) => {
  const taken = await (await saying(text))();
  expect((await taken.json()) as Flash).toEqual({ kind: 'done', text: shown });
  expect(taken.headers.getSetCookie()[0]).toContain('Max-Age=0');
});

it('a page that a script asks for, to renew another one, does not take what somebody is to read', async () => {
  const take = await saying('Deleted');
  const renewed = await take({ 'sec-fetch-mode': 'cors' });
  expect([await renewed.json(), renewed.headers.getSetCookie()]).toEqual([null, []]);
  expect(await (await take({ 'sec-fetch-mode': 'navigate' })).json()).toEqual({ kind: 'done', text: 'Deleted' });
});
