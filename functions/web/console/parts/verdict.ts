import type { EventVerdict } from '../../../actions/events.ts';
import { DELIVERY_RETENTION_DAYS } from '../../../domain/limits.ts';
import { badge, type Tone } from './badge.ts';
import type { IconName } from './icon.ts';

type Words = { readonly tone: Tone; readonly sign: IconName; readonly text: string; readonly why: string };

/** What became of an event for one webhook, and why, in plain words. */
const VERDICTS: Readonly<Record<EventVerdict['verdict'], Words>> = {
  succeeded: { tone: 'good', sign: 'check', text: 'Delivered', why: 'The receiver took it.' },
  retrying: { tone: 'wait', sign: 'retry', text: 'Retrying', why: 'It has failed so far, and is tried again.' },
  held: { tone: 'wait', sign: 'pause', text: 'Held', why: 'It waits until the webhook sends again.' },
  queued: { tone: 'wait', sign: 'clock', text: 'On its way', why: 'Its first attempt is about to be made.' },
  dead: {
    tone: 'bad',
    sign: 'cross',
    text: 'Given up',
    why: 'All of its attempts have failed. It can be redelivered.',
  },
  cancelled: { tone: 'quiet', sign: 'dash', text: 'Cancelled', why: 'What was still to come of it was cancelled.' },
  expired: {
    tone: 'quiet',
    sign: 'dash',
    text: 'No longer kept',
    why: `What came of it was kept for ${DELIVERY_RETENTION_DAYS} days.`,
  },
  inactive: { tone: 'quiet', sign: 'dash', text: 'Inactive', why: 'The webhook was inactive when the event came.' },
  not_subscribed: {
    tone: 'quiet',
    sign: 'dash',
    text: 'Not subscribed',
    why: 'The webhook does not subscribe to events of this type.',
  },
};

/** Where an event stands for a webhook. */
export function verdictBadge(verdict: EventVerdict['verdict']) {
  return badge(VERDICTS[verdict]);
}

/** Why it stands there, in a sentence. */
export function whyVerdict(verdict: EventVerdict['verdict']): string {
  return VERDICTS[verdict].why;
}
