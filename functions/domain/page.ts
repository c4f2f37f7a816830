/**
 * Where a page of a list begins or ends: `after` a row, which is not on it, or `upto` a row, which is its last one. Rows are
 * named by what they are sorted by, so that a page is the same whatever comes or goes on other pages.
 */
export type Cursor = { readonly direction: 'after' | 'upto'; readonly position: string };

/** Which page of a list; the first one where there is no cursor. */
export type PageRequest = { readonly cursor?: Cursor | undefined; readonly limit: number };

/** A page's neighbours: where there is none, there are no more rows that way. */
export type Neighbours = { readonly next?: Cursor | undefined; readonly prev?: Cursor | undefined };

const CURSOR = /^(after|upto)\.(.+)$/;

/** Writes a cursor as it stands in URLs. */
export function writeCursor({ direction, position }: Cursor): string {
  return `${direction}.${position}`;
}

/** Reads what `writeCursor` wrote; undefined for anything else. What the position names is for the list to know. */
export function readCursor(text: string): Cursor | undefined {
  const [, direction, position] = CURSOR.exec(text) ?? [];
  return position === undefined ? undefined : { direction: direction === 'upto' ? 'upto' : 'after', position };
}

/**
 * Makes a page of what was read of a list from its cursor on: forwards, or backwards for `upto`, one row more than the limit where
 * there are as many. `positionOf` names a row.
 */
export function pageOf<Row>(
  { cursor, limit }: PageRequest,
  read: readonly Row[],
  positionOf: (row: Row) => string,
): { readonly rows: Row[] } & Neighbours {
  const rows = read.slice(0, limit);
  const further = read[limit];
  if (cursor?.direction === 'upto') {
    const prev = further && ({ direction: 'upto', position: positionOf(further) } as const);
    return { rows: rows.reverse(), prev, next: { ...cursor, direction: 'after' } };
  }
  const last = further === undefined ? undefined : rows.at(-1);
  const next = last && ({ direction: 'after', position: positionOf(last) } as const);
  return { rows, next, prev: cursor && { ...cursor, direction: 'upto' } };
}
