import { html } from 'hono/html';
import type { Html } from '../frame.ts';
import { type IconName, icon } from './icon.ts';

/** What a colour means, and it means nothing else. */
export type Tone = 'good' | 'wait' | 'bad' | 'quiet';

/** Where something stands: a colour, a sign and a word, so that each of them would do. */
export function badge({
  tone,
  sign,
  text,
}: {
  readonly tone: Tone;
  readonly sign: IconName;
  readonly text: Html | string;
}) {
  return html`<span class="badge ${tone}">${icon(sign)}${text}</span>`;
}
