import { html, raw } from 'hono/html';

/** Drawn, not written: whether a font has a sign is nothing to rely on. Each stands beside its word. */
const PATHS = {
  check: '<path d="M3 8.5l3.2 3.2L13 5" fill="none" stroke="currentColor" stroke-width="2"/>',
  cross: '<path d="M4 4l8 8M12 4l-8 8" fill="none" stroke="currentColor" stroke-width="2"/>',
  retry:
    '<path d="M12.7 6A5 5 0 1 0 13 9" fill="none" stroke="currentColor" stroke-width="1.8"/><path d="M13.6 2.6v4h-4z" fill="currentColor"/>',
  pause: '<path d="M4 3h3v10H4zM9 3h3v10H9z" fill="currentColor"/>',
  dot: '<circle cx="8" cy="8" r="4" fill="currentColor"/>',
  ring: '<circle cx="8" cy="8" r="3.6" fill="none" stroke="currentColor" stroke-width="1.8"/>',
  dash: '<path d="M3 8h10" fill="none" stroke="currentColor" stroke-width="2"/>',
  clock:
    '<circle cx="8" cy="8" r="5.6" fill="none" stroke="currentColor" stroke-width="1.7"/><path d="M8 4.8V8l2.4 1.6" fill="none" stroke="currentColor" stroke-width="1.7"/>',
  warning:
    '<path d="M8 2l6.5 11.5h-13z" fill="none" stroke="currentColor" stroke-width="1.6"/><path d="M8 6.4v3.4M8 11v1.2" stroke="currentColor" stroke-width="1.6"/>',
} as const;

export type IconName = keyof typeof PATHS;

/** A sign beside a word, for the eye alone: 14 px, in the colour of the text around it. */
export function icon(name: IconName) {
  return html`<svg class="icon" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">${raw(PATHS[name])}</svg>`;
}
