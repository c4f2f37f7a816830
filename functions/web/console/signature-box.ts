import { html } from 'hono/html';
import type { Attempt } from '../../domain/delivery.ts';
import { CHECKED_SIGNATURE_MAX_CHARACTERS } from '../../domain/limits.ts';
import type { SignatureVerdict } from '../../domain/signature-check.ts';
import { icon } from './parts/icon.ts';

/** What was pasted, and what is to be said of it. */
export type SignatureBox = { readonly pasted: string } & (
  | { readonly verdict: SignatureVerdict }
  | { readonly error: string }
);

const TITLES: Readonly<Record<SignatureVerdict['kind'], string>> = {
  right: 'It is right',
  mistaken: 'Here is the mistake',
  unknown: 'It is none that we know',
  unreadable: 'It is no signature',
  nothing_to_compare: 'There is nothing to compare it with',
};

/** Where somebody pastes what their code has computed, and learns what is wrong with it. */
export function signatureBox({
  url,
  attempt,
  box,
}: {
  readonly url: string;
  readonly attempt: Attempt;
  readonly box: SignatureBox | undefined;
}) {
  const error = box && 'error' in box ? box.error : undefined;
  return html`<section class="panel" id="signature" data-keep-typed><h2>Signature does not match?</h2>
<form method="post" action="${url}/signature"><input type="hidden" name="attempt" value="${attempt.number}">
<div class="field"><label for="computed">What your code computes for attempt ${attempt.number}</label>
<textarea id="computed" name="signature" rows="2" maxlength="${CHECKED_SIGNATURE_MAX_CHARACTERS}" placeholder="sha256=…" autocomplete="off" spellcheck="false" required${
    error ? html` aria-invalid="true" aria-describedby="computed-error" autofocus` : ''
  }>${box?.pasted ?? ''}</textarea>
${error ? html`<p class="error" id="computed-error">${error}.</p>` : ''}</div>
<button class="button">Find the mistake</button></form>
${box && 'verdict' in box ? verdictBox(box.verdict) : ''}</section>`;
}

function verdictBox({ kind, findings }: SignatureVerdict) {
  const isRight = kind === 'right';
  return html`<div class="verdict notice ${isRight ? 'good' : 'wait'}" role="status" id="verdict" tabindex="-1" autofocus>${icon(isRight ? 'check' : 'warning')}<div><h3>${TITLES[kind]}</h3>
${findings.map(({ happened, whatToDo }) => html`<p><b>${happened}</b> ${whatToDo}</p>`)}</div></div>`;
}
