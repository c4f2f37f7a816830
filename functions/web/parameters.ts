import type { Context } from 'hono';
import { notFound } from '../actions/directory.ts';
import { isUuid } from '../domain/id.ts';

/** A path parameter that is an id: a whole number from 1 that a number holds exactly. What is none names nothing. */
export function idParameter(context: Context, name: string): number {
  const text = context.req.param(name) ?? '';
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(id)) throw notFound();
  return id;
}

/** A path parameter that is a UUID in lower case. What is none names nothing. */
export function uuidParameter(context: Context, name: string): string {
  const id = context.req.param(name) ?? '';
  if (!isUuid(id)) throw notFound();
  return id;
}
