/** What is not seen, or changes how its neighbours are: control characters but for tabs and newlines, and marks of direction; not what joins emoji. */
const UNSEEN = /(?![\t\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/**
 * What somebody else has written, with each character that cannot be seen as JSON would have it: \u001b for an escape, \u202e for one that
 * turns the text around. Fonts have signs for few of them.
 */
export function visible(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(UNSEEN, (character) => {
    const hex = (character.codePointAt(0) ?? 0).toString(16);
    return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
  });
}

/** Bytes as text: what is no UTF-8 is marked, and whether anything is. A last character that is cut in two does not count. */
export function decoded(bytes: Uint8Array, isCut: boolean): { readonly text: string; readonly isUtf8: boolean } {
  const options = { stream: isCut };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, options), isUtf8: true };
  } catch {
    return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, options), isUtf8: false };
  }
}
