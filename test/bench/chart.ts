/** Bars, each of one or several parts, one below the other. */
export type Bars = {
  readonly title: string;
  readonly unit: string;
  /** What the parts of each bar are, in order. */
  readonly parts: readonly string[];
  readonly bars: readonly { readonly label: string; readonly values: readonly number[] }[];
  /** A line across all of them. */
  readonly goal?: number | undefined;
};

const WIDTH = 760;
const LABELS_WIDTH = 250;
const NUMBERS_WIDTH = 70;
const BAR = 18;
const ROW = 28;
const TOP = 64;
/** Told apart by everybody (Okabe and Ito), on white and on black. */
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#999999', '#f0e442'];

/** Draws bars as SVG. */
export function barChart({ title, unit, parts, bars, goal }: Bars): string {
  const totals = bars.map(({ values }) => values.reduce((sum, value) => sum + value, 0));
  const most = Math.max(...totals, goal ?? 0);
  const scale = (value: number) => (value / most) * (WIDTH - LABELS_WIDTH - NUMBERS_WIDTH);
  const height = TOP + bars.length * ROW + 12;
  const rows = bars.map(({ label, values }, row) => {
    const y = TOP + row * ROW;
    const rects = values.map((value, index) => {
      const before = values.slice(0, index).reduce((sum, one) => sum + one, 0);
      return `<rect x="${px(LABELS_WIDTH + scale(before))}" y="${y}" width="${px(scale(value))}" height="${BAR}" fill="${colour(index)}"/>`;
    });
    const total = totals[row] ?? 0;
    const end = px(LABELS_WIDTH + scale(total) + 6);
    return `${text(label, LABELS_WIDTH - 8, y + 14, 'end')}${rects.join('')}${text(`${shown(total)} ${unit}`, Number(end), y + 14, 'start')}`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}" font-family="system-ui, sans-serif" font-size="13">`,
    '<style>text { fill: #1f2328 } @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } }</style>',
    `<text x="8" y="20" font-size="15" font-weight="600">${escaped(title)}</text>`,
    ...(parts.length > 1 ? [legend(parts)] : []),
    ...rows,
    ...(goal === undefined ? [] : [goalLine(LABELS_WIDTH + scale(goal), height, `goal ${shown(goal)} ${unit}`)]),
    '</svg>',
    '',
  ].join('\n');
}

function legend(parts: readonly string[]): string {
  let x = 8;
  const entries = parts.map((part, index) => {
    const entry = `<rect x="${x}" y="34" width="11" height="11" fill="${colour(index)}"/>${text(part, x + 16, 44, 'start')}`;
    x += 30 + part.length * 7;
    return entry;
  });
  return entries.join('');
}

function goalLine(x: number, height: number, label: string): string {
  return `<line x1="${px(x)}" y1="${TOP - 6}" x2="${px(x)}" y2="${height - 8}" stroke="#d55e00" stroke-dasharray="4 3"/>${text(label, x, TOP - 10, 'middle')}`;
}

function text(content: string, x: number, y: number, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${px(x)}" y="${y}" text-anchor="${anchor}">${escaped(content)}</text>`;
}

function colour(index: number): string {
  return COLOURS[index % COLOURS.length] ?? '#999999';
}

function px(value: number): string {
  return Number(value.toFixed(1)).toString();
}

function shown(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toFixed(2);
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
