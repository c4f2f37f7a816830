/** Width of most charts, in pixels. */
export const WIDTH = 760;
/** Told apart by everybody (Okabe and Ito), on white and on black. */
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#999999', '#f0e442'];

/** A chart: its title, and what is drawn below it, from y = 30 on. */
export function drawing(
  { title, height, width = WIDTH }: { readonly title: string; readonly height: number; readonly width?: number },
  parts: readonly string[],
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}" font-family="system-ui, sans-serif" font-size="13">`,
    '<style>text { fill: #1f2328 } @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } }</style>',
    `<text x="8" y="20" font-size="15" font-weight="600">${escaped(title)}</text>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** What the colours are, in one row below the title. */
export function legend(parts: readonly string[]): string {
  let x = 8;
  const entries = parts.map((part, index) => {
    const entry = `<rect x="${x}" y="34" width="11" height="11" fill="${colour(index)}"/>${text(part, x + 16, 44, 'start')}`;
    x += 30 + part.length * 7;
    return entry;
  });
  return entries.join('');
}

export function text(content: string, x: number, y: number, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${px(x)}" y="${y}" text-anchor="${anchor}">${escaped(content)}</text>`;
}

/** The colour of the nth thing. */
export function colour(index: number): string {
  return COLOURS[index % COLOURS.length] ?? '#999999';
}

/** A coordinate, to a tenth. */
export function px(value: number): string {
  return Number(value.toFixed(1)).toString();
}

/** A number as it stands in charts. */
export function shown(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toFixed(2);
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
