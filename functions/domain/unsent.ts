import type { AttemptError } from './delivery.ts';
import { UNSIGNED_MAX_HOURS } from './limits.ts';
import type { Webhook } from './webhook.ts';

/** Why nothing was sent in an attempt; what its webhook's deliveries are held for is in `hold.ts`. */

export const WEBHOOK_GONE: AttemptError = {
  class: 'webhook_gone',
  message: 'The webhook was deleted before this attempt',
};

export const PAYLOAD_GONE: AttemptError = {
  class: 'payload_gone',
  message: 'The payload of this event is no longer kept',
};

export const UNSIGNED: AttemptError = {
  class: 'unsigned',
  message: 'The secret could not be opened, and nothing is sent unsigned: this is held until it can be',
};

export const NEVER_SIGNED: AttemptError = {
  class: 'unsigned',
  message: `The secret could not be opened for ${UNSIGNED_MAX_HOURS} hours, and nothing is sent unsigned`,
};

/** The webhook was deactivated, by whoever did it. */
export function webhookInactive({ deactivation }: Pick<Webhook, 'deactivation'>): AttemptError {
  const message = deactivation?.message ?? 'The webhook was deactivated before this attempt';
  return { class: 'webhook_inactive', message };
}
