import { html } from 'hono/html';
import type { Html } from '../frame.ts';
import { checkbox } from './field.ts';

/** One of several, of which one is chosen. `more` is what is to be filled in where this is the one; it is not shown otherwise. */
export function choice(of: {
  readonly name: string;
  readonly value: string;
  readonly label: string;
  readonly small?: string;
  readonly isChosen: boolean;
  readonly more?: Html;
}) {
  const { name, value, label, small, isChosen, more } = of;
  const box = { type: 'radio', name, value, id: `${name}-${value}`, label, isChecked: isChosen } as const;
  return html`<div class="option">${checkbox(small === undefined ? box : { ...box, small })}${
    more === undefined ? '' : html`<div class="more">${more}</div>`
  }</div>`;
}
