import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { oneLine } from '../../functions/domain/one-line.ts';

test.each([
  ['plain', 'plain'],
  ['  two \r\n\t lines\u2028here\u0085\u00a0', 'two lines here'],
  ['\u202eevil\u2066\ufeff\u00ad', 'evil'],
  ['bell\u0007 escape\u001b[31m', 'bell escape [31m'],
  ['lone \ud800 half', 'lone \ufffd half'],
  ['👨‍👩‍👧', '👨‍👩‍👧'],
  ['<b>&amp;</b>', '<b>&amp;</b>'],
])('%j becomes %j', (text, line) => {
  expect(oneLine(text, 30)).toBe(line);
});

test.each(['', '   ', '\u0000\u200b\u202e', '\u200d'])('nothing can be seen of %j', (text) => {
  expect(oneLine(text, 30)).toBeUndefined();
});

describe('a line that is too long', () => {
  it('ends in an ellipsis, and not within a pair of surrogates or behind a space', () => {
    expect(oneLine('abcdefghij', 10)).toBe('abcdefghij');
    expect(oneLine('abcdefghijk', 10)).toBe('abcdefghi…');
    expect(oneLine('abcdefgh ijk', 10)).toBe('abcdefgh…');
    expect(oneLine('abcdefgh🎉jk', 10)).toBe('abcdefgh…');
  });

  it('is cut before it is looked at: megabytes take no time', () => {
    expect(oneLine('x'.repeat(1e7), 10)).toBe('xxxxxxxxx…');
  });
});

test('whatever the text, it is one line of well-formed text within its bounds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 2, max: 80 }), (text, max) => {
      const line = oneLine(text, max) ?? 'x';
      expect(line.length).toBeLessThanOrEqual(max);
      expect(line.isWellFormed()).toBe(true);
      expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
      expect(line).toBe(line.trim());
    }),
  );
});
