import type { Hono } from 'hono';

/** A request as an HTTP API hands it to a function (payload format 2.0): the fields that we read. */
export type GatewayEvent = {
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly cookies?: readonly string[];
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly requestContext: { readonly domainName?: string; readonly http: { readonly method: string } };
  readonly body?: string | null;
  readonly isBase64Encoded: boolean;
};

/** What a function answers: text, or base64 of what is none. */
export type GatewayResult = {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body: string;
  readonly isBase64Encoded: boolean;
};

/**
 * Makes a handler of an application, as Hono's own for all of Lambda's kinds of events does for this one. What is no request, such as a
 * GET with a body, is answered 400.
 */
export function gatewayHandler(app: Pick<Hono, 'fetch'>): (event: GatewayEvent) => Promise<GatewayResult> {
  return async (event) => {
    let request: Request;
    try {
      request = requestOf(event);
    } catch {
      return resultOf(new Response('Invalid request', { status: 400 }));
    }
    return resultOf(await app.fetch(request));
  };
}

function requestOf(event: GatewayEvent): Request {
  const { rawPath, rawQueryString, cookies, requestContext, isBase64Encoded } = event;
  const headers = new Headers();
  if (cookies !== undefined) headers.set('cookie', cookies.join('; '));
  for (const [name, value] of Object.entries(event.headers)) if (value) headers.set(name, inAscii(value));
  const body = event.body ? Buffer.from(event.body, isBase64Encoded ? 'base64' : 'utf8') : undefined;
  if (body !== undefined) headers.set('content-length', `${body.length}`);
  const host = requestContext.domainName ?? event.headers['host'];
  const query = rawQueryString === '' ? '' : `?${rawQueryString}`;
  return new Request(`https://${host}${rawPath}${query}`, {
    method: requestContext.http.method,
    headers,
    ...(body && { body }),
  });
}

async function resultOf(response: Response): Promise<GatewayResult> {
  const cookies = response.headers.getSetCookie();
  const isText = TEXT.test(response.headers.get('content-type') ?? 'text/plain');
  return {
    statusCode: response.status,
    headers: Object.fromEntries([...response.headers].filter(([name]) => name !== 'set-cookie')),
    ...(cookies.length > 0 && { cookies }),
    body: isText ? await response.text() : Buffer.from(await response.arrayBuffer()).toString('base64'),
    isBase64Encoded: !isText,
  };
}

/** The types whose content is UTF-8. */
const TEXT = /^text\/(?:plain|html|css|javascript|csv)|[/+](?:json|xml)\s*(?:;|$)/i;

/** The gateway reads bytes as UTF-8, and a header has none of what that may be. */
function inAscii(value: string): string {
  return /[^\p{ASCII}]/u.test(value) ? encodeURIComponent(value) : value;
}
