import { DELIVERY_RETENTION_DAYS, MISSED_OFFERED_DAYS, MISSED_REACHES_BACK_DAYS } from './limits.ts';
import type { RecoveryFilter } from './recovery.ts';
import type { Missed, Webhook } from './webhook.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * What a webhook will have missed once a user has said whether it is active; undefined for nothing. It begins some days before the webhook
 * became inactive or, earlier than that, began to fail or was paused: what was still to be tried of the events of those days was
 * cancelled. What it missed before and that is not known to be recovered is in it.
 */
export function missedAfter(webhook: Webhook, isActive: boolean, nowMs: number): Missed | undefined {
  const { missed } = webhook;
  if (webhook.active && isActive) return missed;
  const before = missed && isOpen(missed, nowMs) ? [missed.sinceMs] : [];
  const endedMs = webhook.active ? nowMs : webhook.deactivation && Date.parse(webhook.deactivation.at);
  const began = [...before, ...(endedMs === undefined ? [] : [beginning(webhook, endedMs)])];
  // Inactive for longer than anybody has noted, perhaps from the first.
  const sinceMs = began.length === 0 ? Date.parse(webhook.createdAt) : Math.min(...began);
  return isActive ? { sinceMs, untilMs: nowMs } : { sinceMs };
}

function beginning({ health, pause }: Webhook, endedMs: number): number {
  const troubles = [endedMs, health?.failing?.sinceMs ?? endedMs, pause?.sinceMs ?? endedMs];
  return Math.min(...troubles) - MISSED_REACHES_BACK_DAYS * DAY_MS;
}

function isOpen({ untilMs }: Missed, nowMs: number): boolean {
  return untilMs === undefined || nowMs < untilMs + MISSED_OFFERED_DAYS * DAY_MS;
}

/** What an active webhook offers to recover: what it missed, from when on; undefined where there is nothing, or somebody has begun to. */
export function offerOf({ active, missed }: Webhook, nowMs: number): Missed | undefined {
  if (!active || missed?.untilMs === undefined || missed.isAsked) return undefined;
  return isOpen(missed, nowMs) ? missed : undefined;
}

/** Whether a recovery makes all that is offered, as far as the log can tell. */
export function isCovered({ sinceMs, untilMs = sinceMs }: Missed, filter: RecoveryFilter, nowMs: number): boolean {
  const fromMs = Math.max(sinceMs, nowMs - DELIVERY_RETENTION_DAYS * DAY_MS);
  return filter.status === 'missed' && Date.parse(filter.since) <= fromMs && Date.parse(filter.until) >= untilMs;
}
