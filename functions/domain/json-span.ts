/**
 * The text of one member's value in a JSON object, exactly as it was written: no number is rounded, no escape is
 * rewritten, no space is lost. `JSON.parse` followed by `JSON.stringify` keeps none of that, and receivers sign bytes.
 *
 * `text` must be valid JSON (RFC 8259) whose top level is an object: parse it first. Of a repeated name the last one
 * counts, as in `JSON.parse`. Returns undefined where the object has no such member.
 */
export function memberText(text: string, name: string): string | undefined {
  const span = memberSpan(text, name);
  return span && text.slice(span.start, span.end);
}

/** The text of an object with another value for a member that it has, and all else as it was written. `text` is as for `memberText`. */
export function withMemberText(text: string, name: string, value: string): string {
  const span = memberSpan(text, name);
  if (span === undefined) throw new RangeError(`The object has no ${name}`);
  return `${text.slice(0, span.start)}${value}${text.slice(span.end)}`;
}

type Span = { readonly start: number; readonly end: number };

function memberSpan(text: string, name: string): Span | undefined {
  let found: Span | undefined;
  let at = skipSpace(text, text.indexOf('{') + 1);
  while (text[at] === '"') {
    const nameEnd = endOfString(text, at);
    const start = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const end = endOfValue(text, start);
    if (JSON.parse(text.slice(at, nameEnd)) === name) found = { start, end };
    const next = skipSpace(text, end);
    at = text[next] === ',' ? skipSpace(text, next + 1) : next;
  }
  return found;
}

/** The texts of the values in a JSON array, in their order, exactly as they were written. `text` must be one that was parsed. */
export function elementTexts(text: string): string[] {
  const found: string[] = [];
  let at = skipSpace(text, text.indexOf('[') + 1);
  while (text[at] !== ']') {
    const end = endOfValue(text, at);
    found.push(text.slice(at, end));
    const next = skipSpace(text, end);
    at = text[next] === ',' ? skipSpace(text, next + 1) : next;
  }
  return found;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at++;
  return at;
}

/** By `indexOf`, for most of a payload is in strings. A quote is escaped where the backslashes before it are an odd number. */
function endOfString(text: string, opening: number): number {
  for (let at = text.indexOf('"', opening + 1); ; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text[at - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
}

/** A loop and a depth, not recursion: a payload may be nested deeper than the stack. */
function endOfValue(text: string, from: number): number {
  let at = from;
  let depth = 0;
  do {
    const character = text.charAt(at);
    if (character === '"') {
      at = endOfString(text, at);
      continue;
    }
    if (character === '{' || character === '[') depth++;
    if (character === '}' || character === ']') depth--;
    at++;
  } while (depth > 0 || isInsideScalar(text, from, at));
  return at;
}

/** Numbers, `true`, `false` and `null` have no closing character: they go on until something that ends them. */
function isInsideScalar(text: string, from: number, at: number): boolean {
  return !'"{['.includes(text.charAt(from)) && at < text.length && !',}] \t\n\r'.includes(text.charAt(at));
}
