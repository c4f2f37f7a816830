import { createHash } from 'node:crypto';
import type { EventType } from '../domain/catalogue.ts';
import type { PreviousSecret } from '../domain/secret.ts';
import { canonicalUrl, type Pause, type Webhook } from '../domain/webhook.ts';
import { readHealth } from './health-item.ts';
import { type MissedAttribute, readMissedAttribute } from './missed-item.ts';
import { type Item, type Key, sortable } from './table.ts';

/** Where a webhook stands in the table. */
export function webhookKey(namespaceId: number, id: number): Key {
  return { pk: `NAMESPACE#${namespaceId}`, sk: `WEBHOOK#${sortable(id)}` };
}

/** Reads a webhook from its item. */
export function readWebhook(item: Item): Webhook {
  return {
    id: Number(item['id']),
    namespaceId: Number(item['namespace_id']),
    authorId: Number(item['author_id']),
    authorName: item['author_name'] as string | undefined,
    payloadUrl: String(item['payload_url']),
    ssl: item['ssl'] === true,
    active: item['active'] === true,
    events: item['events'] as EventType[],
    sealedSecret: item['sealed_secret'] as string | undefined,
    previousSecret: item['previous_secret'] as PreviousSecret | undefined,
    createdAt: String(item['created_at']),
    pause: readPause(item['pause'] as PauseAttribute | undefined),
    missed: readMissedAttribute(item['missed'] as MissedAttribute | undefined),
    slowPosts: readSlowPosts(item['slow_posts'] as Set<number> | undefined),
    ...readHealth(item),
  };
}

type PauseAttribute = { readonly since_ms: number; readonly until_ms: number };

function readPause(pause: PauseAttribute | undefined): Pause | undefined {
  return pause && { sinceMs: pause.since_ms, untilMs: pause.until_ms };
}

function readSlowPosts(deadlines: Set<number> | undefined): readonly number[] | undefined {
  return deadlines && [...deadlines];
}

/** Writes a new webhook as its item. */
export function webhookItem(webhook: Webhook): Item {
  return {
    ...webhookKey(webhook.namespaceId, webhook.id),
    v: 1,
    id: webhook.id,
    namespace_id: webhook.namespaceId,
    author_id: webhook.authorId,
    author_name: webhook.authorName,
    payload_url: webhook.payloadUrl,
    ssl: webhook.ssl,
    active: webhook.active,
    events: webhook.events,
    sealed_secret: webhook.sealedSecret,
    created_at: webhook.createdAt,
  };
}

/** As much of a webhook as its URL's item is made of. */
type UrlOwner = Pick<Webhook, 'id' | 'namespaceId' | 'payloadUrl'>;

/** Writes that a webhook's namespace has its URL. */
export function urlItem(webhook: UrlOwner): Item {
  return { ...urlKey(webhook), webhook_id: webhook.id };
}

/** Where a webhook's URL stands in the table: once in its namespace. */
export function urlKey({ namespaceId, payloadUrl }: UrlOwner): Key {
  const hash = createHash('sha256').update(canonicalUrl(payloadUrl)).digest('hex');
  return { pk: `NAMESPACE#${namespaceId}`, sk: `URL#${hash}` };
}
