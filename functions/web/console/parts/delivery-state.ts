import { html } from 'hono/html';
import { attemptLabel } from '../../../domain/advice.ts';
import {
  type Attempt,
  type AttemptSummary,
  type DeliveryStatus,
  isRedelivery,
  numberInRun,
} from '../../../domain/delivery.ts';
import { isPaused } from '../../../domain/hold.ts';
import { ATTEMPTS_MAX } from '../../../domain/schedule.ts';
import type { Webhook } from '../../../domain/webhook.ts';
import { badge, type Tone } from './badge.ts';
import type { IconName } from './icon.ts';
import { timeTag } from './time.ts';

type Look = { readonly tone: Tone; readonly sign: IconName; readonly word: string };

const LOOKS: Readonly<Record<DeliveryStatus, Look>> = {
  succeeded: { tone: 'good', sign: 'check', word: 'succeeded' },
  retrying: { tone: 'wait', sign: 'retry', word: 'retrying' },
  held: { tone: 'wait', sign: 'pause', word: 'held' },
  dead: { tone: 'bad', sign: 'cross', word: 'given up' },
  cancelled: { tone: 'quiet', sign: 'dash', word: 'cancelled' },
};

/** A delivery's last attempt: what was made of it, or what is held. */
export function standingOf<T>(delivery: readonly [T, ...T[]]): T {
  return delivery.at(-1) ?? delivery[0];
}

/** How an attempt looks. */
export function lookOf({ status }: Pick<Attempt, 'status'>): Look {
  return LOOKS[status];
}

/** In a word, where a delivery stands. */
export function statusWord(status: DeliveryStatus): string {
  return LOOKS[status].word;
}

/** What an attempt came to in one word or number, and in colour what that means for its delivery. */
export function attemptBadge(attempt: AttemptSummary) {
  const { tone, sign, word } = LOOKS[attempt.status];
  const label = attemptLabel(attempt);
  const text = label === word ? label : html`${label}<span class="visually-hidden">, ${word}</span>`;
  return badge({ tone, sign, text });
}

/** Where a delivery stands, for the head of its page. */
export function deliveryBadge(last: Attempt, nowMs: number) {
  const { tone, sign, word } = LOOKS[last.status];
  return badge({ tone, sign, text: last.nextAttemptAt ? html`next try ${timeTag(last.nextAttemptAt, nowMs)}` : word });
}

/** Which attempt of how many, and what is special about it: `2 of 10 · redelivered`. */
export function attemptOfMany(attempt: AttemptSummary): string {
  return [
    `${numberInRun(attempt)} of ${ATTEMPTS_MAX}`,
    ...(isRedelivery(attempt) ? ['redelivered'] : []),
    ...(attempt.isTest ? ['test'] : []),
  ].join(' · ');
}

/** What releases a held delivery. The webhook is as it is now. */
export function heldUntil({ error }: AttemptSummary, webhook: Webhook, nowMs: number) {
  const probeAtMs = webhook.health?.breaker?.probeAtMs;
  if (error?.class === 'paused' && webhook.pause && isPaused(webhook, nowMs)) {
    return html`resumes ${timeTag(webhook.pause.untilMs, nowMs)}`;
  }
  if (error?.class === 'circuit_open' && probeAtMs !== undefined) {
    return probeAtMs > nowMs ? html`probe ${timeTag(probeAtMs, nowMs)}` : 'probe any moment';
  }
  if (error?.class === 'busy') return 'once the receiver has answered others';
  if (error?.class === 'unsigned') return 'once its secret can be opened';
  return 'about to be sent';
}
