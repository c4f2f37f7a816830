import type { WebhookView } from '../../actions/webhooks.ts';
import type { Attempt } from '../../domain/delivery.ts';
import { circuitState, isPaused } from '../../domain/hold.ts';
import { offerOf } from '../../domain/missed.ts';
import type { Namespace, User } from '../../domain/namespace.ts';
import { subscribedEvents, type Webhook } from '../../domain/webhook.ts';
import type { NamespaceEntity, UserEntity, WebhookEntity } from './schemas.ts';

/** Milliseconds are what is measured; the contract's `duration` counts nanoseconds. */
const NS_PER_MS = 1_000_000;

/** What the API shows of a webhook (contract, section 4). Never its secret: only whether it has one. */
export function webhookEntity(
  { webhook, lastAttempt, atMs }: WebhookView,
  namespace: Namespace,
  base: string,
): WebhookEntity {
  const { health: { failing } = {}, deactivation } = webhook;
  const offered = offerOf(webhook, atMs);
  return {
    id: webhook.id,
    author_id: webhook.authorId,
    user_id: namespace.owner.id,
    namespace_id: namespace.id,
    payload_url: webhook.payloadUrl,
    ssl: webhook.ssl,
    has_secret: webhook.sealedSecret !== undefined,
    previous_secret_until: webhook.previousSecret?.until ?? null,
    events: [...subscribedEvents(webhook)],
    active: webhook.active,
    failing_since: failing ? new Date(failing.sinceMs).toISOString() : null,
    deactivation: deactivation
      ? { reason: deactivation.reason, at: deactivation.at, message: deactivation.message }
      : null,
    missed_since: offered ? new Date(offered.sinceMs).toISOString() : null,
    paused_until: webhook.pause && isPaused(webhook, atMs) ? new Date(webhook.pause.untilMs).toISOString() : null,
    circuit_breaker: circuitBreaker(webhook, atMs),
    url: webhookUrl(namespace, webhook.id, base),
    namespace: namespaceEntity(namespace, base),
    last_response: lastAttempt ? lastResponse(lastAttempt) : null,
    created_at: webhook.createdAt,
  };
}

function circuitBreaker(webhook: Webhook, atMs: number) {
  const { breaker } = webhook.health ?? {};
  return {
    state: circuitState(webhook, atMs),
    opened_at: breaker ? new Date(breaker.openedMs).toISOString() : null,
    next_probe_at: breaker ? new Date(breaker.probeAtMs).toISOString() : null,
  };
}

/** The API URL of a webhook. */
export function webhookUrl(namespace: Namespace, webhookId: number, base: string): string {
  return `${namespaceUrl(namespace, base)}/-/webhooks/${webhookId}`;
}

function lastResponse(attempt: Attempt) {
  return {
    code: attempt.response?.status ?? null,
    duration: attempt.durationMs * NS_PER_MS,
    error: attempt.error?.message ?? null,
    created_at: attempt.startedAt,
  };
}

/** What the API shows of a namespace, with its parents up to the root (contract, section 2). Builds are not kept here. */
export function namespaceEntity(namespace: Namespace, base: string): NamespaceEntity {
  const url = namespaceUrl(namespace, base);
  return {
    id: namespace.id,
    user_id: namespace.owner.id,
    root_id: namespace.rootId,
    parent_id: namespace.parentId ?? null,
    name: namespace.path.split('/').at(-1) ?? '',
    path: namespace.path,
    description: namespace.description,
    visibility: namespace.visibility,
    created_at: namespace.createdAt,
    url,
    builds_url: `${url}/-/builds`,
    namespaces_url: `${url}/-/namespaces`,
    images_url: `${url}/-/images`,
    objects_url: `${url}/-/objects`,
    variables_url: `${url}/-/variables`,
    keys_url: `${url}/-/keys`,
    invites_url: `${url}/-/invites`,
    collaborators_url: `${url}/-/collaborators`,
    webhooks_url: `${url}/-/webhooks`,
    user: userEntity(namespace.owner),
    parent: namespace.parent ? namespaceEntity(namespace.parent, base) : null,
    build: null,
  };
}

/** What the API shows of a user (contract, section 2). */
export function userEntity(user: User): UserEntity {
  return { email: user.email, username: user.username, created_at: user.createdAt };
}

/** The API URL of a namespace. */
export function namespaceUrl(namespace: Namespace, base: string): string {
  return `${base}/n/${namespace.owner.username}/${namespace.path}`;
}
