import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementTexts, memberText, withMemberText } from '../../functions/domain/json-span.ts';

const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 3 });

/** A string as JSON, each code unit written as it stands or as \u escape, in either case of its digits. */
function spellings(text: string): fc.Arbitrary<string> {
  const units = text.split('').map((unit) => {
    const escaped = `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
    const plain = unit < ' ' || unit === '"' || unit === '\\' ? JSON.stringify(unit).slice(1, -1) : unit;
    return fc.constantFrom(plain, escaped, `\\u${escaped.slice(2).toUpperCase()}`);
  });
  return fc.tuple(...units).map((parts) => `"${parts.join('')}"`);
}

// Lone halves of surrogate pairs too: JSON texts may hold them, as escapes or not.
const codeUnits = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 });
const anyString = codeUnits.map((units) => String.fromCharCode(...units));
const knownName = fc.constantFrom('payload', '', '__proto__', 'a"b\\', '{', 'é');
const scalarTexts = ['0', '-0', '0.10', '1E+2', '9007199254740993', '1e400', '1e-400', 'true', 'false', 'null'];

type Member = { readonly name: string; readonly value: string; readonly text: string };

/** Texts of JSON values written in every way that the grammar allows. */
const grammar = fc.letrec<{ value: string; object: { text: string; members: readonly Member[] } }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(...scalarTexts),
    anyString.chain(spellings),
    fc
      .tuple(fc.array(fc.tuple(space, tie('value'), space)), space)
      .map(([items, inner]) => `[${items.map((item) => item.join('')).join(',') || inner}]`),
    tie('object').map(({ text }) => text),
  ),
  object: fc
    .tuple(
      fc.array(
        fc.tuple(fc.oneof(knownName, anyString), tie('value')).chain(([name, value]) =>
          fc.tuple(space, spellings(name), space, space, space).map(
            ([before, spelled, beforeColon, afterColon, after]): Member => ({
              name,
              value,
              text: `${before}${spelled}${beforeColon}:${afterColon}${value}${after}`,
            }),
          ),
        ),
        { maxLength: 6 },
      ),
      space,
    )
    .map(([members, inner]) => ({ text: `{${members.map(({ text }) => text).join(',') || inner}}`, members })),
}));

describe('the text of a member', () => {
  it('is the last value of that name, exactly as written, however the object is spelled', () => {
    fc.assert(
      fc.property(grammar.object, space, knownName, ({ text: object, members }, around, name) => {
        const text = `${around}${object}${around}`;
        const found = memberText(text, name);
        expect(found).toBe(members.findLast((member) => member.name === name)?.value);
        if (found !== undefined) expect(JSON.parse(found)).toEqual(JSON.parse(text)[name]);
      }),
      { numRuns: 1000 },
    );
  });

  it('means what JSON.parse finds there, and stands in the text, for every member of any object', () => {
    const anyObject = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue());
    fc.assert(
      fc.property(anyObject, fc.nat(4), (object, indent) => {
        const text = JSON.stringify(object, null, indent);
        for (const name of Object.keys(object)) {
          const found = memberText(text, name) ?? '';
          expect(text).toContain(found);
          expect(JSON.parse(found)).toEqual(JSON.parse(text)[name]);
        }
      }),
    );
  });

  it.each([
    ['no space around it', '{"a":1,"payload":{"b":[]},"c":2}', '{"b":[]}'],
    ['space within it, and not the space around it', '{ "payload" : [ 1 , 2 ]\n}', '[ 1 , 2 ]'],
    ['a whole number beyond 2^53', '{"payload":9007199254740993}', '9007199254740993'],
    ['a number beyond what a double holds', '{"payload":-1e400}', '-1e400'],
    ['digits that a double would drop', '{"payload":1.10}', '1.10'],
    ['an escaped slash and letter', '{"payload":"\\/\\u0041"}', '"\\/\\u0041"'],
    ['escaped quotes and backslashes', '{"payload":"\\"}\\\\","b":1}', '"\\"}\\\\"'],
    ['brackets in a string', '{"payload":{"a":"]}{["}}', '{"a":"]}{["}'],
    ['an escaped spelling of the name', '{"pay\\u006Coad":1}', '1'],
    ['the last of a repeated name', '{"payload":1,"\\u0070ayload":2,"payload":3}', '3'],
    ['a name that comes deeper as well', '{"a":{"payload":1},"payload":2,"b":{"payload":3}}', '2'],
    ['the name as a value', '{"a":"payload","payload":"a"}', '"a"'],
  ])('keeps %s', (_what, text, expected) => {
    expect(memberText(text, 'payload')).toBe(expected);
  });

  it.each(['{}', ' { } ', '{"a":{"payload":1}}', '{"a":"payload"}', '{"Payload":1}', '{"payload ":1}'])(
    'is none in %s',
    (text) => expect(memberText(text, 'payload')).toBeUndefined(),
  );

  it('knows only the members that are in the text', () => {
    expect(memberText('{}', 'constructor')).toBeUndefined();
    expect(memberText('{"__proto__":{"a":1}}', '__proto__')).toBe('{"a":1}');
  });

  it.each([
    ['arrays', '[', ']'],
    ['objects', '{"a":', '}'],
  ])('is found around and behind 100,000 levels of %s', (_kind, open, close) => {
    const deep = `${open.repeat(100_000)}1${close.repeat(100_000)}`;
    expect(memberText(`{"payload":${deep},"b":2}`, 'payload')).toBe(deep);
    expect(memberText(`{"a":${deep},"payload":2}`, 'payload')).toBe('2');
  });
});

describe('another text for a member', () => {
  it('stands in its place, and nothing else is written anew', () => {
    fc.assert(
      fc.property(grammar.object, grammar.value, knownName, ({ text, members }, value, name) => {
        const last = members.findLastIndex((member) => member.name === name);
        fc.pre(last >= 0);
        const changed = withMemberText(text, name, value);
        expect(memberText(changed, name)).toBe(value);
        const written = memberText(text, name) ?? '';
        expect(changed.length - text.length).toBe(value.length - written.length);
        expect(withMemberText(changed, name, written)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  it('is for a member that is there', () => {
    expect(() => withMemberText('{"a":1}', 'b', '2')).toThrow(RangeError);
  });
});

describe('the texts of an array', () => {
  it('are those of its values, in their order and exactly as written', () => {
    const items = fc.array(fc.tuple(space, grammar.value, space));
    fc.assert(
      fc.property(items, space, (values, inner) => {
        const text = `${inner}[${values.map((parts) => parts.join('')).join(',') || inner}]${inner}`;
        const texts = elementTexts(text);
        expect(texts).toEqual(values.map(([, value]) => value));
        expect(texts.map((one) => JSON.parse(one))).toEqual(JSON.parse(text));
      }),
      { numRuns: 1000 },
    );
  });
});
