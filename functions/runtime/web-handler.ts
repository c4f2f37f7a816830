import type { Hono } from 'hono';
import { handle } from 'hono/aws-lambda';

/** The Lambda handler of a web application, behind an API Gateway. */
export function webHandler(app: Hono) {
  // Node loads its Fetch with the first of these, for 15 ms of a whole processor: better now than with the first request.
  new Response();
  return handle(app);
}
