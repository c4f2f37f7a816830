import { colour, drawing, legend, px, shown, text, WIDTH } from './svg.ts';

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

const LABELS_WIDTH = 250;
const NUMBERS_WIDTH = 70;
const BAR = 18;
const ROW = 28;
const TOP = 64;

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
  return drawing({ title, height }, [
    ...(parts.length > 1 ? [legend(parts)] : []),
    ...rows,
    ...(goal === undefined ? [] : [goalLine(LABELS_WIDTH + scale(goal), height, `goal ${shown(goal)} ${unit}`)]),
  ]);
}

function goalLine(x: number, height: number, label: string): string {
  return `<line x1="${px(x)}" y1="${TOP - 6}" x2="${px(x)}" y2="${height - 8}" stroke="#d55e00" stroke-dasharray="4 3"/>${text(label, x, TOP - 10, 'middle')}`;
}
