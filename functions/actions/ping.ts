import { CATALOGUE, type EventType } from '../domain/catalogue.ts';
import { writeMessage } from '../domain/delivery-message.ts';
import { RefusalError } from '../domain/errors.ts';
import { isPaused } from '../domain/hold.ts';
import { deliveryId } from '../domain/id.ts';
import type { Namespace } from '../domain/namespace.ts';
import type { EventStore } from '../store/events.ts';
import type { WebhookStore } from '../store/webhooks.ts';
import type { Queue } from '../transport/queue.ts';
import { notFound } from './directory.ts';

export type PingDeps = {
  readonly webhooks: Pick<WebhookStore, 'get'>;
  readonly events: Pick<EventStore, 'open'>;
  readonly deliveries: Pick<Queue, 'send'>;
  readonly now: () => number;
  readonly randomId: () => string;
};

/**
 * Tries a webhook out: an event of a type with the catalogue's sample, marked as a test, for this webhook alone and whatever it
 * subscribes to. It goes the way of every event, retries included, and is a probe where the webhook's circuit is open. Answers the
 * delivery's id. Refuses for a webhook that is inactive or paused.
 */
export async function ping(
  deps: PingDeps,
  which: { readonly namespace: Namespace; readonly webhookId: number },
  type: EventType,
): Promise<string> {
  const webhook = await deps.webhooks.get(which.namespace.id, which.webhookId);
  if (webhook === undefined) throw notFound();
  if (!webhook.active) throw new RefusalError('conflict', 'The webhook is inactive. Activate it first');
  if (isPaused(webhook, deps.now())) throw new RefusalError('conflict', 'The webhook is paused. Resume it first');
  const id = deps.randomId();
  const createdAt = new Date(deps.now()).toISOString();
  const payload = JSON.stringify(CATALOGUE[type].sample);
  const event = { id, type, createdAt, payload, namespaceId: which.namespace.id };
  const record = { event, verdicts: { sent: [webhook.id] }, receivedAt: createdAt, openedBy: id, isTest: true };
  const [opened] = await deps.events.open([record]);
  if (opened !== 'inserted') throw new Error('The table did not take a test event');
  const body = writeMessage({
    deliveryId: deliveryId(event, webhook.id),
    webhookId: webhook.id,
    namespaceId: event.namespaceId,
    eventId: id,
    eventCreatedAt: createdAt,
    eventType: type,
    number: 1,
    firstOfRun: 1,
    isTest: true,
    isProbe: true,
  });
  const [sent] = await deps.deliveries.send([{ body, groupId: webhook.id.toString() }]);
  if (!sent) throw new Error('The deliveries queue did not take a test delivery');
  return deliveryId(event, webhook.id);
}
