import { createHash } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';

const YEAR_SECONDS = 365 * 24 * 60 * 60;

/**
 * Puts on every answer what tells a browser to make as little of it as it can: nothing is sniffed, framed, cached, run or referred
 * to, and https stays https. What a route says itself, stays.
 */
export function securityHeaders(isHttps: (request: Request) => boolean): MiddlewareHandler {
  const [plain, secure] = [setHeaders(false), setHeaders(`max-age=${YEAR_SECONDS}`)];
  return async (context, next) => {
    await (isHttps(context.req.raw) ? secure : plain)(context, next);
    if (!context.res.headers.has('cache-control')) context.res.headers.set('cache-control', 'no-store');
  };
}

function setHeaders(strictTransportSecurity: string | false): MiddlewareHandler {
  return secureHeaders({
    overwrite: false,
    strictTransportSecurity,
    xFrameOptions: 'DENY',
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  });
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
