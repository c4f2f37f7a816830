import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { jsonEncodings } from '../../functions/domain/json-encodings.ts';

const TEXT = '{"z": 1.0, "a":["é/<b>", {}, [], null],\n"n":{"k":"\\u00e9🎉"}, "big":9007199254740993}';

const encodings = (text: string) => new Map([...jsonEncodings(text)].map(({ by, text: encoded }) => [by, encoded]));

describe('a text', () => {
  const all = encodings(TEXT);

  test.each([
    ['JSON.stringify(JSON.parse(body)) writes it', JSON.stringify(JSON.parse(TEXT))],
    ['JSON.stringify writes it with an indentation of 2', JSON.stringify(JSON.parse(TEXT), null, 2)],
    ['JSON.stringify writes it with an indentation of 4', JSON.stringify(JSON.parse(TEXT), null, 4)],
    ['JSON.stringify writes it, with a newline behind it', `${JSON.stringify(JSON.parse(TEXT))}\n`],
    [
      "Python's json.dumps writes it",
      '{"z": 1.0, "a": ["\\u00e9/<b>", {}, [], null], "n": {"k": "\\u00e9\\ud83c\\udf89"}, "big": 9007199254740993}',
    ],
    [
      "Python's json.dumps writes it with ensure_ascii=False",
      '{"z": 1.0, "a": ["é/<b>", {}, [], null], "n": {"k": "é🎉"}, "big": 9007199254740993}',
    ],
    [
      "Python's json.dumps writes it with sort_keys=True",
      '{"a": ["\\u00e9/<b>", {}, [], null], "big": 9007199254740992, "n": {"k": "\\u00e9\\ud83c\\udf89"}, "z": 1}',
    ],
    [
      "Python's json.dumps writes it with indent=2",
      '{\n  "z": 1.0,\n  "a": [\n    "\\u00e9/<b>",\n    {},\n    [],\n    null\n  ],\n  "n": {\n    "k": "\\u00e9\\ud83c\\udf89"\n  },\n  "big": 9007199254740993\n}',
    ],
    [
      "PHP's json_encode writes it",
      '{"z":1.0,"a":["\\u00e9\\/<b>",{},[],null],"n":{"k":"\\u00e9\\ud83c\\udf89"},"big":9007199254740993}',
    ],
    [
      "PHP's json_encode writes it with JSON_UNESCAPED_UNICODE",
      '{"z":1.0,"a":["é\\/<b>",{},[],null],"n":{"k":"é🎉"},"big":9007199254740993}',
    ],
    [
      "Go's json.Encoder writes a map",
      '{"a":["é/\\u003cb\\u003e",{},[],null],"big":9007199254740992,"n":{"k":"é🎉"},"z":1}\n',
    ],
  ])('as %s', (by, encoded) => {
    expect(all.get(by)).toBe(encoded);
  });

  it('comes once in each form, and never as it is', () => {
    const texts = [...all.values()];
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts).not.toContain(TEXT);
    expect([...encodings('{"a":1}').values()]).not.toContain('{"a":1}');
    expect([...encodings('{"a":1}').values()]).toContain('{"a":1}\n');
  });

  it.each(['', 'nothing', '{', '"open'])('that is no JSON has none: %j', (text) => {
    expect(encodings(text).size).toBe(0);
  });
});

test('whatever the JSON is, each encoding of it is of the same value', () => {
  fc.assert(
    fc.property(fc.json({ stringUnit: 'binary' }), fc.constantFrom(0, 1, 3), (json, indent) => {
      const value: unknown = JSON.parse(json);
      const text = JSON.stringify(value, null, indent);
      for (const encoded of encodings(text).values()) expect(JSON.parse(encoded)).toEqual(value);
      expect(encodings(`${text} `).get('JSON.stringify writes it with an indentation of 2')).toBe(
        /[{[]/.test(text) && JSON.stringify(value, null, 2) !== JSON.stringify(value)
          ? JSON.stringify(value, null, 2)
          : undefined,
      );
    }),
  );
});

test('a megabyte of depth, of indentation or of strings makes neither gigabytes nor an error', () => {
  const deep = `${'['.repeat(5e5)}${']'.repeat(5e5)}`;
  const wideAtDepth = `${'['.repeat(5000)}${Array(2e5).fill(1)}${']'.repeat(5000)}`;
  for (const text of [deep, wideAtDepth, JSON.stringify(['é'.repeat(5e5)]), JSON.stringify('\\"'.repeat(2e5))]) {
    for (const encoded of encodings(text).values()) expect(encoded.length).toBeLessThan(5e6);
  }
  expect(encodings(wideAtDepth).has('JSON.stringify writes it with an indentation of 2')).toBe(false);
});
