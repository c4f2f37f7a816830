import type { Context } from 'hono';
import { notFound } from '../actions/directory.ts';
import { isUuid } from '../domain/id.ts';
import { isNamespacePath, isUsername } from '../domain/namespace.ts';

/** The owner and the path of the namespace that a URL names. What is no name names nothing: the table would refuse a key that is made of it. */
export function namespaceName(context: Context): { readonly username: string; readonly path: string } {
  const { username = '', path = '' } = context.req.param();
  if (!isUsername(username) || !isNamespacePath(path)) throw notFound();
  return { username, path };
}

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
