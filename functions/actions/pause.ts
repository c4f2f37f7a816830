import { RefusalError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/fields.ts';
import type { Namespace } from '../domain/namespace.ts';
import { parsePause } from '../domain/pause-input.ts';
import { changeExisting, showWebhook, type WebhookDeps, type WebhookView } from './webhooks.ts';

type Of = { readonly namespace: Namespace; readonly id: number };

/**
 * Pauses a webhook until the time in the body of a request, or changes that time: until then its deliveries are held, and nothing is sent to
 * it. Throws ValidationError with what is wrong; refuses for a webhook that is inactive.
 */
export async function pauseWebhook(deps: WebhookDeps, of: Of, body: JsonObject): Promise<WebhookView> {
  await changeExisting(deps, of, (webhook) => {
    if (!webhook.active) throw new RefusalError('conflict', 'The webhook is inactive: nothing is sent to it');
    return { pause: parsePause(body, webhook, deps.now()) };
  });
  return wakeAndShow(deps, of);
}

/** Ends a webhook's pause; what was held is sent from the next run of the schedule on, oldest first. One that is not paused stays as it is. */
export async function resumeWebhook(deps: WebhookDeps, of: Of): Promise<WebhookView> {
  await changeExisting(deps, of, () => ({ pause: null }));
  return wakeAndShow(deps, of);
}

/** Where this is cut, what is held waits for the time that was told before, and no longer. */
async function wakeAndShow(deps: WebhookDeps, of: Of): Promise<WebhookView> {
  await deps.holds.wake(of.id, deps.now());
  return showWebhook(deps, of.namespace, of.id);
}
