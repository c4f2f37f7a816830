import type { Recent } from '../../../actions/recent.ts';
import type { WebhookView } from '../../../actions/webhooks.ts';
import { isPaused } from '../../../domain/hold.ts';
import { waitingOf } from '../../../domain/statistics.ts';
import { count, relativeTime } from '../words.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** In a few words, what of a webhook is worth knowing beside its state. What waits is counted among its newest attempts. */
export function situation(view: WebhookView, recent: Pick<Recent, 'attempts' | 'isCut'> | undefined): string {
  const { webhook } = view;
  const waiting = webhook.active && recent !== undefined ? waits(view, recent) : [];
  if (waiting.length > 0) return waiting.join(' · ');
  return [
    ...(webhook.deactivation ? [DEACTIVATED[webhook.deactivation.reason]] : []),
    webhook.sealedSecret === undefined ? 'not signed' : 'signed',
    ...certificate(view),
  ].join(' · ');
}

const DEACTIVATED = { gone: 'the receiver answered 410 Gone', failing: 'it had only failed for days' } as const;

function waits({ webhook, atMs }: WebhookView, { attempts, isCut }: Pick<Recent, 'attempts' | 'isCut'>): string[] {
  const { retrying, held, nextAttemptAt } = waitingOf(attempts);
  const { breaker } = webhook.health ?? {};
  const atLeast = isCut || mayHoldOlder({ webhook, atMs }) ? 'at least ' : '';
  const holds = held === 0 ? [] : [`holds ${atLeast}${count(held, 'delivery', 'deliveries')}`];
  if (webhook.pause && isPaused(webhook, atMs)) {
    return [...holds, `resumes ${relativeTime(webhook.pause.untilMs, atMs)}`];
  }
  if (breaker) return [...holds, `next probe ${soon(breaker.probeAtMs, atMs)}`];
  if (retrying === 0) return holds;
  const next = nextAttemptAt === undefined ? [] : [`next try ${soon(Date.parse(nextAttemptAt), atMs)}`];
  return [`${atLeast}${count(retrying, 'delivery waits', 'deliveries wait')}`, ...next];
}

/** Whether some of what waits may be of events before those of the last day, which are counted. */
function mayHoldOlder({ webhook: { pause, health }, atMs }: Pick<WebhookView, 'webhook' | 'atMs'>): boolean {
  const since = [pause?.sinceMs, health?.breaker?.openedMs, health?.failing?.sinceMs];
  return since.some((ms) => ms !== undefined && ms < atMs - DAY_MS);
}

/** What is due is done within the minute. */
function soon(ms: number, atMs: number): string {
  return ms <= atMs ? 'within a minute' : relativeTime(ms, atMs);
}

function certificate({ lastAttempt, atMs }: WebhookView): string[] {
  const expiresAt = lastAttempt?.connection?.certificateExpiresAt;
  if (expiresAt === undefined) return [];
  const daysLeft = Math.floor((Date.parse(expiresAt) - atMs) / DAY_MS);
  return [daysLeft < 0 ? 'certificate expired' : `certificate valid ${count(daysLeft, 'day')}`];
}
