import { html } from 'hono/html';

type SelectOf = {
  readonly name: string;
  readonly label: string;
  /** What is chosen where nothing is: that stands for no filter, and is sent as the empty text. */
  readonly all: string;
  /** The other choices: what is sent, and what is read. */
  readonly options: readonly (readonly [string, string])[];
  readonly chosen: string;
};

/** A choice in a filter. */
export function select({ name, label, all, options, chosen }: SelectOf) {
  const option = ([value, text]: readonly [string, string]) =>
    html`<option value="${value}"${value === chosen ? html` selected` : ''}>${text}</option>`;
  return html`<div class="f-${name}"><label for="f-${name}">${label}</label>
<select id="f-${name}" name="${name}"><option value="">${all}</option>${options.map(option)}</select></div>`;
}
