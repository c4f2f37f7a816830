import { html } from 'hono/html';
import { exactTime, relativeTime, span } from '../words.ts';

/** A time in words, with the exact one for whoever points at it. */
export function timeTag(time: string | number, nowMs: number) {
  const ms = typeof time === 'number' ? time : Date.parse(time);
  return html`<time datetime="${new Date(ms).toISOString()}" title="${exactTime(ms)}">${relativeTime(ms, nowMs)}</time>`;
}

/** How long ago something began, in words, with the exact time for whoever points at it. */
export function spanTag(ms: number, nowMs: number) {
  return html`<time datetime="${new Date(ms).toISOString()}" title="${exactTime(ms)}">${span(Math.max(0, nowMs - ms))}</time>`;
}
