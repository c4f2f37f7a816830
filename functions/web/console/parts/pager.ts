import { html } from 'hono/html';
import { type Cursor, type Neighbours, writeCursor } from '../../../domain/page.ts';

/** The way to the neighbours of a page; `url` is the list's, with its filters. Nothing where there are none. */
export function pager(
  { next, prev }: Neighbours,
  { url, words, note = '' }: { readonly url: URL; readonly words: readonly [string, string]; readonly note?: string },
) {
  if (next === undefined && prev === undefined && note === '') return '';
  const step = (cursor: Cursor | undefined, text: string, rel: string) =>
    cursor === undefined ? '' : html`<a class="step" rel="${rel}" href="${withCursor(url, cursor)}">${text}</a>`;
  return html`<nav class="pager" aria-label="Pages"><span class="note">${note}</span>
${step(prev, words[0], 'prev')} ${step(next, words[1], 'next')}</nav>`;
}

function withCursor(url: URL, cursor: Cursor): string {
  const query = new URLSearchParams(url.searchParams);
  query.set('cursor', writeCursor(cursor));
  return `?${query}`;
}
