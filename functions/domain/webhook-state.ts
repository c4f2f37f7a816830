import type { Attempt } from './delivery.ts';
import { isPaused } from './hold.ts';
import type { Webhook } from './webhook.ts';

/**
 * How a webhook does, in one word: what is most in the way of its deliveries. `deactivated` is what the service did, `inactive` what
 * a user wants. `unproven` is one whose newest delivery was given up, and that no failure counts against since then: mostly it was activated
 * or changed; and one whose deliveries are held, for another reason than that it is paused or failing: all of them, or the newest for want of its secret.
 */
export type WebhookState = 'healthy' | 'unproven' | 'failing' | 'paused' | 'deactivated' | 'inactive' | 'never_called';

/** The state of a webhook at a time. `lastAttempt` is that of its newest delivery which is not held; `heldAttempt` that of its newest, where it is. */
export function webhookState(
  webhook: Pick<Webhook, 'active' | 'deactivation' | 'pause' | 'health'>,
  {
    lastAttempt,
    heldAttempt,
    atMs,
  }: {
    readonly lastAttempt: Pick<Attempt, 'status' | 'startedAt'> | undefined;
    readonly heldAttempt?: Pick<Attempt, 'error'> | undefined;
    readonly atMs: number;
  },
): WebhookState {
  if (!webhook.active) return webhook.deactivation === undefined ? 'inactive' : 'deactivated';
  if (isPaused(webhook, atMs)) return 'paused';
  if (webhook.health?.failing !== undefined || webhook.health?.breaker !== undefined) return 'failing';
  if (lastAttempt === undefined) return heldAttempt === undefined ? 'never_called' : 'unproven';
  if (heldAttempt?.error?.class === 'unsigned') return 'unproven';
  const { status, startedAt } = lastAttempt;
  const isGivenUp = status === 'dead' || status === 'cancelled';
  return isGivenUp && Date.parse(startedAt) < (webhook.health?.healthyMs ?? 0) ? 'unproven' : 'healthy';
}
