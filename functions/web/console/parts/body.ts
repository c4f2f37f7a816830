import { html } from 'hono/html';
import { BODY_SHOWN_MAX_CHARACTERS } from '../../../domain/limits.ts';
import { prettyJson, type Shown } from '../../../domain/pretty-json.ts';
import type { Html } from '../frame.ts';
import { visible } from './foreign-text.ts';

type BodyOf = {
  readonly name: string;
  /** How to come by all of it, where it is longer than what is shown; a sentence. */
  readonly whole?: string;
};

/** What somebody else has sent: JSON laid out, with what it was made from below; anything else as it came. Text in any case. */
export function bodyBox(text: string, { name, whole = '' }: BodyOf): Html {
  const pretty = prettyJson(text, BODY_SHOWN_MAX_CHARACTERS);
  const raw = beginningOf(text);
  const rawText = visible(raw.text);
  const notes = (shown: Shown) => [
    ...(shown.isCut ? [`Only the beginning is shown. ${whole}`] : []),
    ...(rawText === raw.text.replaceAll('\r\n', '\n')
      ? []
      : ['Characters that cannot be seen are shown by their codes, such as \\u202e.']),
  ];
  const hint = (shown: Shown) => notes(shown).map((note) => html`<p class="hint">${note}</p>`);
  if (pretty === undefined) return html`${codeBox(rawText, name)}${hint(raw)}`;
  return html`${codeBox(visible(pretty.text), `${name}, as JSON`)}${hint(pretty)}
<details><summary>Raw</summary>${codeBox(rawText, `${name}, raw`)}${hint(raw)}</details>`;
}

function beginningOf(text: string): Shown {
  return { text: text.slice(0, BODY_SHOWN_MAX_CHARACTERS), isCut: text.length > BODY_SHOWN_MAX_CHARACTERS };
}

/** What is longer is scrolled in a box of its own, which a keyboard must come to. */
const TALL_LINES = 18;
const TALL_CHARACTERS = 1_000;

/** Text as it is, in a box: never wider than its place. `of` is the text where that is not all that there is. */
export function codeBox(text: Html | string, label: string, of: string = typeof text === 'string' ? text : ''): Html {
  const isTall = of.length > TALL_CHARACTERS || of.split('\n', TALL_LINES + 1).length > TALL_LINES;
  return isTall
    ? html`<pre class="code tall" dir="ltr" tabindex="0" role="region" aria-label="${label}">${text}</pre>`
    : html`<pre class="code" dir="ltr">${text}</pre>`;
}
