import { describe, expect, it } from 'vitest';
import type { Cursor } from '../../functions/domain/page.ts';
import { pageThatFits } from '../../functions/web/api/answer-size.ts';

const LAMBDA_MAX_BYTES = 6 * 1024 * 1024;

type Row = { readonly id: number; readonly text: string };

const rowsOf = (count: number, text: string): Row[] =>
  Array.from({ length: count }, (_, index) => ({ id: index + 1, text }));
const positionOf = ({ id }: Row) => `${id}`;
const ids = (rows: readonly Row[]) => rows.map(({ id }) => id);
const after: Cursor = { direction: 'after', position: '100' };

describe('a page', () => {
  it('is as it was read where an answer has room for it', () => {
    const page = { rows: rowsOf(100, 'x'.repeat(10_000)), next: after };
    expect(pageThatFits(page, { cursor: undefined, positionOf })).toBe(page);
  });

  it.each(['"', '\u0000', 'ä', '世'])('ends early where it has none, and the next one goes on there: of %j', (text) => {
    const all = rowsOf(100, text.repeat(60_000));
    const seen: number[] = [];
    for (let rows = all; rows.length > 0; rows = all.slice(seen.length)) {
      const page = pageThatFits({ rows, next: undefined, prev: after }, { cursor: undefined, positionOf });
      expect(JSON.stringify({ body: JSON.stringify(page.rows) }).length).toBeLessThan(LAMBDA_MAX_BYTES);
      seen.push(...ids(page.rows));
      expect(page.next).toEqual(seen.length === 100 ? undefined : { direction: 'after', position: `${seen.at(-1)}` });
      expect(page.prev).toEqual(after);
    }
    expect(seen).toEqual(ids(all));
  });

  it('that is read backwards has its last rows, and the one before it ends with what was left out', () => {
    const cursor: Cursor = { direction: 'upto', position: '100' };
    const page = pageThatFits({ rows: rowsOf(100, '"'.repeat(60_000)), next: after }, { cursor, positionOf });
    const [first = 0] = ids(page.rows);
    expect(ids(page.rows)).toEqual(Array.from({ length: 101 - first }, (_, index) => first + index));
    expect(page.prev).toEqual({ direction: 'upto', position: `${first - 1}` });
    expect(page.next).toEqual(after);
  });
});
