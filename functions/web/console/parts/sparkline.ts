import { html } from 'hono/html';

/** What happened in one part of a stretch of time. */
export type Bar = { readonly succeeded: number; readonly failed: number };

const BAR_WIDTH = 4;
const GAP = 1;
const HEIGHT = 20;
const BASE_HEIGHT = 1;

/**
 * Bars side by side, oldest first, those that failed at the bottom of each: a glance, whose numbers stand beside it in words. What is not
 * nothing is seen, however much more there was at other times.
 */
export function sparkline(bars: readonly Bar[], label: string) {
  const width = bars.length * (BAR_WIDTH + GAP) - GAP;
  const most = Math.max(1, ...bars.map(({ succeeded, failed }) => succeeded + failed));
  const height = (number: number) => (number === 0 ? 0 : Math.max(2, Math.round((number / most) * (HEIGHT - 2))));
  const stack = ({ succeeded, failed }: Bar, index: number) => {
    const x = index * (BAR_WIDTH + GAP);
    const [bad, good] = [height(failed), height(succeeded)];
    if (bad + good === 0) return rect('none', { x, y: HEIGHT - BASE_HEIGHT, height: BASE_HEIGHT });
    return html`${bad > 0 ? rect('bad', { x, y: HEIGHT - bad, height: bad }) : ''}${good > 0 ? rect('good', { x, y: HEIGHT - bad - good, height: good }) : ''}`;
  };
  return html`<svg class="spark" viewBox="0 0 ${width} ${HEIGHT}" width="${width}" height="${HEIGHT}" role="img" aria-label="${label}">${bars.map(stack)}</svg>`;
}

function rect(kind: string, { x, y, height }: { readonly x: number; readonly y: number; readonly height: number }) {
  return html`<rect class="${kind}" x="${x}" y="${y}" width="${BAR_WIDTH}" height="${height}"/>`;
}
