import { html } from 'hono/html';
import type { Attempt } from '../../../domain/delivery.ts';
import { PHASE_LABELS, type Phase, phasesOf } from '../../../domain/phases.ts';
import type { Html } from '../frame.ts';
import { duration } from '../words.ts';

/** What the bar is drawn in: as wide as its place, whatever that is. */
const WIDTH = 1_000;
const HEIGHT = 12;

/** How an attempt spent its time: a bar, and in words what took how long, the longest named. Nothing where that was not measured. */
export function phaseBar(attempt: Attempt): Html | string {
  const { phases, longest } = phasesOf(attempt);
  if (phases.length === 0) return '';
  const isBad = attempt.status !== 'succeeded';
  const kind = ({ name }: Phase) => (name === longest ? `longest${isBad ? ' bad' : ''}` : name);
  let x = 0;
  const bars = phases.map((phase) => {
    const width = phase.share * WIDTH;
    const bar = html`<rect class="${kind(phase)}" x="${x.toFixed(1)}" y="0" width="${width.toFixed(1)}" height="${HEIGHT}"/>`;
    x += width;
    return bar;
  });
  const items = phases.map(
    (
      phase,
    ) => html`<li class="${phase.name === longest ? kind(phase) : ''}"><svg class="swatch" viewBox="0 0 10 10" width="10" height="10" aria-hidden="true"><rect class="${kind(phase)}" width="10" height="10"/></svg>
${PHASE_LABELS[phase.name]} <b>${duration(phase.ms)}</b>${phase.name === longest && phases.length > 1 ? html`<span class="visually-hidden"> (the longest)</span>` : ''}</li>`,
  );
  const reused = attempt.connection?.reused ? html`<li>Over a connection that was already open</li>` : '';
  return html`<svg class="phases" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">${bars}</svg>
<ul class="plain phase-list" aria-label="Time spent">${items}${reused}</ul>`;
}
