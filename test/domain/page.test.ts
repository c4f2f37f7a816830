import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cursor, type PageRequest, pageOf, readCursor, writeCursor } from '../../functions/domain/page.ts';

/** A list of letters, as a table would be read: from the cursor on, one row more than a page. */
function readPage(list: readonly string[], page: PageRequest) {
  const { cursor, limit } = page;
  const backwards = list.filter((row) => cursor !== undefined && row <= cursor.position).reverse();
  const forwards = list.filter((row) => cursor === undefined || row > cursor.position);
  return pageOf(page, (cursor?.direction === 'upto' ? backwards : forwards).slice(0, limit + 1), (row) => row);
}

const lists = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 30 }).map((rows) => rows.sort());

describe('pages', () => {
  it('have every row once, forwards and backwards, and the same ones', () => {
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 10 }), (list, limit) => {
        const pages = [readPage(list, { limit })];
        for (let next = pages[0]?.next; next !== undefined; ) {
          const page = readPage(list, { limit, cursor: next });
          pages.push(page);
          next = page.next;
        }
        expect(pages.flatMap(({ rows }) => rows)).toEqual(list);
        expect(pages.slice(0, -1).every(({ rows }) => rows.length === limit)).toBe(true);
        const back: string[][] = [];
        for (let prev = pages.at(-1)?.prev; prev !== undefined; ) {
          const page = readPage(list, { limit, cursor: prev });
          back.unshift(page.rows);
          prev = page.prev;
        }
        expect(back).toEqual(pages.slice(0, -1).map(({ rows }) => rows));
      }),
    );
  });

  it('have no neighbour where the list ends', () => {
    expect(readPage([], { limit: 2 })).toEqual({ rows: [], next: undefined, prev: undefined });
    expect(readPage(['a', 'b'], { limit: 2 })).toEqual({ rows: ['a', 'b'], next: undefined, prev: undefined });
  });

  it('are found again from a page whose rows are gone', () => {
    const gone = readPage(['a', 'b', 'c'], { limit: 2, cursor: { direction: 'after', position: 'c' } });
    expect(gone).toEqual({ rows: [], next: undefined, prev: { direction: 'upto', position: 'c' } });
    expect(readPage(['a', 'b', 'c'], { limit: 2, cursor: gone.prev }).rows).toEqual(['b', 'c']);
  });
});

describe('a cursor', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.constantFrom('after', 'upto'), fc.stringMatching(/^[\x21-\x7e]+$/), (direction, position) => {
        const cursor: Cursor = { direction, position };
        expect(readCursor(writeCursor(cursor))).toEqual(cursor);
      }),
    );
  });

  it.each(['', 'after', 'after.', 'before.1', '.1', 'AFTER.1'])('is not %j', (text) => {
    expect(readCursor(text)).toBeUndefined();
  });
});
