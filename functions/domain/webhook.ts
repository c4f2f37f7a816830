import * as v from 'valibot';
import { EVENT_TYPES, type EventType } from './catalogue.ts';
import type { DestinationPolicy } from './destination.ts';
import { type FieldErrors, ValidationError } from './errors.ts';
import { SECRET_MAX_BYTES } from './limits.ts';

/** A webhook, as it is stored. */
export type Webhook = {
  readonly id: number;
  readonly namespaceId: number;
  readonly authorId: number;
  readonly payloadUrl: string;
  /** Whether the receiver's certificate must be good: see `verifiesCertificate`. */
  readonly ssl: boolean;
  readonly active: boolean;
  /** The types that it subscribes to; empty means all, those of later releases included. */
  readonly events: readonly EventType[];
  /** The secret as ciphertext: only the vault can open it. */
  readonly sealedSecret?: string | undefined;
  readonly createdAt: string;
};

/** What a user says of a new webhook, checked and with the defaults filled in. */
export type WebhookDraft = Pick<Webhook, 'payloadUrl' | 'ssl' | 'active' | 'events'> & {
  readonly secret?: string | undefined;
};

/** Why a webhook of the event's namespace gets a delivery of it, or does not. */
export type Verdict = 'sent' | 'inactive' | 'not_subscribed';

/** The verdict on one webhook of the namespace in which an event of this type happened. */
export function verdictOn(webhook: Webhook, type: EventType): Verdict {
  if (!webhook.active) return 'inactive';
  return webhook.events.length === 0 || webhook.events.includes(type) ? 'sent' : 'not_subscribed';
}

/**
 * What makes two payload URLs the same: a URL's canonical form (WHATWG), without the root's dot behind the host. Throws
 * TypeError for what is no URL.
 */
export function canonicalUrl(payloadUrl: string): string {
  const url = new URL(payloadUrl);
  url.hostname = url.hostname.replace(/\.$/, '');
  return url.href;
}

/** The types that a webhook is called for, as the API and the console show them. */
export function subscribedEvents(webhook: Webhook): readonly EventType[] {
  return webhook.events.length === 0 ? EVENT_TYPES : webhook.events;
}

const createSchema = v.object({
  payload_url: v.pipe(v.nullish(v.string('Payload URL must be a string'), ''), v.nonEmpty('Payload URL is required')),
  secret: v.nullish(
    v.pipe(
      v.string('Secret must be a string'),
      v.maxBytes(SECRET_MAX_BYTES, `Secret must be at most ${SECRET_MAX_BYTES} bytes`),
    ),
  ),
  ssl: v.nullish(v.boolean('SSL must be true or false')),
  active: v.nullish(v.boolean('Active must be true or false')),
  events: v.nullish(
    v.array(
      v.picklist(EVENT_TYPES, (issue) => `Unknown event ${issue.received.slice(0, 80)}`),
      'Events must be an array of event types',
    ),
  ),
});

/**
 * Reads the body of a request that creates a webhook. Null counts as omitted, and an empty secret as none: clients that
 * write every field write those. Throws ValidationError with every sentence about every field.
 */
export function parseWebhookDraft(body: Readonly<Record<string, unknown>>, policy: DestinationPolicy): WebhookDraft {
  const read = v.safeParse(createSchema, body);
  const unknown = Object.keys(body).filter((field) => !Object.hasOwn(createSchema.entries, field));
  if (!read.success || unknown.length > 0) throw new ValidationError(fieldErrors(read.issues ?? [], unknown));
  const { payload_url: payloadUrl, secret, ssl, active, events } = read.output;
  const destination = policy.checkUrl(payloadUrl);
  if (destination.kind === 'refused') throw new ValidationError({ payload_url: [destination.reason] });
  const isHttps = destination.url.protocol === 'https:';
  if (ssl && !isHttps) throw new ValidationError({ ssl: ['SSL needs a payload URL that begins with https://'] });
  return {
    payloadUrl,
    ssl: ssl ?? isHttps,
    active: active ?? true,
    events: EVENT_TYPES.filter((type) => events?.includes(type)),
    secret: secret || undefined,
  };
}

type Issues = readonly { readonly message: string; readonly path?: readonly { readonly key: unknown }[] | undefined }[];

function fieldErrors(issues: Issues, unknown: readonly string[]): FieldErrors {
  const byField = Map.groupBy(issues, (issue) => String(issue.path?.[0]?.key));
  return Object.fromEntries([
    ...[...byField].map(([field, list]) => [field, list.map((issue) => issue.message)] as const),
    ...unknown.map((field) => [field, ['Unknown field']] as const),
  ]);
}
