import { html } from 'hono/html';
import { type FieldErrors, RefusalError, ValidationError } from '../../../domain/errors.ts';
import { errorSummary } from '../parts/field.ts';
import { icon } from '../parts/icon.ts';
import { timesSpoken } from '../typed-time.ts';

/** What kept a form from being taken: sentences by field, or one about how things stand. */
export type FormProblem = {
  readonly status: 200 | 400 | 409;
  readonly errors: FieldErrors;
  readonly refusal?: string;
};

/** Of a form that nobody has sent yet. */
export const NO_PROBLEM: FormProblem = { status: 200, errors: {} };

/** What an error says of a form. One that says nothing of it is thrown on. */
export function formProblem(error: unknown): FormProblem {
  if (error instanceof ValidationError) {
    const spoken = Object.entries(error.fields).map(([name, texts]) => [name, texts.map(timesSpoken)]);
    return { status: 400, errors: Object.fromEntries(spoken) };
  }
  if (error instanceof RefusalError && error.code === 'conflict') {
    return { status: 409, errors: {}, refusal: error.message };
  }
  throw error;
}

/** The problem above its form. `ids` are those of the inputs, by the fields' names. */
export function problemNotice({ errors, refusal }: FormProblem, ids: Readonly<Record<string, string>>) {
  const notice = html`<p class="notice bad" role="alert">${icon('warning')}<span>${refusal}.</span></p>`;
  return html`${errorSummary(errors, ids)}${refusal === undefined ? '' : notice}`;
}
