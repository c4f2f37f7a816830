import type { Attempt, AttemptError, AttemptErrorClass } from './delivery.ts';
import type { HealthNews } from './health-news.ts';

/**
 * An event of the service's own, for those who run it. Its `id` is made of what has changed and when, so that one which is put
 * on the bus twice is known by it. Never a payload, a secret or a payload URL.
 */
export type Notice = {
  readonly id: string;
  readonly type: HealthNews['type'] | 'delivery.dead';
  readonly namespaceId: number;
  readonly webhookId: number;
  /** When it changed, and since when it was as `reason` says. ISO 8601. */
  readonly at: string;
  readonly since: string;
  /** A word for machines. */
  readonly reason: string;
  /** Of the attempt that was the last straw. */
  readonly error?: AttemptError | undefined;
  readonly delivery?: Pick<Attempt, 'deliveryId' | 'eventId' | 'eventType' | 'number'> | undefined;
};

/** The notice of a change of a webhook's health. */
export function healthNotice(
  { id, namespaceId }: { readonly id: number; readonly namespaceId: number },
  news: HealthNews,
): Notice {
  return { ...news, id: `${news.type}/${id}/${news.at}`, namespaceId, webhookId: id };
}

/** What a delivery ends dead of that is no receiver's fault. */
const OURS: readonly (string | undefined)[] = ['internal', 'payload_gone', 'unsigned'] satisfies AttemptErrorClass[];

/** The notice of a delivery that ends dead with this attempt. */
export function deadNotice(attempt: Attempt): Notice {
  const { deliveryId, number, namespaceId, webhookId, error } = attempt;
  return {
    id: `delivery.dead/${deliveryId}/${number}`,
    type: 'delivery.dead',
    namespaceId,
    webhookId,
    at: new Date(Date.parse(attempt.startedAt) + attempt.durationMs).toISOString(),
    since: attempt.eventCreatedAt,
    reason: error !== undefined && OURS.includes(error.class) ? error.class : 'attempts_exhausted',
    error,
    delivery: attempt,
  };
}

/** A notice as the JSON text that goes on the bus. `webhookUrl` is the webhook in the API, where that is known. */
export function noticeDetail(notice: Notice, webhookUrl: string | undefined): string {
  const { delivery, error } = notice;
  return JSON.stringify({
    id: notice.id,
    namespace_id: notice.namespaceId,
    webhook_id: notice.webhookId,
    webhook_url: webhookUrl,
    at: notice.at,
    since: notice.since,
    reason: notice.reason,
    error: error && { class: error.class, message: error.message },
    delivery: delivery && {
      id: delivery.deliveryId,
      event_id: delivery.eventId,
      event_type: delivery.eventType,
      attempts: delivery.number,
    },
  });
}
