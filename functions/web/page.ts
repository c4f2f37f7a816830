import type { Context } from 'hono';
import * as v from 'valibot';
import { PAGE_DEFAULT_ROWS, PAGE_MAX_ROWS } from '../domain/limits.ts';
import { type Neighbours, type PageRequest, readCursor, writeCursor } from '../domain/page.ts';

const PER_PAGE = `per_page must be a whole number from 1 to ${PAGE_MAX_ROWS}`;

/** The query parameters of a list, whose rows are named as `position` says: the source of a regular expression. */
export function pageQuery(position: string) {
  return {
    per_page: v.optional(
      v.pipe(
        v.number(PER_PAGE),
        v.integer(PER_PAGE),
        v.minValue(1, PER_PAGE),
        v.maxValue(PAGE_MAX_ROWS, PER_PAGE),
        v.description('Rows of a page.'),
      ),
      PAGE_DEFAULT_ROWS,
    ),
    cursor: v.optional(
      v.pipe(
        v.string(),
        v.regex(new RegExp(`^(after|upto)\\.${position}$`), 'cursor must be one that a Link header gave'),
        v.description('Where the page is: taken from a `Link` header.'),
      ),
    ),
  };
}

/** The page that a query asks for, checked as `pageQuery` says. */
export function pageRequest(query: { readonly per_page: number; readonly cursor?: string | undefined }): PageRequest {
  return { limit: query.per_page, cursor: query.cursor === undefined ? undefined : readCursor(query.cursor) };
}

/** Says where the neighbours of a page are, in a `Link` header (RFC 8288). `url` is that of the list, without its query. */
export function linkNeighbours(context: Context, url: string, { next, prev }: Neighbours): void {
  const links = Object.entries({ prev, next }).flatMap(([relation, cursor]) => {
    if (cursor === undefined) return [];
    const query = new URL(context.req.url).searchParams;
    query.set('cursor', writeCursor(cursor));
    return [`<${url}?${query}>; rel="${relation}"`];
  });
  if (links.length > 0) context.header('Link', links.join(', '));
}
