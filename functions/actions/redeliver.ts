import { type Attempt, redeliveryOf } from '../domain/delivery.ts';
import { writeMessage } from '../domain/delivery-message.ts';
import { RefusalError } from '../domain/errors.ts';
import { isPaused } from '../domain/hold.ts';
import { ATTEMPTS_PER_DELIVERY_MAX } from '../domain/limits.ts';
import type { Namespace } from '../domain/namespace.ts';
import { ATTEMPTS_MAX } from '../domain/schedule.ts';
import type { Webhook } from '../domain/webhook.ts';
import type { AttemptStore } from '../store/attempts.ts';
import type { WebhookStore } from '../store/webhooks.ts';
import type { Queue } from '../transport/queue.ts';
import { notFound } from './directory.ts';

export type RedeliverDeps = {
  readonly webhooks: Pick<WebhookStore, 'get'>;
  readonly attempts: Pick<AttemptStore, 'delivery' | 'cancel'>;
  readonly deliveries: Pick<Queue, 'send'>;
  readonly now: () => number;
};

type Which = { readonly namespace: Namespace; readonly webhookId: number; readonly deliveryId: string };

/**
 * Makes a delivery again, now: a new attempt under the same id, marked as a redelivery, with a schedule of its own. Of a
 * delivery that waits for its next attempt, or that is held, it is that attempt. It is a probe where the webhook's circuit is open. Refuses
 * for a webhook that is inactive or paused.
 */
export async function redeliver(deps: RedeliverDeps, which: Which): Promise<void> {
  const { webhook, last } = await find(deps, which);
  refuseUnsendable(webhook, deps.now());
  if (isFull(last)) throw new RefusalError('conflict', FULL);
  const body = writeMessage({ ...redeliveryOf(last), isProbe: true });
  const [sent] = await deps.deliveries.send([{ body, groupId: webhook.id.toString() }]);
  if (!sent) throw new Error('The deliveries queue did not take a redelivery');
}

/** What became of deliveries that were to be made again together. */
export type Redelivered = {
  readonly asked: number;
  /** The log does not have them, or no longer, or has no room for more of their attempts. */
  readonly unknown: number;
  /** The queue did not take them: the same once more may do. */
  readonly failed: number;
};

/** Deliveries that are looked up at once. */
const LOOKUPS = 20;

/**
 * Makes deliveries of a webhook again, now, each as `redeliver` does; a repeated id counts once. Where the webhook's circuit is open, the
 * first is a probe, and the others are held until it succeeds. Refuses for a webhook that is inactive or paused.
 */
export async function redeliverAll(
  deps: RedeliverDeps,
  { namespace, webhookId, deliveryIds }: Omit<Which, 'deliveryId'> & { readonly deliveryIds: readonly string[] },
): Promise<Redelivered> {
  const webhook = await deps.webhooks.get(namespace.id, webhookId);
  if (webhook === undefined) throw notFound();
  refuseUnsendable(webhook, deps.now());
  const ids = [...new Set(deliveryIds)];
  const bodies: string[] = [];
  for (let from = 0; from < ids.length; from += LOOKUPS) {
    const some = ids.slice(from, from + LOOKUPS);
    const found = await Promise.all(some.map((id) => deps.attempts.delivery(webhookId, id, deps.now())));
    for (const last of found.flatMap((delivery) => delivery?.at(-1) ?? []).filter((one) => !isFull(one))) {
      bodies.push(writeMessage({ ...redeliveryOf(last), ...(bodies.length === 0 ? { isProbe: true } : {}) }));
    }
  }
  const sent = await deps.deliveries.send(bodies.map((body) => ({ body, groupId: webhook.id.toString() })));
  const asked = sent.filter(Boolean).length;
  return { asked, unknown: ids.length - bodies.length, failed: bodies.length - asked };
}

const FULL = 'The log has no room for more attempts of this delivery. Send its event anew';

function isFull({ number }: Attempt): boolean {
  return number > ATTEMPTS_PER_DELIVERY_MAX - ATTEMPTS_MAX;
}

function refuseUnsendable(webhook: Webhook, nowMs: number): void {
  if (!webhook.active) throw new RefusalError('conflict', 'The webhook is inactive. Activate it first');
  if (isPaused(webhook, nowMs)) throw new RefusalError('conflict', 'The webhook is paused. Resume it first');
}

/** Cancels the attempts of a delivery that are still to come. Refuses where none is. */
export async function cancelRetries(deps: RedeliverDeps, which: Which): Promise<void> {
  const { last } = await find(deps, which);
  if (!(await deps.attempts.cancel(last, deps.now()))) {
    throw new RefusalError('conflict', 'Nothing of this delivery is still to come');
  }
}

async function find(deps: RedeliverDeps, { namespace, webhookId, deliveryId }: Which) {
  const webhook = await deps.webhooks.get(namespace.id, webhookId);
  const delivery = webhook && (await deps.attempts.delivery(webhookId, deliveryId, deps.now()));
  const last = delivery?.at(-1);
  if (webhook === undefined || last === undefined) throw notFound();
  return { webhook, last };
}
