import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPages, type Pages } from './pages.ts';

let pages: Pages;
beforeAll(async () => {
  pages = await openPages();
});
afterAll(() => pages.stop());

async function assetsOf(path: string): Promise<string[]> {
  const html = await (await pages.get(path)).text();
  return [...html.matchAll(/(?:href|src)="([^"]*\/assets\/[^"]+)"/g)].map(([, url = '']) => url);
}

describe('the assets', () => {
  it('are named by what is in them, kept for good, and of a type that is not sniffed', async () => {
    const urls = await assetsOf('/console/sign-in');
    expect(urls.map((url) => url.replace(/\.[0-9a-f]{16}\./, '.'))).toEqual([
      '/console/assets/icon.svg',
      '/console/assets/console.css',
      '/console/assets/live.js',
      '/console/assets/forms.js',
    ]);
    for (const url of urls) {
      const { status, headers } = await pages.get(url);
      expect([status, headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable']);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-type')).toMatch(/^(image\/svg\+xml|text\/(css|javascript); charset=utf-8)$/);
    }
  });

  it('of another release are answered as they are now, and asked for again', async () => {
    const { status, headers } = await pages.get('/console/assets/console.0123456789abcdef.css');
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-cache']);
  });

  it.each(['nothing.css', 'console.css.map', '..%2Fassets.ts', 'icon.svg%00'])(
    'are no other files: %s',
    async (name) => {
      expect((await pages.get(`/console/assets/${name}`)).status).toBe(404);
    },
  );
});

describe('every page', () => {
  it('allows what is ours, and nothing of anybody else’s', async () => {
    const { headers } = await pages.get('/console/sign-in');
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    );
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-frame-options')).toBe('DENY');
  });

  it('has no script and no style in it', async () => {
    const html = await (await pages.get('/console/sign-in')).text();
    expect(html).not.toMatch(/<style|style="|<script(?! type="module" src=)|\son\w+="|javascript:/i);
  });

  it('stands under the path of its public URL', async () => {
    const under = await openPages({ PUBLIC_URL: 'https://ci.example/hooks' });
    expect((await under.get('/hooks/console')).headers.get('location')).toBe(
      '/hooks/console/sign-in?to=%2Fhooks%2Fconsole',
    );
    const html = await (await under.get('/hooks/console/sign-in')).text();
    expect(html).toContain('action="/hooks/console/sign-in"');
    await under.stop();
  });
});
