import { STATUS_CODES } from 'node:http';
import { expect, test } from 'vitest';
import { statusLine } from '../../functions/domain/http-status.ts';

/** RFC 9110 has renamed these; Node keeps the older names. */
const RENAMED = ['413 Content Too Large', '422 Unprocessable Content'];

test('a status has the phrase that Node gives it, but for those that have been renamed', () => {
  const known = Object.entries(STATUS_CODES).filter(([code]) => Number(code) >= 200 && code !== '509');
  const different = known.map(([code, phrase]) => [statusLine(Number(code)), `${code} ${phrase}`]);
  expect(different.filter(([ours, theirs]) => ours !== theirs).map(([ours]) => ours)).toEqual(RENAMED);
});

test.each([0, 299, 599, 999])('%i has none', (status) => {
  expect(statusLine(status)).toBe(status.toString());
});
