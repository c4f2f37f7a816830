import { bySources } from './stack-trace.ts';

/** What must not stand in a log, by its form, and what stands in its place. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/\b(Bearer|Basic) [\w+/=.~-]+/gi, '$1 …'],
  [/djinn_[\w-]{20,}/g, 'djinn_…'],
  [/whsec_[\w+/=-]+/g, 'whsec_…'],
  [/\bsha256=[0-9a-f]{64}/gi, 'sha256=…'],
  [/\bv1,[\w+/-]{43}=/g, 'v1,…'],
  // User and password of a URL.
  [/\b(https?:\/\/)[^\s/?#"'\\@]*@/gi, '$1…@'],
  // What `JSON.parse` quotes of a text that is no JSON: some forty characters.
  [/, (?:\.\.\.)?".{0,80}"(?:\.\.\.)? is not valid JSON/gs, ' is not valid JSON'],
];

/** A text without what must not stand in a log. No line should have any of it: this is for what libraries put in their messages. */
export function redact(text: string): string {
  return withoutQueries(FORMS.reduce((redacted, [form, instead]) => redacted.replace(form, instead), text));
}

/** URLs end before query and fragment. In two steps: a text of many URLs on end would be searched once more from each of them. */
function withoutQueries(text: string): string {
  return text.replace(/\bhttps?:\/\/[^\s"'\\]*/gi, (url) => url.replace(/[?#].*/, '?…'));
}

/**
 * What is logged of an error: what it is and where it came from. Other properties may hold what it was about, as that of an invalid
 * URL, or of an item that DynamoDB refused.
 */
export function plainError({ name, message, stack, cause }: Error): Readonly<Record<string, unknown>> {
  return {
    name,
    message,
    stack: stack && bySources(stack),
    ...(cause instanceof Error ? { cause: plainError(cause) } : {}),
  };
}
