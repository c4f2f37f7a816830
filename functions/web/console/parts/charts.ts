import { html } from 'hono/html';
import type { Recent } from '../../../actions/recent.ts';
import { type Bar, type Statistics, statisticsOf } from '../../../domain/statistics.ts';
import type { Html } from '../frame.ts';
import { count, duration, exactTime, percent, span } from '../words.ts';

/** How a webhook did of late, in two pictures and their sentences: what succeeded, and how long receivers took. */
export function charts(recent: Recent) {
  const statistics = statisticsOf(recent.attempts, recent);
  const time = span(recent.untilMs - recent.fromMs);
  if (statistics.total === 0) {
    const nothing = recent.isCut
      ? 'Of its newest deliveries none was sent yet'
      : `Nothing was attempted in the last ${time}`;
    return html`<p class="quiet">${nothing}.</p>`;
  }
  const cut = recent.isCut
    ? html`<p class="hint">It is a busy webhook: these are its newest ${count(statistics.total, 'attempt')}, of the last ${time}.</p>`
    : '';
  return html`<div class="charts">${successChart(statistics, time)}${latencyChart(statistics, time)}</div>${cut}`;
}

function successChart({ bars, total, successShare = 0, fromMs }: Statistics, time: string) {
  const most = Math.max(...bars.map(({ succeeded, failed }) => succeeded + failed));
  const draw = (bar: Bar, index: number) => {
    const { succeeded, failed } = bar;
    const label = `${whenOf(bar)}: ${succeeded} succeeded, ${failed} failed`;
    const bad = (failed / most) * 100;
    return column(index, label, [
      { kind: 'bad', y: 100 - bad, height: bad },
      { kind: 'good', y: 100 - bad - (succeeded / most) * 100, height: (succeeded / most) * 100 },
    ]);
  };
  return figure({
    title: 'Attempts',
    words: html`<strong>${percent(successShare)}</strong> of ${count(total, 'attempt')} succeeded`,
    most: `${most} in ${span((bars[0]?.untilMs ?? fromMs) - fromMs)}`,
    label: `Attempts of the last ${time}: ${percent(successShare)} of ${total} succeeded`,
    columns: bars.map(draw),
    time,
  });
}

function latencyChart({ bars, latency }: Statistics, time: string) {
  if (latency === undefined) return '';
  const most = Math.max(1, ...bars.map((bar) => bar.latency?.p95Ms ?? 0));
  const draw = (bar: Bar, index: number) => {
    if (bar.latency === undefined) return '';
    const { p50Ms, p95Ms } = bar.latency;
    const [half, most95] = [(p50Ms / most) * 100, (p95Ms / most) * 100];
    return column(index, `${whenOf(bar)}: half within ${duration(p50Ms)}, 95 % within ${duration(p95Ms)}`, [
      { kind: 'pale', y: 100 - most95, height: most95 },
      { kind: 'strong', y: 100 - half, height: half },
    ]);
  };
  return figure({
    title: 'Time to answer',
    words: html`half within <strong>${duration(latency.p50Ms)}</strong>, 95 % within <strong>${duration(latency.p95Ms)}</strong>,
99 % within ${duration(latency.p99Ms)}`,
    most: duration(most),
    label: `How long the receiver took, in the last ${time}: half within ${duration(latency.p50Ms)}, 95 % within ${duration(latency.p95Ms)}`,
    columns: bars.map(draw),
    time,
  });
}

type Figure = {
  readonly title: string;
  readonly words: Html;
  /** What the top of the picture stands for. */
  readonly most: string;
  readonly label: string;
  readonly columns: readonly (Html | string)[];
  readonly time: string;
};

/** The picture is stretched to where it stands; the words are not in it, and so are not. */
function figure({ title, words, most, label, columns, time }: Figure) {
  return html`<figure class="chart"><figcaption><span class="label">${title}</span> <span class="quiet">${words}</span></figcaption>
<div class="most">${most}</div>
<svg viewBox="0 0 ${columns.length} 100" preserveAspectRatio="none" role="img" aria-label="${label}">${columns}</svg>
<div class="axis"><span>${time} ago</span><span>now</span></div></figure>`;
}

type Part = { readonly kind: string; readonly y: number; readonly height: number };

function column(index: number, label: string, parts: readonly Part[]) {
  const rects = parts
    .filter(({ height }) => height > 0)
    .map(
      ({ kind, y, height }) =>
        html`<rect class="${kind}" x="${index + 0.08}" y="${round(y)}" width="0.84" height="${round(height)}"/>`,
    );
  return html`<g><title>${label}</title><rect class="ground" x="${index}" y="0" width="1" height="100"/>${rects}</g>`;
}

function whenOf({ fromMs, untilMs }: Bar): string {
  return `${exactTime(fromMs).slice(11, 16)} to ${exactTime(untilMs).slice(11, 16)} UTC`;
}

function round(number: number): number {
  return Math.round(number * 100) / 100;
}
