import type { Hono } from 'hono';
import { handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';

const WITHOUT_BODY = new Set(['GET', 'HEAD']);

/**
 * Makes a function behind the API Gateway of a web application. The body of a GET or HEAD, which a `Request` cannot have (Fetch, section
 * 5.4), is left out, as it is on one laptop: the adapter would answer by itself, past the application and its headers.
 */
export function gatewayHandler(app: Hono) {
  const handler = handle(app);
  return (event: LambdaEvent, context?: LambdaContext) => handler(withoutBody(event), context);
}

function withoutBody(event: LambdaEvent): LambdaEvent {
  const { requestContext } = event;
  const method = 'http' in requestContext ? requestContext.http.method : '';
  return WITHOUT_BODY.has(method) ? { ...event, body: null } : event;
}
