import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prettyJson } from '../../functions/domain/pretty-json.ts';

const pretty = (json: string) => prettyJson(json, 100_000)?.text;

describe('JSON laid out for people', () => {
  it('is what JSON.stringify gives, for what that can hold', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        // -0 is written as 0, which is another text.
        expect(pretty(text)).toBe(JSON.stringify(JSON.parse(text), null, 2));
      }),
    );
  });

  it.each([
    ['{"id":12345678901234567890}', '{\n  "id": 12345678901234567890\n}'],
    ['[1.0,1e2,-0]', '[\n  1.0,\n  1e2,\n  -0\n]'],
    ['{"a":1,"a":2}', '{\n  "a": 1,\n  "a": 2\n}'],
    [String.raw`{"a":"\u003c{[,:\"\\"}`, `{\n  "a": ${String.raw`"\u003c{[,:\"\\"`}\n}`],
    [' { "a" : [ ] , "b" : { } } ', '{\n  "a": [],\n  "b": {}\n}'],
    ['"only text"', '"only text"'],
  ])('keeps what was written: %s', (json, expected) => {
    expect(pretty(json)).toBe(expected);
  });

  it.each(['', '{"a":', '<html>', '{"a":1}}', "{'a':1}"])('is not made of what is none: %s', (text) => {
    expect(pretty(text)).toBeUndefined();
  });

  it('ends after so many characters, however deep it is nested', () => {
    const deep = prettyJson('['.repeat(200_000) + ']'.repeat(200_000), 1000);
    expect([deep?.isCut, deep?.text.length]).toEqual([true, 1000]);
    const long = prettyJson(JSON.stringify({ a: 'x'.repeat(5000) }), 1000);
    expect([long?.isCut, long?.text.length]).toEqual([true, 1000]);
    expect(prettyJson('{"a":1}', 12)).toEqual({ text: '{\n  "a": 1\n}', isCut: false });
  });
});
