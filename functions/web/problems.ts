import type { Context } from 'hono';
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

/**
 * The one place where errors become responses: fields with their sentences for input that does not hold, a message for
 * other refusals, and for everything else an opaque 500 whose cause goes to the operator's log only.
 */
export function answerError(error: Error, context: Context, onBug: (error: Error) => void): Response {
  if (error instanceof ValidationError) return context.json(error.fields, 400);
  if (error instanceof RefusalError) return context.json({ message: error.message }, STATUS[error.code]);
  onBug(error);
  return context.json({ message: 'Something went wrong on our side. Please try again' }, 500);
}
