import { ANSWER_MAX_BYTES } from '../../domain/limits.ts';
import type { Cursor, Neighbours } from '../../domain/page.ts';

/** What something takes of Lambda's answer, which has the body as a string in JSON. */
export function answerBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(JSON.stringify(value)));
}

/** The first of some rows, as many as an answer has room for in so many bytes, and never none: a list that goes on must get on. */
export function fitting<Row>(rows: readonly Row[], bytes = ANSWER_MAX_BYTES): Row[] {
  const shown: Row[] = [];
  let left = bytes;
  for (const row of rows) {
    left -= answerBytes(row);
    if (left < 0 && shown.length > 0) break;
    shown.push(row);
  }
  return shown;
}

/** A string in JSON has at most two bytes for each of JSON's own. */
const ESCAPED_MAX = 2;

/** A page that ends early where an answer has no room for all of its rows: the others are on the next one in its direction. */
export function pageThatFits<Row>(
  page: { readonly rows: readonly Row[] } & Neighbours,
  { cursor, positionOf }: { readonly cursor: Cursor | undefined; readonly positionOf: (row: Row) => string },
): { readonly rows: readonly Row[] } & Neighbours {
  const { rows } = page;
  if (Buffer.byteLength(JSON.stringify(rows)) * ESCAPED_MAX <= ANSWER_MAX_BYTES) return page;
  if (cursor?.direction === 'upto') {
    const kept = fitting(rows.toReversed()).reverse();
    const cut = rows.at(-kept.length - 1);
    const prev = { direction: 'upto', position: cut === undefined ? '' : positionOf(cut) } as const;
    return kept.length === rows.length ? page : { ...page, rows: kept, prev };
  }
  const kept = fitting(rows);
  const last = kept.at(-1);
  const next = { direction: 'after', position: last === undefined ? '' : positionOf(last) } as const;
  return kept.length === rows.length ? page : { ...page, rows: kept, next };
}
