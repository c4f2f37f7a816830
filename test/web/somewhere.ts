import { randomUUID } from 'node:crypto';
import { eventName } from '../../functions/domain/event.ts';
import { deliveryId, sortableId } from '../../functions/domain/id.ts';
import { recoveryStore } from '../../functions/store/recoveries.ts';
import { failedAttempt } from '../support/attempt.ts';
import { type Api, WEBHOOKS } from './api.ts';

/** Parameters of paths that lead somewhere: to a webhook, an event that it was told of, its delivery, and a recovery. */
export type Somewhere = {
  readonly username: 'admin';
  readonly path: 'demo';
  readonly id: number;
  readonly delivery: string;
  readonly event: string;
  readonly recovery: string;
};

const CREATED_AT = '2026-11-23T11:59:59.000Z';

/** Makes a webhook, and an event with a verdict of each kind, whose delivery to the webhook waits for its next attempt. */
export async function makeSomewhere(api: Api): Promise<Somewhere> {
  const { id, namespaceId } = await api.addWebhook({ payload_url: `https://a.example/${randomUUID()}` });
  const event = { id: randomUUID(), createdAt: CREATED_AT };
  const delivery = deliveryId(event, id);
  await api.events.open([
    {
      event: { ...event, type: 'cron', namespaceId, payload: '{"id":1}' },
      verdicts: { sent: [id], inactive: [id + 1_000], not_subscribed: [id + 2_000] },
      receivedAt: CREATED_AT,
      openedBy: 'test',
    },
  ]);
  const of = { webhookId: id, namespaceId, deliveryId: delivery, eventId: event.id, eventCreatedAt: CREATED_AT };
  const attempt = failedAttempt(of);
  await api.attempts.record([{ attempt, dueAtMs: Date.parse(attempt.nextAttemptAt ?? '') }]);
  const recovery = sortableId(api.clock.nowMs, randomUUID());
  return { username: 'admin', path: 'demo', id, delivery, event: eventName(event), recovery };
}

/** The same with a recovery that runs, where none does; its id is another one where the one of before has ended. */
export async function withRecovery(api: Api, where: Somewhere): Promise<Somewhere> {
  const createdAt = new Date(api.clock.nowMs).toISOString();
  const recovery = sortableId(api.clock.nowMs, randomUUID());
  const added = await recoveryStore(api.table).add({
    id: recovery,
    webhookId: where.id,
    namespaceId: api.namespace.id,
    status: 'running',
    filter: { since: '2026-11-23T11:00:00.000Z', until: createdAt, status: 'dead' },
    deliveriesRead: 0,
    deliveriesRedelivered: 0,
    createdAt,
    updatedAt: createdAt,
    dueAtMs: api.clock.nowMs,
  });
  return added === 'added' ? { ...where, recovery } : where;
}

/** Takes the webhook away, where it still is: a namespace has only so many. */
export async function leave(api: Api, { id }: Somewhere): Promise<void> {
  await api.call(`${WEBHOOKS}/${id}`, { method: 'DELETE' });
}
