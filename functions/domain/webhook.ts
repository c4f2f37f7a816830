import { EVENT_TYPES, type EventType } from './catalogue.ts';
import type { Deactivation, Health } from './health.ts';
import type { PreviousSecret } from './secret.ts';

/** That a user has paused a webhook: until then nothing is sent, and all of its deliveries are held. */
export type Pause = { readonly sinceMs: number; readonly untilMs: number };

/** What a webhook missed while it was inactive, from when a user has said that on. The times are milliseconds of the epoch. */
export type Missed = {
  /** Events from then on may have been missed: see `domain/missed.ts`. */
  readonly sinceMs: number;
  /** When it was activated again; undefined until it is. */
  readonly untilMs?: number | undefined;
  /** Whether a recovery of it has begun: then it is not offered any more. */
  readonly isAsked?: boolean | undefined;
};

/** A webhook, as it is stored. */
export type Webhook = {
  readonly id: number;
  readonly namespaceId: number;
  readonly authorId: number;
  /** Who created it, by name; undefined for one of before the name was kept. */
  readonly authorName?: string | undefined;
  readonly payloadUrl: string;
  /** Whether the receiver's certificate must be good. It must be, whatever stands here, where a deployment does not let users do without. */
  readonly ssl: boolean;
  readonly active: boolean;
  /** The types that it subscribes to; empty means all, those of later releases included. */
  readonly events: readonly EventType[];
  /** The secret as ciphertext: only the vault can open it. */
  readonly sealedSecret?: string | undefined;
  /** The secret that this one has replaced, where it still signs or did until lately. */
  readonly previousSecret?: PreviousSecret | undefined;
  readonly createdAt: string;
  /** How its receiver does; undefined where nothing ever was to be said of it. */
  readonly health?: Health | undefined;
  /** Counts the changes after which what was judged of its health has to be judged again. */
  readonly healthRevision?: number | undefined;
  /** Why the service has deactivated it; undefined for one that is active, or that a user has deactivated. */
  readonly deactivation?: Deactivation | undefined;
  /** What it missed while it was inactive; of a deactivation by the service only once a user has changed that. */
  readonly missed?: Missed | undefined;
  /** A user's pause; it may be over. */
  readonly pause?: Pause | undefined;
  /** The deadlines, in milliseconds of the epoch, of POSTs to it that take long; those that have passed count no more. */
  readonly slowPosts?: readonly number[] | undefined;
};

/** Why a webhook of the event's namespace gets a delivery of it, or does not. */
export type Verdict = 'sent' | 'inactive' | 'not_subscribed';

/** The ids of a namespace's webhooks by the verdict on them. */
export type Verdicts = Readonly<Partial<Record<Verdict, readonly number[]>>>;

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

/** Whether a payload URL is one of https. A scheme may be in capitals, and is stored as it was typed. */
export function isHttps({ payloadUrl }: Pick<Webhook, 'payloadUrl'>): boolean {
  return /^https:/i.test(payloadUrl);
}

/** The types that a webhook is called for, as the API and the console show them. */
export function subscribedEvents(webhook: Webhook): readonly EventType[] {
  return webhook.events.length === 0 ? EVENT_TYPES : webhook.events;
}
