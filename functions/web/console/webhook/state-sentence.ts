import { html } from 'hono/html';
import type { WebhookView } from '../../../actions/webhooks.ts';
import { adviceOn, attemptLabel } from '../../../domain/advice.ts';
import type { Attempt } from '../../../domain/delivery.ts';
import { DEACTIVATED_AFTER_DAYS } from '../../../domain/limits.ts';
import type { Webhook } from '../../../domain/webhook.ts';
import { webhookState } from '../../../domain/webhook-state.ts';
import type { Html } from '../frame.ts';
import { spanTag, timeTag } from '../parts/time.ts';
import { exactTime } from '../words.ts';

/** How a webhook does and why, in a sentence or two: since when, what its receiver answers, what that means. */
export function stateSentence(view: WebhookView): Html | string {
  const { webhook, lastAttempt, atMs } = view;
  switch (webhookState(webhook, view)) {
    case 'healthy':
      return lastAttempt ? healthy(lastAttempt, atMs) : '';
    case 'unproven':
      return unproven(view);
    case 'never_called':
      return 'Nothing that it subscribes to has happened since it was created. Send it a test, to see whether its receiver answers.';
    case 'inactive':
      return 'It is inactive: nothing is sent to it, and what happens meanwhile is not kept for it, though it can be recovered later.';
    case 'paused':
      return html`It resumes ${webhook.pause ? html`${timeTag(webhook.pause.untilMs, atMs)}, at ${exactTime(webhook.pause.untilMs)}` : ''}. Until then its deliveries are held, and nothing is lost.`;
    case 'deactivated':
      return deactivated(view);
    case 'failing':
      return failing(view);
  }
}

function healthy(lastAttempt: Attempt, atMs: number): Html {
  if (lastAttempt.status === 'succeeded')
    return html`Its last delivery arrived ${timeTag(lastAttempt.startedAt, atMs)}.`;
  return html`${notArrived(lastAttempt, atMs)} Its receiver has taken others since, or it was given a new start.`;
}

function notArrived(lastAttempt: Attempt, atMs: number): Html {
  return html`Its last delivery did not arrive (${attemptLabel(lastAttempt)}, ${timeTag(lastAttempt.startedAt, atMs)}).`;
}

/** That it was started over is likely, and not certain: an older delivery may have succeeded since. */
function unproven({ webhook, lastAttempt, heldAttempt, atMs }: WebhookView): Html | string {
  if (heldAttempt !== undefined) return `Its newest deliveries are held. ${whyHeld(heldAttempt, webhook)}`;
  if (lastAttempt === undefined) return '';
  return html`${notArrived(lastAttempt, atMs)} Nothing has failed since, perhaps because it was activated or changed: the next one, or a test, shows whether its receiver is well.`;
}

/** It is not paused any more, and its circuit is closed: what was held for these is on its way. */
function whyHeld(held: Attempt, webhook: Webhook): string {
  const isReleased = held.error?.class === 'paused' || held.error?.class === 'circuit_open';
  const advice = isReleased ? undefined : adviceOn(held, webhook);
  return advice ? `${advice.happened} ${advice.whatToDo}` : 'They are sent in their turn, the oldest first.';
}

function deactivated({ webhook: { deactivation }, atMs }: WebhookView): Html | string {
  if (deactivation === undefined) return '';
  const why =
    deactivation.reason === 'gone'
      ? 'its receiver answered 410 Gone, which asks for no more'
      : `for ${DEACTIVATED_AFTER_DAYS} days it had done nothing but fail`;
  return html`It was deactivated ${timeTag(deactivation.at, atMs)}: ${why}. Once the receiver is well, activate it.`;
}

function failing({ webhook, lastAttempt, atMs }: WebhookView): Html {
  const { failing: spell, breaker } = webhook.health ?? {};
  const advice = lastAttempt === undefined ? undefined : adviceOn(lastAttempt, webhook);
  const since = spell ? html`For ${spanTag(spell.sinceMs, atMs)} it has done nothing but fail. ` : '';
  const held = breaker
    ? html` Most attempts fail, so its deliveries are held, and one is tried at a time: the next ${
        breaker.probeAtMs <= atMs ? 'within a minute' : timeTag(breaker.probeAtMs, atMs)
      }.`
    : '';
  return html`${since}${advice ? `${advice.happened} ${advice.whatToDo}` : ''}${held}`;
}
