import * as v from 'valibot';
import { EVENT_TYPES, type EventType } from './catalogue.ts';
import { type DestinationPolicy, PAYLOAD_URL_TOO_LONG } from './destination.ts';
import { ValidationError } from './errors.ts';
import { type JsonObject, readFields } from './fields.ts';
import {
  PAYLOAD_URL_MAX_CHARACTERS,
  SECRET_MAX_BYTES,
  SECRET_OVERLAP_DEFAULT_SECONDS,
  SECRET_OVERLAP_MAX_SECONDS,
} from './limits.ts';
import type { Webhook } from './webhook.ts';

/** What a user says of a new webhook, checked and with the defaults filled in. */
export type WebhookDraft = Pick<Webhook, 'payloadUrl' | 'ssl' | 'active' | 'events'> & {
  readonly secret?: string | undefined;
};

/** What a user changes of a webhook: what is absent keeps its value. A secret of null is one that is removed. */
export type WebhookChange = Partial<Pick<Webhook, 'payloadUrl' | 'ssl' | 'active' | 'events'>> & {
  readonly secret?: NewSecret | null | undefined;
};

/** A secret in place of the one that there is, and how long that one goes on signing. */
export type NewSecret = { readonly text: string; readonly overlapSeconds: number };

type Received = { readonly received: string };

const eventType = v.picklist(EVENT_TYPES, ({ received }: Received) => `Unknown event ${received.slice(0, 80)}`);

/** Whether a text is of whole characters: JSON may say half of one. */
export function isWellFormed(text: string): boolean {
  return text.isWellFormed();
}

const fields = {
  secret: v.nullish(
    v.pipe(
      v.string('Secret must be a string'),
      v.maxBytes(SECRET_MAX_BYTES, `Secret must be at most ${SECRET_MAX_BYTES} bytes`),
      // Half of one is sealed as another character, and would not be the same secret when it is named again.
      v.check(isWellFormed, 'Secret must be of whole characters'),
      v.description(`What deliveries are signed with, at most ${SECRET_MAX_BYTES} bytes. Empty counts as omitted.`),
    ),
  ),
  ssl: v.nullish(
    v.pipe(
      v.boolean('SSL must be true or false'),
      v.description("Whether the receiver's certificate must be good. True needs https, and is what https has."),
    ),
  ),
  active: v.nullish(
    v.pipe(v.boolean('Active must be true or false'), v.description('Whether it is called. True for a new one.')),
  ),
  events: v.nullish(
    v.pipe(
      v.array(eventType, 'Events must be an array of event types'),
      v.description('The types that it is called for. None named is all, those of later releases included.'),
    ),
  ),
};

const payloadUrl = v.pipe(
  v.string(({ received }: Received) =>
    received === 'null' ? 'Payload URL is required' : 'Payload URL must be a string',
  ),
  v.nonEmpty('Payload URL is required'),
  v.maxLength(PAYLOAD_URL_MAX_CHARACTERS, PAYLOAD_URL_TOO_LONG),
  v.description('An http or https URL of a public address. It is what no other webhook of the namespace has.'),
);

/** The body of a request that creates a webhook; null counts as omitted. */
export const WebhookDraftSchema = v.object({ ...fields, payload_url: payloadUrl }, 'Payload URL is required');

const OVERLAP = `Secret overlap must be a whole number of seconds from 0 to ${SECRET_OVERLAP_MAX_SECONDS}`;

/** The body of a request that changes a webhook; null counts as omitted. */
export const WebhookChangeSchema = v.object({
  ...fields,
  payload_url: v.nullish(payloadUrl),
  remove_secret: v.nullish(
    v.pipe(
      v.boolean('Remove secret must be true or false'),
      v.description('Removes the secret, in place of `secret`.'),
    ),
  ),
  secret_overlap_seconds: v.nullish(
    v.pipe(
      v.number(OVERLAP),
      v.integer(OVERLAP),
      v.minValue(0, OVERLAP),
      v.maxValue(SECRET_OVERLAP_MAX_SECONDS, OVERLAP),
      v.description(
        `How long the secret that \`secret\` replaces still signs \`webhook-signature\`, up to ${SECRET_OVERLAP_MAX_SECONDS} (7 days). ${SECRET_OVERLAP_DEFAULT_SECONDS} (a day) where it is omitted; 0 ends it at once.`,
      ),
    ),
  ),
});

/** The body of a request that tries a webhook out. */
export const WebhookPingSchema = v.object(
  {
    event: v.picklist(EVENT_TYPES, ({ received }: Received) => {
      if (received === 'null' || received === '""') return 'Event is required';
      return received.startsWith('"') ? `Unknown event ${received.slice(0, 80)}` : 'Event must be an event type';
    }),
  },
  'Event is required',
);

/**
 * Reads the body of a request that creates a webhook. Null counts as omitted, and an empty secret as none: clients that
 * write every field write those. Throws ValidationError with every sentence about every field.
 */
export function parseWebhookDraft(body: JsonObject, policy: DestinationPolicy): WebhookDraft {
  const { payload_url: url, secret, ssl, active, events } = readFields(WebhookDraftSchema, body);
  const isHttps = checkedUrl(url, policy).protocol === 'https:';
  refuseSslWithHttp(ssl ?? false, isHttps);
  return {
    payloadUrl: url,
    ssl: ssl ?? isHttps,
    active: active ?? true,
    events: inOrder(events ?? []),
    secret: secret || undefined,
  };
}

/**
 * Reads the body of a request that changes a webhook. Null counts as omitted, and so does an empty secret: to have none,
 * `remove_secret` says so. An empty list of events means all. Where the URL goes from http to https or back and nothing is said of
 * `ssl`, that is as for a new webhook: the old value was about another scheme. Throws ValidationError as above, for what the webhook
 * would become, too.
 */
export function parseWebhookChange(body: JsonObject, current: Webhook, policy: DestinationPolicy): WebhookChange {
  const { payload_url: url, ...rest } = readFields(WebhookChangeSchema, body);
  const before = new URL(current.payloadUrl);
  const after = url == null ? before : checkedUrl(url, policy);
  const isHttps = after.protocol === 'https:';
  const ssl = rest.ssl ?? (after.protocol === before.protocol ? undefined : isHttps);
  refuseSslWithHttp(ssl ?? current.ssl, isHttps);
  return {
    ...(url == null ? {} : { payloadUrl: url }),
    ...(ssl === undefined ? {} : { ssl }),
    ...(rest.active == null ? {} : { active: rest.active }),
    ...(rest.events == null ? {} : { events: inOrder(rest.events) }),
    ...secretChange(rest),
  };
}

/**
 * Whether nothing counts any more that is known of the receiver's health: for another receiver, and where a user says whether the
 * webhook is active, which is to begin anew.
 */
export function startsOver(current: Webhook, { active, payloadUrl }: WebhookChange): boolean {
  return active !== undefined || (payloadUrl !== undefined && payloadUrl !== current.payloadUrl);
}

/** Reads the body of a request that tries a webhook out: the type of the event. Throws ValidationError. */
export function parsePing(body: JsonObject): EventType {
  return readFields(WebhookPingSchema, body).event;
}

function secretChange({
  secret,
  remove_secret: isRemoved,
  secret_overlap_seconds: overlapSeconds,
}: Pick<v.InferOutput<typeof WebhookChangeSchema>, 'secret' | 'remove_secret' | 'secret_overlap_seconds'>): Pick<
  WebhookChange,
  'secret'
> {
  if (isRemoved && secret) {
    throw new ValidationError({ remove_secret: ['Send either a secret or remove_secret, not both'] });
  }
  if (secret) return { secret: { text: secret, overlapSeconds: overlapSeconds ?? SECRET_OVERLAP_DEFAULT_SECONDS } };
  if (overlapSeconds != null) {
    throw new ValidationError({ secret_overlap_seconds: ['Secret overlap needs the secret that replaces the other'] });
  }
  return isRemoved ? { secret: null } : {};
}

function checkedUrl(text: string, policy: DestinationPolicy): URL {
  const destination = policy.checkUrl(text);
  if (destination.kind === 'refused') throw new ValidationError({ payload_url: [destination.reason] });
  return destination.url;
}

function refuseSslWithHttp(ssl: boolean, isHttps: boolean): void {
  if (ssl && !isHttps) throw new ValidationError({ ssl: ['SSL needs a payload URL that begins with https://'] });
}

function inOrder(events: Webhook['events']): Webhook['events'] {
  return EVENT_TYPES.filter((type) => events.includes(type));
}
