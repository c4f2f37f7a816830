import { describe, expect, it } from 'vitest';
import { decoded, visible } from '../../../functions/web/console/parts/foreign-text.ts';

describe('what others have written', () => {
  it.each([
    ['plain text, ümläute, 漢字', 'plain text, ümläute, 漢字'],
    ['two\r\nlines\tand a tab', 'two\nlines\tand a tab'],
    ['a\rb', 'a\\u000db'],
    ['\u001b[31mred\u0000\u007f', '\\u001b[31mred\\u0000\\u007f'],
    ['\u202egnp.exe\u2069', '\\u202egnp.exe\\u2069'],
    ['\ufeff\u200b\u2028\u009b', '\\ufeff\\u200b\\u2028\\u009b'],
    ['\ud800', '\\ud800'],
    ['\u{e0041}', '\\u{e0041}'],
    ['👩\u200d💻', '👩\u200d💻'],
  ])('has the code of each character that cannot be seen: %j', (text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it.each([
    ['grün', false, { text: 'grün', isUtf8: true }],
    [Buffer.from('grün').subarray(0, 3), true, { text: 'gr', isUtf8: true }],
    [Buffer.from('grün').subarray(0, 3), false, { text: 'gr\ufffd', isUtf8: false }],
    [Buffer.from([0xff, 0x61]), false, { text: '\ufffda', isUtf8: false }],
  ])('is told apart from what is no text', (bytes, isCut, expected) => {
    expect(decoded(Buffer.from(bytes), isCut)).toEqual(expected);
  });
});
