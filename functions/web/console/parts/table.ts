import { html } from 'hono/html';
import type { Html } from '../frame.ts';

/** A column: its heading, which on a phone stands before each cell but a URL, and whether it holds numbers. */
export type Column = { readonly name: string; readonly kind?: 'number' | 'url' };

/**
 * A table, which on a phone is a list of cards: a style sheet that makes it so takes its roles away, hence they are said. A cell that is
 * empty is left out there.
 */
export function table({
  label,
  columns,
  rows,
}: {
  readonly label: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly (Html | string)[])[];
}) {
  const head = columns.map(
    ({ name, kind }) => html`<th role="columnheader" scope="col" class="${kind ?? ''}">${name}</th>`,
  );
  const cell = (content: Html | string, index: number) => {
    const { name = '', kind = '' } = columns[index] ?? {};
    return html`<td role="cell" class="${kind}" data-label="${kind === 'url' ? '' : name}"><div>${content}</div></td>`;
  };
  return html`<table class="table" role="table" aria-label="${label}"><thead role="rowgroup"><tr role="row">${head}</tr></thead>
<tbody role="rowgroup">${rows.map((cells) => html`<tr role="row">${cells.map(cell)}</tr>`)}</tbody></table>`;
}
