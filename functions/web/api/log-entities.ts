import type * as v from 'valibot';
import type { EventSummary, EventVerdict, EventView } from '../../actions/events.ts';
import {
  type Attempt,
  type AttemptSummary,
  type Delivery,
  type DeliverySummary,
  type HeaderList,
  HOLD_REASONS,
  isRedelivery,
} from '../../domain/delivery.ts';
import { eventName } from '../../domain/event.ts';
import { ANSWER_MAX_BYTES } from '../../domain/limits.ts';
import type { Namespace } from '../../domain/namespace.ts';
import { progressOf, type Recovery } from '../../domain/recovery.ts';
import { ATTEMPTS_MAX } from '../../domain/schedule.ts';
import { answerBytes, fitting } from './answer-size.ts';
import { connectionEntity } from './connection.ts';
import { namespaceUrl, webhookUrl } from './entities.ts';
import type {
  AttemptEntity,
  DeliveryEntity,
  DeliverySummaryEntity,
  EventSchema,
  EventSummaryEntity,
  RecoveryEntity,
  VerdictEntity,
} from './log-schemas.ts';

/** What a list shows of an event: what happened, and what of it is worth knowing. */
export function eventSummary(event: EventSummary, namespace: Namespace, base: string): EventSummaryEntity {
  return {
    id: event.id,
    type: event.type,
    created_at: event.createdAt,
    received_at: event.receivedAt,
    payload_bytes: event.payloadBytes,
    off_catalogue: event.offCatalogue ?? null,
    test: event.isTest,
    url: eventUrl(event, namespace, base),
  };
}

/** The API URL of an event. */
export function eventUrl(event: Parameters<typeof eventName>[0], namespace: Namespace, base: string): string {
  return `${namespaceUrl(namespace, base)}/-/events/${eventName(event)}`;
}

/** An event with its payload, as text, and the verdict on every webhook that its namespace had. */
export function eventEntity(
  { event, payload, verdicts }: EventView,
  namespace: Namespace,
  base: string,
): v.InferOutput<typeof EventSchema> {
  return {
    ...eventSummary(event, namespace, base),
    payload: payload ? Buffer.from(payload).toString('utf8') : null,
    verdicts: verdicts.map((verdict) => eventVerdict(verdict, namespace, base)),
  };
}

/** The verdict on one webhook, with where to look on. */
function eventVerdict(
  { webhookId, verdict, deliveryId }: EventVerdict,
  namespace: Namespace,
  base: string,
): VerdictEntity {
  const url = webhookUrl(namespace, webhookId, base);
  const delivery = deliveryId === undefined ? null : { id: deliveryId, url: `${url}/deliveries/${deliveryId}` };
  return { webhook_id: webhookId, webhook_url: url, verdict, delivery };
}

/** What a list shows of a delivery: where it stands, without what was sent and answered. */
export function deliverySummary(delivery: DeliverySummary, url: string): DeliverySummaryEntity {
  const first = delivery[0];
  const standing = delivery.at(-1) ?? first;
  const made = attemptsOf(delivery);
  const last = made.at(-1);
  return {
    id: first.deliveryId,
    event: { id: first.eventId, type: first.eventType, created_at: first.eventCreatedAt },
    webhook_id: first.webhookId,
    status: standing.status,
    redelivery: isRedelivery(standing),
    test: first.isTest ?? false,
    attempts_made: last?.number ?? 0,
    response_status: last?.response?.status ?? null,
    error: last?.error ?? null,
    held: holdOf(standing),
    started_at: last?.startedAt ?? null,
    duration_ms: last?.durationMs ?? null,
    next_attempt_at: standing.nextAttemptAt ?? null,
    url: `${url}/${first.deliveryId}`,
  };
}

/** A delivery with its newest attempts, first to last, as many as an answer has room for, and the payload, as text, that each of them sent. */
export function deliveryEntity(delivery: Delivery, payload: Uint8Array | undefined, url: string): DeliveryEntity {
  const text = payload ? Buffer.from(payload).toString('utf8') : null;
  const attempts = attemptsOf(delivery).map(attemptEntity);
  // Those of one run fit beside any payload.
  const shown =
    attempts.length > ATTEMPTS_MAX
      ? fitting(attempts.toReversed(), ANSWER_MAX_BYTES - answerBytes(text)).reverse()
      : attempts;
  return { ...deliverySummary(delivery, url), payload: text, attempts: shown };
}

/** The attempts that were made, or ended unsent: not the one that is still to be made. */
function attemptsOf<T extends AttemptSummary>(delivery: readonly T[]): readonly T[] {
  return delivery.filter(({ status }) => status !== 'held');
}

function holdOf({ status, error, startedAt }: AttemptSummary): DeliverySummaryEntity['held'] {
  const reason = HOLD_REASONS.find((one) => one === error?.class);
  if (status !== 'held' || error === undefined || reason === undefined) return null;
  return { reason, message: error.message, since: startedAt };
}

function attemptEntity(attempt: Attempt): AttemptEntity {
  const { request, response } = attempt;
  return {
    number: attempt.number,
    status: attempt.status,
    redelivery: isRedelivery(attempt),
    started_at: attempt.startedAt,
    duration_ms: attempt.durationMs,
    request: request ? { url: request.url, headers: pairs(request.headers) } : null,
    response: response
      ? {
          status: response.status,
          headers: pairs(response.headers),
          body: Buffer.from(response.body).toString('utf8'),
          truncated: response.truncated,
        }
      : null,
    error: attempt.error ?? null,
    ...connectionEntity(attempt),
    next_attempt_at: attempt.nextAttemptAt ?? null,
  };
}

/** What the API shows of a recovery; `filter` has what was asked for, by the names it was asked by. */
export function recoveryEntity(recovery: Recovery, url: string): RecoveryEntity {
  return {
    id: recovery.id,
    webhook_id: recovery.webhookId,
    status: recovery.status,
    filter: recovery.filter,
    deliveries_read: recovery.deliveriesRead,
    deliveries_redelivered: recovery.deliveriesRedelivered,
    progress: progressOf(recovery),
    reason: recovery.reason ?? null,
    created_at: recovery.createdAt,
    updated_at: recovery.updatedAt,
    finished_at: recovery.finishedAt ?? null,
    url: `${url}/${recovery.id}`,
  };
}

function pairs(headers: HeaderList): [string, string][] {
  return headers.map(([name, value]) => [name, value]);
}
