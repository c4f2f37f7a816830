import { randomUUID } from 'node:crypto';
import type { Attempt } from '../../functions/domain/delivery.ts';
import { readMessage } from '../../functions/domain/delivery-message.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import type { Webhook } from '../../functions/domain/webhook.ts';
import { busEvent, type Deployment } from './deployment.ts';

export type Emitted = { readonly id: string; readonly createdAt: string };

/** Puts so many events of the deployment's namespace on the bus, at its clock, and has their deliveries sent. */
export async function emit(deployment: Deployment, count = 1): Promise<readonly Emitted[]> {
  const createdAt = new Date(deployment.clock.nowMs).toISOString();
  const events = Array.from({ length: count }, () => ({ id: randomUUID(), createdAt }));
  const namespaceId = deployment.namespace.id;
  await deployment.send(
    'events',
    events.map((event) => busEvent({ namespaceId, ...event })),
  );
  await deployment.drain('events', deployment.handlers.ingest);
  return events;
}

/** Makes the attempts whose messages are there, and those that are due by the table. */
export async function work(deployment: Deployment): Promise<void> {
  await deployment.handlers.retry({});
  await deployment.drain('deliveries', deployment.handlers.deliver);
}

/** The messages of first attempts, out of the queue, one batch for each. */
export async function batchesOf(deployment: Deployment, webhook: Pick<Webhook, 'id'>) {
  const Records = await deployment.receive('deliveries');
  return Records.filter(({ body }) => readMessage(body)?.webhookId === webhook.id).map((one) => ({ Records: [one] }));
}

/** The attempts of an event's delivery to a webhook; none where the log has none. */
export async function attemptsOf(
  deployment: Deployment,
  webhook: Pick<Webhook, 'id'>,
  event: Emitted,
): Promise<readonly Attempt[]> {
  const id = deliveryId(event, webhook.id);
  return (await deployment.attempts.delivery(webhook.id, id, deployment.clock.nowMs)) ?? [];
}

/** A webhook as it is now. */
export async function asItIs(deployment: Deployment, { namespaceId, id }: Webhook): Promise<Webhook> {
  const found = await deployment.webhooks.get(namespaceId, id);
  if (found === undefined) throw new Error('There is no such webhook');
  return found;
}
