import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { djinnSignature, signaturesMatch, standardSignature } from '../../functions/domain/signature.ts';
import { pagePolicy } from '../../functions/web/security-headers.ts';
import type { Arrival, SignatureVerdict } from './arrival.ts';
import { INBOX_STYLE, inboxPage } from './inbox-page.ts';

const ARRIVALS_KEPT = 200;
const BODY_SHOWN_BYTES = 64 * 1024;
/** More than any delivery has. */
const BODY_TAKEN_MAX_BYTES = 2 * 1024 * 1024;
const FAILURES_REMEMBERED = 10_000;

/**
 * A receiver to play with. `POST /inbox` takes anything and answers 204; `?status=503` answers that instead, and `?fail=2`
 * fails the first two attempts of each delivery with 500. `GET /inbox` shows what arrived since the start, newest first,
 * and `GET /inbox.json` the same for scripts.
 */
export function inboxApp(deps: { readonly secret: string; readonly now: () => number }): Hono {
  const arrivals: Arrival[] = [];
  const failures = new Map<string, number>();
  const app = new Hono();
  app.get('/inbox', (context) => {
    context.header('content-security-policy', pagePolicy(INBOX_STYLE));
    return context.html(inboxPage(arrivals));
  });
  app.get('/inbox.json', (context) => context.json(arrivals));
  app.post('/inbox', bodyLimit({ maxSize: BODY_TAKEN_MAX_BYTES }), async (context) => {
    const body = new Uint8Array(await context.req.arrayBuffer());
    const status = statusFor(context, failures);
    const receivedAt = new Date(deps.now()).toISOString();
    arrivals.unshift({ receivedAt, status, ...describe(context, body), ...verify(context, body, deps.secret) });
    arrivals.splice(ARRIVALS_KEPT);
    return new Response(null, { status });
  });
  return app;
}

function describe(context: Context, body: Uint8Array): Pick<Arrival, 'headers' | 'body' | 'bodyBytes'> {
  const text = Buffer.from(body.subarray(0, BODY_SHOWN_BYTES)).toString('utf8');
  return { headers: [...context.req.raw.headers], body: text, bodyBytes: body.length };
}

function verify(context: Context, body: Uint8Array, secret: string) {
  const given = (name: string) => context.req.header(name);
  const deliveryId = given('webhook-id') ?? '';
  const timestampSeconds = Number(given('webhook-timestamp'));
  const expected = standardSignature(secret, { deliveryId, timestampSeconds, body });
  return {
    signature: verdict(given('x-djinn-ci-signature'), djinnSignature(secret, body)),
    standardSignature: verdict(given('webhook-signature'), expected),
  };
}

function verdict(given: string | undefined, expected: string): SignatureVerdict {
  if (given === undefined) return 'absent';
  return given.split(' ').some((one) => signaturesMatch(one, expected)) ? 'valid' : 'invalid';
}

function statusFor(context: Context, failures: Map<string, number>): number {
  const status = Number(context.req.query('status'));
  if (Number.isInteger(status) && status >= 200 && status <= 599) return status;
  const deliveryId = context.req.header('x-djinn-ci-delivery') ?? '';
  const failed = failures.get(deliveryId) ?? 0;
  const isToFail = failed < Number(context.req.query('fail') ?? 0);
  if (!isToFail) return 204;
  if (failures.size >= FAILURES_REMEMBERED) failures.clear();
  failures.set(deliveryId, failed + 1);
  return 500;
}
