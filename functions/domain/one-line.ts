/** What breaks a line, or is a space of some kind. */
const SPACE = /[\p{Cc}\p{Z}]+/gu;
/** What is not seen and may change how its neighbours look, such as which way they run; but for what joins letters and emoji. */
const INVISIBLE = /(?![\u200c\u200d])\p{Cf}/gu;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/**
 * What somebody else has written, as a part of one line: without control characters and lone surrogates, and of at most so many
 * characters (UTF-16 units), the last one an ellipsis where it is cut. Undefined where nothing of it can be seen. It is text: whoever
 * shows it as markup has to escape it.
 */
export function oneLine(text: string, charactersMax: number): string | undefined {
  // Of a text of megabytes no more is looked at than can be needed, unless it is mostly spaces.
  const line = text
    .slice(0, charactersMax * 8)
    .toWellFormed()
    .replace(INVISIBLE, '')
    .replace(SPACE, ' ')
    .trim();
  if (!VISIBLE.test(line)) return undefined;
  if (line.length <= charactersMax) return line;
  // A surrogate pair is not cut in two.
  return `${line
    .slice(0, charactersMax - 1)
    .replace(/[\ud800-\udbff]$/, '')
    .trimEnd()}…`;
}
