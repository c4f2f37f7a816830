import { html } from 'hono/html';
import type { FieldErrors } from '../../../domain/errors.ts';
import type { Html } from '../frame.ts';
import { icon } from './icon.ts';

/** What of a field is said besides its label, and what is wrong with it. `id` is that of its input. */
export type Notes = {
  readonly id: string;
  readonly hint?: Html | string;
  readonly errors?: readonly string[] | undefined;
};

/** The attributes by which an input is tied to its hint and to what is wrong with it. */
export function describedBy({ id, hint, errors = [] }: Notes) {
  const ids = [...(errors.length > 0 ? [`${id}-error`] : []), ...(hint === undefined ? [] : [`${id}-hint`])];
  return html`${ids.length > 0 ? html` aria-describedby="${ids.join(' ')}"` : ''}${errors.length > 0 ? html` aria-invalid="true"` : ''}`;
}

/** What stands below an input: what is wrong with it, then its hint. */
export function notes({ id, hint, errors = [] }: Notes) {
  return html`${errors.length > 0 ? html`<p class="error" id="${id}-error">${sentences(errors)}</p>` : ''}${
    hint === undefined ? '' : html`<p class="hint" id="${id}-hint">${hint}</p>`
  }`;
}

/** A label, an input and its notes. */
export function field(of: Notes & { readonly label: string; readonly input: Html }) {
  return html`<div class="field"><label for="${of.id}">${of.label}</label>${of.input}${notes(of)}</div>`;
}

/** A box with its label, and what that means. */
export function checkbox(of: {
  readonly name: string;
  readonly value?: string;
  readonly id: string;
  readonly label: Html | string;
  readonly small?: Html | string;
  readonly isChecked: boolean;
  readonly isDisabled?: boolean;
  readonly type?: 'checkbox' | 'radio';
  /** What is wrong with it, which `notes` has said beside it. */
  readonly errors?: readonly string[] | undefined;
}) {
  const { type = 'checkbox', name, value = 'yes', id, label, small, isChecked, isDisabled = false, errors } = of;
  return html`<div class="check"><input type="${type}" id="${id}" name="${name}" value="${value}"${isChecked ? ' checked' : ''}${
    isDisabled ? ' disabled' : ''
  }${describedBy({ id, errors })}><label for="${id}">${label}${small === undefined ? '' : html`<small>${small}</small>`}</label></div>`;
}

/** What is wrong with a form, above it, each with the way to its field. `ids` are those of the inputs, by the fields' names, in the form's order. */
export function errorSummary(errors: FieldErrors, ids: Readonly<Record<string, string>>) {
  const names = Object.keys(ids);
  const rank = (name: string) => (names.includes(name) ? names.indexOf(name) : names.length);
  const all = Object.entries(errors).toSorted(([one], [other]) => rank(one) - rank(other));
  if (all.length === 0) return '';
  const items = all.map(([name, texts]) => {
    const id = ids[name];
    return html`<li>${id === undefined ? sentences(texts) : html`<a href="#${id}">${sentences(texts)}</a>`}</li>`;
  });
  return html`<div class="notice bad" role="alert">${icon('warning')}<div><strong>This needs another look</strong><ul class="plain">${items}</ul></div></div>`;
}

/** Sentences of the API's, which have no full stop. */
function sentences(texts: readonly string[]): string {
  return `${texts.join('. ')}.`;
}
