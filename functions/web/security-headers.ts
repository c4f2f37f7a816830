import { createHash } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';

const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** What Hono's `secureHeaders` sets, which has four times the code for all that can be chosen; and, of our own, that no cache keeps anything. */
const HEADERS = Object.entries({
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0',
  'cache-control': 'no-store',
});
const ONLY_HTTPS = Object.entries({ 'strict-transport-security': `max-age=${YEAR_SECONDS}` });

/**
 * Puts on every answer what tells a browser to make as little of it as it can: nothing is sniffed, framed, cached, run or referred
 * to, and https stays https. What a route says itself, stays.
 */
export function securityHeaders(isHttps: (request: Request) => boolean): MiddlewareHandler {
  return async (context, next) => {
    await next();
    const { headers } = context.res;
    for (const [name, value] of isHttps(context.req.raw) ? [...HEADERS, ...ONLY_HTTPS] : HEADERS) {
      if (!headers.has(name)) headers.set(name, value);
    }
  };
}

/**
 * The `Content-Security-Policy` of a page that has one style sheet in it, by its text, and nothing else: no script runs, wherever it
 * comes from. Its forms go to `formAction`.
 */
export function pagePolicy(style: string, formAction: "'none'" | "'self'" = "'none'"): string {
  const hash = createHash('sha256').update(style).digest('base64');
  return [
    "default-src 'none'",
    `style-src 'sha256-${hash}'`,
    "base-uri 'none'",
    `form-action ${formAction}`,
    "frame-ancestors 'none'",
  ].join('; ');
}
