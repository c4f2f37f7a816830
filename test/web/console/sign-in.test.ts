import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ORIGIN, openPages, type Pages } from './pages.ts';

let pages: Pages;
let under: Pages;
let token: string;

beforeAll(async () => {
  pages = await openPages();
  under = await openPages({ PUBLIC_URL: `${ORIGIN}/hooks` });
  token = await pages.tokenOf('admin');
});
afterAll(async () => {
  await pages.stop();
  await under.stop();
  expect([...pages.bugs, ...under.bugs]).toEqual([]);
});

/** Where a browser goes that has signed in on a page which says that it came from `to`. */
async function goesTo(to: string): Promise<string | null> {
  const answer = await pages.post('/console/sign-in', { token, to });
  expect(answer.status).toBe(303);
  return answer.headers.get('location');
}

describe('signing in', () => {
  it.each([
    '/console',
    '/console/n/admin/demo/-/webhooks',
    '/console/n/admin/demo/-/webhooks/1/deliveries?status=dead&cursor=after.019b0000-0000-7000-8000-000000000001',
    '/console?path=admin%2Fdemo',
  ])('leads back to a page of ours: %s', async (to) => {
    expect(await goesTo(to)).toBe(to);
  });

  it.each([
    '',
    '/',
    'nonsense',
    '//evil.example',
    '///evil.example/console',
    '//evil.example/console/n/admin/demo/-/webhooks',
    'https://evil.example',
    'https://evil.example/console',
    'https:evil.example/console',
    'https:/evil.example/console',
    'https://ci.example@evil.example/console',
    'https://console.invalid.evil.example/console',
    '\\\\evil.example',
    '/\\evil.example',
    '/\\/evil.example/console',
    '\t//evil.example',
    '/\t/evil.example/console',
    '/\n/evil.example',
    ' https://evil.example',
    '\u0000//evil.example',
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)//console',
    'java\tscript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'blob:https://console.invalid/console',
    '/console/../../evil',
    '/console/..//evil.example',
    '/console/..\\\\evil.example',
    '/console/%2e%2e//evil.example',
    '/consoles',
    '/console.evil.example',
    '/docs',
    '/n/admin/demo/-/webhooks',
    '/console/sign-in',
    '/console/sign-in?to=//evil.example',
  ])('leads to no other place: %j', async (to) => {
    expect(await goesTo(to)).toBe('/console');
  });

  it('leads to a page of ours, whatever a link to it says', async () => {
    const parts = [
      '/',
      '//',
      '\\',
      'console',
      '/console/',
      '..',
      '%2e%2e',
      '%2F',
      '@',
      ':',
      'https:',
      'javascript:',
      'evil.example',
      '\t',
      '\r\n',
      '?',
      '#',
      'é',
    ];
    const links = fc.array(fc.oneof(fc.constantFrom(...parts), fc.string({ maxLength: 5 })), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(links, async (link) => {
        const to = await goesTo(link.join(''));
        const url = new URL(to ?? '', `${ORIGIN}/console/sign-in`);
        expect(url.origin).toBe(ORIGIN);
        expect(url.pathname).toMatch(/^\/console(\/|$)/);
        expect(to).not.toMatch(/[\r\n]/);
      }),
      { numRuns: 60 },
    );
  });

  it.each(['/hooks', ''])(
    'comes back by the public path, whether a proxy in front keeps it or removes it: %j',
    async (kept) => {
      const page = '/console/n/admin/demo/-/events?cursor=x';
      const asked = await under.get(`${kept}${page}`);
      const to = new URL(asked.headers.get('location') ?? '', ORIGIN).searchParams.get('to') ?? '';
      expect(to).toBe(`/hooks${page}`);
      const signedIn = await under.post('/hooks/console/sign-in', { to, token: await under.tokenOf('admin') });
      expect(signedIn.headers.get('location')).toBe(to);
    },
  );

  it('says of a form that came after the session had ended that it was not done', async () => {
    const asked = await pages.post('/console/n/admin/demo/-/webhooks/1/activate', {});
    expect(asked.headers.get('location')).toContain('/console/sign-in?to=');
    const said = asked.headers.getSetCookie().find((one) => one.includes('flash')) ?? '';
    expect(decodeURIComponent(said)).toContain('what you sent was not done');
  });

  it('keeps within the path of the public URL', async () => {
    const goes = async (to: string) =>
      (await under.post('/hooks/console/sign-in', { to, token: await under.tokenOf('admin') })).headers.get('location');
    expect(await goes('/hooks/console/n/admin/demo/-/events')).toBe('/hooks/console/n/admin/demo/-/events');
    expect(await goes('/console/n/admin/demo/-/events')).toBe('/hooks/console');
  });

  it.each([
    ['nothing', '', 'Paste a token.'],
    ['spaces', '  \t ', 'Paste a token.'],
    ['no token', 'djinn_nonsense', 'This is no token of ours'],
    ['markup', '"><script>alert(1)</script>', 'This is no token of ours'],
    ['ten thousand characters', 'x'.repeat(10_000), 'This is no token of ours'],
  ])('is refused beside the field with %s, which is not repeated', async (_, typed, sentence) => {
    const to = '/console/n/admin/demo/-/webhooks?a="b"';
    const answer = await pages.post('/console/sign-in', { token: typed, to });
    const text = await answer.text();
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([400, []]);
    expect(text).toMatch(/aria-describedby="token-error token-hint" aria-invalid="true"/);
    expect(text).toContain(sentence);
    if (typed.trim() !== '') expect(text).not.toContain(typed);
    // Where they were is not lost by it.
    expect(text).toContain('name="to" value="/console/n/admin/demo/-/webhooks?a=&quot;b&quot;"');
  });

  it('with spaces around the token is signing in all the same', async () => {
    const answer = await pages.post('/console/sign-in', { token: ` ${token}\r\n`, to: '' });
    expect([answer.status, answer.headers.getSetCookie().length]).toEqual([303, 1]);
  });
});

describe('a form of a page on which somebody was when the session ended', () => {
  it.each([
    ['https://evil.example/console/n/x', '/console/n/x'],
    ['https://evil.example//evil.example/', '/console'],
    ['nonsense', '/console'],
    ['', '/console'],
  ])('never leads elsewhere, whatever page it says it is of: %s', async (referer, expected) => {
    const answer = await pages.post('/console/n/admin/demo/-/webhooks/new', {}, { headers: { referer } });
    const url = new URL(answer.headers.get('location') ?? '', ORIGIN);
    expect([answer.status, url.pathname, await goesTo(url.searchParams.get('to') ?? '')]).toEqual([
      303,
      '/console/sign-in',
      expected,
    ]);
  });
});
