import { colour, drawing, px, text, WIDTH } from './svg.ts';

/** Lines over one axis, which is the same for all of them. */
export type Lines = {
  readonly title: string;
  /** What the axes count, such as `webhooks` and `ms`. */
  readonly x: string;
  readonly y: string;
  /** Logarithmic axes show a growth as a slope: flat is level, and linear rises a decade with each. Values are above 0 then. */
  readonly scale: 'linear' | 'logarithmic';
  readonly lines: readonly { readonly label: string; readonly points: readonly Spot[] }[];
};

type Spot = { readonly x: number; readonly y: number };
type Axis = { readonly ticks: readonly number[]; readonly place: (value: number) => number };

const PLOT = { left: 70, right: WIDTH - 20, top: 40, height: 280 };
const BOTTOM = PLOT.top + PLOT.height;
const LEGEND = { top: BOTTOM + 58, row: 20, columns: 2 };
/** Room for the half of the last tick's number that stands beyond the axis. */
const LAST_TICK = 30;
/** About so many ticks on a linear axis. */
const TICKS = 5;

/** Draws lines as SVG, with dots where they were measured. */
export function lineChart({ title, x, y, scale, lines }: Lines): string {
  const spots = lines.flatMap(({ points }) => points);
  const axisOf = scale === 'linear' ? linearAxis : logarithmicAxis;
  const across = axisOf(
    spots.map((spot) => spot.x),
    [PLOT.left, PLOT.right],
  );
  const up = axisOf(
    spots.map((spot) => spot.y),
    [BOTTOM, PLOT.top],
  );
  const height = LEGEND.top + Math.ceil(lines.length / LEGEND.columns) * LEGEND.row;
  return drawing({ title, height, width: WIDTH + LAST_TICK }, [
    ...up.ticks.map((tick) => rule(up.place(tick)) + text(written(tick), PLOT.left - 8, up.place(tick) + 4, 'end')),
    ...across.ticks.map((tick) => text(written(tick), across.place(tick), BOTTOM + 18, 'middle')),
    text(y, PLOT.left - 8, PLOT.top - 8, 'end'),
    text(x, (PLOT.left + PLOT.right) / 2, BOTTOM + 38, 'middle'),
    ...lines.map(({ points }, index) => lineOf(points, { across, up }, colour(index))),
    ...lines.map(({ label }, index) => legendOf(label, index)),
  ]);
}

function lineOf(points: readonly Spot[], axes: { readonly across: Axis; readonly up: Axis }, stroke: string): string {
  const places = points.map((point) => [px(axes.across.place(point.x)), px(axes.up.place(point.y))] as const);
  const line = `<polyline points="${places.map((place) => place.join(',')).join(' ')}" fill="none" stroke="${stroke}" stroke-width="2"/>`;
  const dots =
    places.length > 20 ? [] : places.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3" fill="${stroke}"/>`);
  return line + dots.join('');
}

function legendOf(label: string, index: number): string {
  const left = 8 + (index % LEGEND.columns) * (WIDTH / LEGEND.columns);
  const top = LEGEND.top + Math.floor(index / LEGEND.columns) * LEGEND.row;
  return `<rect x="${left}" y="${top - 10}" width="11" height="11" fill="${colour(index)}"/>${text(label, left + 16, top, 'start')}`;
}

function rule(y: number): string {
  return `<line x1="${PLOT.left}" y1="${px(y)}" x2="${PLOT.right}" y2="${px(y)}" stroke="#8c959f" stroke-opacity="0.35"/>`;
}

/** An axis of decades, from the last power of ten below all values to the first one above them. */
function logarithmicAxis(values: readonly number[], [begin, end]: readonly [number, number]): Axis {
  const from = Math.floor(Math.log10(Math.min(...values)));
  const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(...values))));
  const ticks = Array.from({ length: to - from + 1 }, (_, nth) => 10 ** (from + nth));
  return { ticks, place: (value) => begin + ((Math.log10(value) - from) / (to - from)) * (end - begin) };
}

/** An axis from 0 to a round number above all values. */
function linearAxis(values: readonly number[], [begin, end]: readonly [number, number]): Axis {
  const most = Math.max(...values, Number.MIN_VALUE);
  const decade = 10 ** Math.floor(Math.log10(most / TICKS));
  const step = ([1, 2, 5, 10].find((times) => times * decade * TICKS >= most) ?? 10) * decade;
  const ticks = Array.from({ length: Math.ceil(most / step) + 1 }, (_, nth) => nth * step);
  const last = ticks.at(-1) ?? most;
  return { ticks, place: (value) => begin + (value / last) * (end - begin) };
}

function written(tick: number): string {
  return tick.toLocaleString('en', { maximumSignificantDigits: 6 });
}
