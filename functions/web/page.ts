import type { Context } from 'hono';
import { RefusalError } from '../domain/errors.ts';
import { PAGE_DEFAULT_ROWS, PAGE_MAX_ROWS } from '../domain/limits.ts';

/** The `per_page` of a request: 1 to 100, 25 where none is named. */
export function pageLimit(context: Context): number {
  const text = context.req.query('per_page') ?? PAGE_DEFAULT_ROWS.toString();
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > PAGE_MAX_ROWS) {
    throw new RefusalError('invalid_parameter', `per_page must be a whole number from 1 to ${PAGE_MAX_ROWS}`);
  }
  return limit;
}

/** The cursor of a request, where it has one: the id of the last row of the page before, checked by `isCursor`. */
export function pageCursor(context: Context, isCursor: (text: string) => boolean): string | undefined {
  const cursor = context.req.query('cursor');
  if (cursor !== undefined && !isCursor(cursor)) {
    throw new RefusalError('invalid_parameter', 'cursor must be one that a Link header gave');
  }
  return cursor;
}

/** Says where the next page is, in a `Link` header (RFC 8288). */
export function linkNext(context: Context, cursor: string): void {
  const url = new URL(context.req.url);
  url.searchParams.set('cursor', cursor);
  context.header('Link', `<${url.href}>; rel="next"`);
}
