import { createHash } from 'node:crypto';

/**
 * The texts that frameworks make of a JSON text when they parse it and write it again. None of them is what was signed, which are the
 * bytes that were sent: whoever signs one of these gets another signature.
 */

/** A text, and what writes JSON so: the rest of a sentence that begins with "as". */
export type JsonEncoding = { readonly by: string; readonly text: string };

/** Where the strings, numbers and the order of the members come from. */
type Source = 'values' | 'sorted' | 'tokens';

type Style = {
  readonly by: string;
  readonly source: Source;
  readonly comma?: string;
  readonly colon?: string;
  readonly indent?: number;
  readonly rewrite?: (string: string) => string;
  readonly end?: string;
};

/** A text of more characters is not made: indentation can make gigabytes of a deep megabyte. */
const ENCODED_MAX_CHARACTERS = 4 * 1024 * 1024;

const SPACED = { comma: ', ', colon: ': ' };

const STYLES: readonly Style[] = [
  { by: 'JSON.stringify(JSON.parse(body)) writes it', source: 'values' },
  { by: 'JSON.stringify writes it with an indentation of 2', source: 'values', indent: 2, colon: ': ' },
  { by: 'JSON.stringify writes it with an indentation of 4', source: 'values', indent: 4, colon: ': ' },
  { by: 'JSON.stringify writes it, with a newline behind it', source: 'values', end: '\n' },
  { by: 'a JSON library writes it that keeps numbers as they are (jq -c, Jackson)', source: 'tokens' },
  { by: "Python's json.dumps writes it", source: 'tokens', ...SPACED, rewrite: ascii },
  { by: "Python's json.dumps writes it with ensure_ascii=False", source: 'tokens', ...SPACED },
  { by: "Python's json.dumps writes it with sort_keys=True", source: 'sorted', ...SPACED, rewrite: ascii },
  { by: "Python's json.dumps writes it with indent=2", source: 'tokens', indent: 2, colon: ': ', rewrite: ascii },
  { by: "Python's json.dumps writes it with separators=(',', ':')", source: 'tokens', rewrite: ascii },
  { by: "PHP's json_encode writes it", source: 'tokens', rewrite: (text) => slashes(ascii(text)) },
  { by: "PHP's json_encode writes it with JSON_UNESCAPED_UNICODE", source: 'tokens', rewrite: slashes },
  {
    by: "PHP's json_encode writes it with JSON_PRETTY_PRINT",
    source: 'tokens',
    indent: 4,
    colon: ': ',
    rewrite: (text) => slashes(ascii(text)),
  },
  { by: 'a library writes it that sorts the names', source: 'sorted' },
  { by: "Go's json.Marshal writes a map", source: 'sorted', rewrite: html },
  { by: "Go's json.Marshal writes it", source: 'tokens', rewrite: html },
  { by: "Go's json.Encoder writes it", source: 'tokens', rewrite: html, end: '\n' },
  { by: "Go's json.Encoder writes a map", source: 'sorted', rewrite: html, end: '\n' },
];

/** The encodings of a JSON text that are others than itself, one after another; none for what is no JSON. */
export function* jsonEncodings(text: string): Generator<JsonEncoding> {
  // By their hashes: the texts themselves may be megabytes each.
  const seen = new Set([digest(text)]);
  const sources = sourcesOf(text);
  for (const { by, source, ...style } of STYLES) {
    const tokens = sources?.[source]();
    const encoded = tokens && written(tokens, style);
    if (encoded === undefined || seen.has(digest(encoded))) continue;
    seen.add(digest(encoded));
    yield { by, text: encoded };
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

function sourcesOf(text: string): Readonly<Record<Source, () => readonly string[] | undefined>> | undefined {
  const value = parsed(text);
  if (value === undefined) return undefined;
  const made = new Map<Source, readonly string[] | undefined>();
  const once = (source: Source, make: () => readonly string[] | undefined) => () => {
    if (!made.has(source)) made.set(source, make());
    return made.get(source);
  };
  return {
    values: once('values', () => tokensOf(stringified(value.json))),
    sorted: once('sorted', () => tokensOf(stringified(value.json, sortNames))),
    tokens: once('tokens', () => tokensOf(text)?.map(asWritten)),
  };
}

function parsed(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Undefined for what is nested deeper than the stack: what a framework writes of it is not known. */
function stringified(value: unknown, replacer?: (name: string, value: unknown) => unknown): string | undefined {
  try {
    return JSON.stringify(value, replacer);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function sortNames(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Signs, strings and words of a JSON text, without the white space between them. */
function tokensOf(text: string | undefined): readonly string[] | undefined {
  return text?.match(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? undefined;
}

function asWritten(token: string): string {
  return token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : token;
}

/** Writes tokens in a style; undefined where the text would be too long. */
function written(tokens: readonly string[], style: Omit<Style, 'by' | 'source'>): string | undefined {
  const { comma = ',', colon = ':', indent = 0, rewrite = (text: string) => text, end = '' } = style;
  const parts: string[] = [];
  let [depth, length, before] = [0, 0, ''];
  for (const token of tokens) {
    const isEnd = token === '}' || token === ']';
    if (isEnd) depth--;
    const isInside = before === '{' || before === '[';
    // A line ends behind an opening and a comma, and before a closing; an empty object or array stays on its line.
    const breaks = indent > 0 && (isEnd ? !isInside : isInside || before === ',');
    const padding = breaks ? 1 + depth * indent : 0;
    const piece = token === ',' ? comma : token === ':' ? colon : token.startsWith('"') ? rewrite(token) : token;
    length += padding + piece.length;
    if (length > ENCODED_MAX_CHARACTERS) return undefined;
    parts.push(breaks ? `\n${' '.repeat(padding - 1)}${piece}` : piece);
    if (token === '{' || token === '[') depth++;
    before = token;
  }
  return `${parts.join('')}${end}`;
}

function ascii(text: string): string {
  return text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function slashes(text: string): string {
  return text.replaceAll('/', '\\/');
}

function html(text: string): string {
  return text.replace(/[<>&\u2028\u2029]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
