import { isGone, type PostOutcome } from '../domain/delivery.ts';
import type { Webhook } from '../domain/webhook.ts';
import type { WebhookStore } from '../store/webhooks.ts';

/**
 * Whether a POST came to a 410 that is its webhook's no longer: while it was under way a user has given the webhook another URL, or started
 * it over. Nothing is read where it came to anything else.
 */
export async function isOutdatedGoodbye(
  deps: { readonly webhooks: Pick<WebhookStore, 'get'> },
  outcome: PostOutcome,
  { webhook, startedMs }: { readonly webhook: Webhook; readonly startedMs: number },
): Promise<boolean> {
  if (!isGone(outcome)) return false;
  const now = await deps.webhooks.get(webhook.namespaceId, webhook.id);
  if (!now?.active) return false;
  const { healthyMs = Number.NEGATIVE_INFINITY } = now.health ?? {};
  return now.payloadUrl !== webhook.payloadUrl || healthyMs >= startedMs;
}
