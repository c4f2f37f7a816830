import type { Context } from 'hono';
import 'hono/request-id';
import { HTTPException } from 'hono/http-exception';
import { type RefusalCode, RefusalError, ValidationError } from '../domain/errors.ts';

type Status = 400 | 404 | 409 | 413 | 415 | 422;

const STATUS: Readonly<Record<RefusalCode, Status>> = {
  malformed_body: 400,
  invalid_parameter: 400,
  not_found: 404,
  conflict: 409,
  body_too_large: 413,
  unsupported_media_type: 415,
  key_reused: 422,
  own_delivery: 400,
};

/** Told of what is answered 500, with the id that its answer names. */
export type OnBug = (error: Error, requestId: string) => void;

/** What refuses it is Hono's own (`web/session.ts`). */
const FROM_ELSEWHERE = 'This came from a page of another site. Open the page here, and send it again';

/**
 * The one place where errors become responses: fields with their sentences for input that does not hold, a message for
 * other refusals, and for everything else an opaque 500 whose cause goes to the operator's log only.
 */
export function answerError(error: Error, context: Context, onBug: OnBug): Response {
  if (error instanceof ValidationError) return context.json(error.fields, 400);
  if (error instanceof RefusalError) return context.json({ message: error.message }, STATUS[error.code]);
  if (error instanceof HTTPException && error.status === 403) return context.json({ message: FROM_ELSEWHERE }, 403);
  const id = context.get('requestId');
  onBug(error, id);
  const message = `Something went wrong on our side. Please try again. If that does not help, tell us of the request ${id}`;
  return context.json({ message }, 500);
}
