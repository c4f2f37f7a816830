/** A text that was made for people to read, and whether it is only the beginning. */
export type Shown = { readonly text: string; readonly isCut: boolean };

const INDENT = '  ';
/** Deeper than this nobody can tell lines apart by how far they are indented. */
const INDENT_MAX = 40;
/** A string, what stands for itself, or a number or a word. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/**
 * Lays valid JSON out over lines, token by token: no number is rounded, no escape is rewritten, no repeated name is lost. It ends where it
 * has at least so many characters, however deep the JSON is nested. Undefined for what is no JSON.
 */
export function prettyJson(json: string, charactersMax: number): Shown | undefined {
  if (!isJson(json)) return undefined;
  const lines: string[] = [];
  let line = '';
  let length = 0;
  let depth = 0;
  let before = '';
  const breakLine = () => {
    lines.push(line);
    length += line.length + 1;
    line = INDENT.repeat(Math.min(depth, INDENT_MAX));
  };
  for (const [token] of json.matchAll(TOKENS)) {
    if (length + line.length > charactersMax)
      return { text: [...lines, line].join('\n').slice(0, charactersMax), isCut: true };
    const isEnd = token === '}' || token === ']';
    if (isEnd) depth--;
    // What is empty stays on its line.
    if (isEnd ? !isBeginning(before) : isBeginning(before) || before === ',') breakLine();
    if (isBeginning(token)) depth++;
    line += token === ':' ? ': ' : token;
    before = token;
  }
  const text = [...lines, line].join('\n');
  return { text: text.slice(0, charactersMax), isCut: text.length > charactersMax };
}

function isBeginning(token: string): boolean {
  return token === '{' || token === '[';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
