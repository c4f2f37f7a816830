import { html } from 'hono/html';
import { HTTPException } from 'hono/http-exception';
import { type RefusalCode, RefusalError, ValidationError } from '../../domain/errors.ts';
import type { Scope } from '../../domain/token.ts';
import type { Page } from './frame.ts';

/** The token that somebody is signed in with does not allow what they want. They know their own token: this tells nothing of what is there. */
export class LacksScopeError extends Error {
  override readonly name = 'LacksScopeError';
  readonly scope: Scope;

  constructor(scope: Scope) {
    super(`The token lacks ${scope}`);
    this.scope = scope;
  }
}

type ProblemStatus = 400 | 403 | 404 | 409 | 413 | 415 | 500;

/** What went wrong, in plain words, and what to do about it. */
type Problem = {
  readonly status: ProblemStatus;
  readonly title: string;
  readonly text: string;
  /** Whether it is our own mistake. */
  readonly isBug?: boolean;
};

const STATUS: Readonly<Record<RefusalCode, ProblemStatus>> = {
  malformed_body: 400,
  invalid_parameter: 400,
  not_found: 404,
  conflict: 409,
  body_too_large: 413,
  unsupported_media_type: 415,
  key_reused: 409,
  own_delivery: 400,
};

/** Says what an error means to whoever looks at the page in its place. */
export function problemOf(error: Error, requestId: string): Problem {
  if (error instanceof LacksScopeError) {
    const text = `The token that you are signed in with does not have ${error.scope}. Sign out, and sign in with one that has.`;
    return { status: 403, title: 'Your token does not allow this', text };
  }
  if (error instanceof HTTPException && error.status === 403) {
    const text = 'This came from a page of another site. Open the page here, and send it again.';
    return { status: 403, title: 'This was not sent from here', text };
  }
  if (error instanceof RefusalError && error.code === 'not_found') {
    const text =
      'There is nothing here, or not any more: it may have been deleted, perhaps in another tab, or it is not yours to see.';
    return { status: 404, title: 'Nothing is here', text };
  }
  if (error instanceof RefusalError) {
    return { status: STATUS[error.code], title: 'This did not work', text: `${error.message}.` };
  }
  if (error instanceof ValidationError) {
    return { status: 400, title: 'This did not work', text: `${error.message}.` };
  }
  const text = `It is not your fault. Please try again. If that does not help, tell your operator of the request ${requestId}.`;
  return { status: 500, title: 'Something went wrong on our side', text, isBug: true };
}

/** The page of a problem. `back` is where to go on from here. */
export function problemPage({ title, text }: Problem, back: { readonly href: string; readonly text: string }): Page {
  return {
    title,
    body: html`<section class="empty"><h1>${title}</h1><p>${text}</p>
<p><a class="button" href="${back.href}">${back.text}</a></p></section>`,
  };
}
