import { html } from 'hono/html';
import type { About } from '../../../domain/about.ts';
import type { Html } from '../frame.ts';

/** What an event is about, with the way to it in the CI, where its producer has said it. */
export function aboutText(about: About | undefined): Html | string {
  if (about === undefined) return '';
  return about.url === undefined
    ? about.text
    : html`<a href="${about.url}" rel="noopener noreferrer">${about.text}</a>`;
}
