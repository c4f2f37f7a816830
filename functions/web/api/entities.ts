import type { EventSummary, EventVerdict } from '../../actions/events.ts';
import type { WebhookView } from '../../actions/webhooks.ts';
import { type Attempt, type Delivery, isRedelivery } from '../../domain/delivery.ts';
import { eventName } from '../../domain/event.ts';
import type { Namespace, User } from '../../domain/namespace.ts';
import { subscribedEvents } from '../../domain/webhook.ts';

/** Milliseconds are what is measured; the contract's `duration` counts nanoseconds. */
const NS_PER_MS = 1_000_000;

/** What the API shows of a webhook (contract, section 4). Never its secret: only whether it has one. */
export function webhookEntity({ webhook, lastAttempt }: WebhookView, namespace: Namespace, origin: string) {
  return {
    id: webhook.id,
    author_id: webhook.authorId,
    user_id: namespace.owner.id,
    namespace_id: namespace.id,
    payload_url: webhook.payloadUrl,
    ssl: webhook.ssl,
    has_secret: webhook.sealedSecret !== undefined,
    events: subscribedEvents(webhook),
    active: webhook.active,
    url: webhookUrl(namespace, webhook.id, origin),
    namespace: namespaceEntity(namespace, origin),
    last_response: lastAttempt ? lastResponse(lastAttempt) : null,
    created_at: webhook.createdAt,
  };
}

/** The API URL of a webhook. */
export function webhookUrl(namespace: Namespace, webhookId: number, origin: string): string {
  return `${namespaceUrl(namespace, origin)}/-/webhooks/${webhookId}`;
}

/** What a list shows of an event: what happened, and what of it is worth knowing. */
export function eventSummary(event: EventSummary, namespace: Namespace, origin: string) {
  return {
    id: event.id,
    type: event.type,
    created_at: event.createdAt,
    received_at: event.receivedAt,
    payload_bytes: event.payloadBytes,
    off_catalogue: event.offCatalogue ?? null,
    test: event.isTest,
    url: `${namespaceUrl(namespace, origin)}/-/events/${eventName(event)}`,
  };
}

/** The verdict on one webhook, with where to look on. */
export function eventVerdict({ webhookId, verdict, deliveryId }: EventVerdict, namespace: Namespace, origin: string) {
  const url = webhookUrl(namespace, webhookId, origin);
  const delivery = deliveryId === undefined ? null : { id: deliveryId, url: `${url}/deliveries/${deliveryId}` };
  return { webhook_id: webhookId, webhook_url: url, verdict, delivery };
}

/** What a list shows of a delivery: where it stands, without what was sent and answered. */
export function deliverySummary(delivery: Delivery, url: string) {
  const first = delivery[0];
  const last = delivery.at(-1) ?? first;
  return {
    id: first.deliveryId,
    event: { id: first.eventId, type: first.eventType, created_at: first.eventCreatedAt },
    webhook_id: first.webhookId,
    status: last.status,
    redelivery: isRedelivery(last),
    test: last.isTest ?? false,
    attempts_made: last.number,
    response_status: last.response?.status ?? null,
    error: last.error ?? null,
    started_at: last.startedAt,
    duration_ms: last.durationMs,
    next_attempt_at: last.nextAttemptAt ?? null,
    url: `${url}/${first.deliveryId}`,
  };
}

/** A delivery with all its attempts, first to last, and the payload, as text, that each of them sent. */
export function deliveryEntity(delivery: Delivery, payload: Uint8Array | undefined, url: string) {
  return {
    ...deliverySummary(delivery, url),
    payload: payload ? Buffer.from(payload).toString('utf8') : null,
    attempts: delivery.map(attemptEntity),
  };
}

function attemptEntity(attempt: Attempt) {
  const { request, response } = attempt;
  return {
    number: attempt.number,
    status: attempt.status,
    redelivery: isRedelivery(attempt),
    started_at: attempt.startedAt,
    duration_ms: attempt.durationMs,
    request: request ? { url: request.url, headers: request.headers } : null,
    response: response
      ? {
          status: response.status,
          headers: response.headers,
          body: Buffer.from(response.body).toString('utf8'),
          truncated: response.truncated,
        }
      : null,
    error: attempt.error ?? null,
    next_attempt_at: attempt.nextAttemptAt ?? null,
  };
}

function lastResponse(attempt: Attempt) {
  return {
    code: attempt.response?.status ?? null,
    duration: attempt.durationMs * NS_PER_MS,
    error: attempt.error?.message ?? null,
    created_at: attempt.startedAt,
  };
}

type NamespaceEntity = ReturnType<typeof namespaceFields> & { readonly parent: NamespaceEntity | null };

/** What the API shows of a namespace, with its parents up to the root (contract, section 2). Builds are not kept here. */
export function namespaceEntity(namespace: Namespace, origin: string): NamespaceEntity {
  const parent = namespace.parent ? namespaceEntity(namespace.parent, origin) : null;
  return { ...namespaceFields(namespace, origin), parent };
}

function namespaceFields(namespace: Namespace, origin: string) {
  const url = namespaceUrl(namespace, origin);
  const resources = [
    'builds',
    'namespaces',
    'images',
    'objects',
    'variables',
    'keys',
    'invites',
    'collaborators',
    'webhooks',
  ];
  return {
    id: namespace.id,
    user_id: namespace.owner.id,
    root_id: namespace.rootId,
    parent_id: namespace.parentId ?? null,
    name: namespace.path.split('/').at(-1),
    path: namespace.path,
    description: namespace.description,
    visibility: namespace.visibility,
    created_at: namespace.createdAt,
    url,
    ...Object.fromEntries(resources.map((resource) => [`${resource}_url`, `${url}/-/${resource}`])),
    user: userEntity(namespace.owner),
    build: null,
  };
}

/** What the API shows of a user (contract, section 2). */
export function userEntity(user: User) {
  return { email: user.email, username: user.username, created_at: user.createdAt };
}

function namespaceUrl(namespace: Namespace, origin: string): string {
  return `${origin}/n/${namespace.owner.username}/${namespace.path}`;
}
