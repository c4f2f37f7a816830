import type { EventType } from './catalogue.ts';
import type { AttemptConnection } from './connection.ts';
import { deliveryId } from './id.ts';
import { retryDelayMs } from './schedule.ts';

/** Which attempt of which delivery: all that a message of the deliveries queue says. Payloads and secrets stay in the table. */
export type AttemptKey = {
  readonly deliveryId: string;
  readonly webhookId: number;
  readonly namespaceId: number;
  readonly eventId: string;
  readonly eventCreatedAt: string;
  readonly eventType: EventType;
  /** From 1, and never the same twice in one delivery. */
  readonly number: number;
  /** The number of the attempt that this run of them began with: 1, or that of a redelivery. The schedule counts from it. */
  readonly firstOfRun: number;
  /** Whether the event never happened: a user asked for it, to try a webhook out. */
  readonly isTest?: boolean | undefined;
  /** Whether it is to be made though the webhook's circuit is open: to find out whether the receiver is well again. */
  readonly isProbe?: boolean | undefined;
  /** Whether it is held, and to be made now. Other messages of one that is held leave it to whoever releases it. */
  readonly isReleased?: boolean | undefined;
};

/**
 * Where a delivery stands after an attempt; or `held`, where the attempt is still to be made, once its webhook sends again. A delivery
 * that no attempt has been made of, and that is not held, has no status yet: its message is in the queue.
 */
export const DELIVERY_STATUSES = ['succeeded', 'retrying', 'held', 'dead', 'cancelled'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** Why a delivery is held. */
export const HOLD_REASONS = ['paused', 'circuit_open', 'busy', 'unsigned'] as const;

/** What went wrong, for machines. The sentence beside it is for people. */
export const ATTEMPT_ERROR_CLASSES = [
  'status',
  'redirect',
  'timeout',
  'dns',
  'connection',
  'tls',
  'protocol',
  'blocked',
  'webhook_gone',
  'webhook_inactive',
  'payload_gone',
  ...HOLD_REASONS,
  'internal',
] as const;
export type AttemptErrorClass = (typeof ATTEMPT_ERROR_CLASSES)[number];

export type AttemptError = { readonly class: AttemptErrorClass; readonly message: string };

/**
 * Header names and values; a name may come more than once. Those of a request in the order in which they were sent; those
 * of a response in lower case, each name's values together.
 */
export type HeaderList = readonly (readonly [string, string])[];

export type AttemptRequest = { readonly url: string; readonly headers: HeaderList };

export type AttemptResponse = {
  readonly status: number;
  readonly headers: HeaderList;
  /** The first bytes of the body, as they came. */
  readonly body: Uint8Array;
  /** Whether the body had more than what was kept. */
  readonly truncated: boolean;
};

/** One attempt of a delivery, as the log keeps it. The request's body is the event's payload. */
export type Attempt = AttemptKey & {
  readonly status: DeliveryStatus;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly request?: AttemptRequest | undefined;
  readonly response?: AttemptResponse | undefined;
  readonly error?: AttemptError | undefined;
  readonly connection?: AttemptConnection | undefined;
  /** When the next attempt is due; only where the status is `retrying`. */
  readonly nextAttemptAt?: string | undefined;
};

/** Whether an attempt was asked for by a user, or follows one that was. */
export function isRedelivery(key: AttemptKey): boolean {
  return key.firstOfRun > 1;
}

/** Which attempt of its run an attempt is, from 1: what the schedule goes by. */
export function numberInRun(key: AttemptKey): number {
  return key.number - key.firstOfRun + 1;
}

/** The first attempt of an event's delivery to a webhook. */
export function firstAttempt(
  event: { readonly id: string; readonly createdAt: string; readonly type: EventType; readonly namespaceId: number },
  webhookId: number,
): AttemptKey {
  return {
    deliveryId: deliveryId(event, webhookId),
    webhookId,
    namespaceId: event.namespaceId,
    eventId: event.id,
    eventCreatedAt: event.createdAt,
    eventType: event.type,
    number: 1,
    firstOfRun: 1,
  };
}

/** The attempt that follows when this one has failed. */
export function nextAttempt(key: AttemptKey): AttemptKey {
  return { ...key, number: key.number + 1, isProbe: undefined, isReleased: undefined };
}

/** The attempt that a user's redelivery makes of a delivery: the next one, or the one that is held. It begins a run. */
export function redeliveryOf(last: AttemptKey & Pick<Attempt, 'status'>): AttemptKey {
  const isReleased = last.status === 'held';
  const number = isReleased ? last.number : last.number + 1;
  return { ...last, number, firstOfRun: number, isReleased };
}

/** A delivery: its attempts, first to last, never none. */
export type Delivery = readonly [Attempt, ...Attempt[]];

/** An attempt without what was sent and answered, and a delivery of such: what lists show, and are filtered by. */
export type AttemptSummary = Omit<Attempt, 'request' | 'response' | 'connection'> & {
  readonly response?: Pick<AttemptResponse, 'status'> | undefined;
};
export type DeliverySummary = readonly [AttemptSummary, ...AttemptSummary[]];

/** What one POST came to: a response, an error, or both, where the reply broke off after its head. */
export type PostOutcome = {
  readonly response?: AttemptResponse | undefined;
  readonly error?: AttemptError | undefined;
  readonly connection?: AttemptConnection | undefined;
};

/** The clock's readings around a POST, and a random number in [0, 1) for the jitter. */
export type Circumstances = {
  readonly startedMs: number;
  readonly endedMs: number;
  readonly random: number;
  /** Whether a 410 is its webhook's no longer. */
  readonly isOutdated?: boolean;
};

/**
 * What an attempt's outcome means for its delivery: succeeded on any 2xx, even one whose body then broke off; cancelled on 410
 * Gone, for the receiver asks for no more, like all that its webhook still waits for; else, and where that webhook has left the receiver,
 * retrying while the schedule has a delay left, and dead when it has none. `attemptNumber` counts in the attempt's run.
 */
export function conclude(outcome: PostOutcome, attemptNumber: number, circumstances: Circumstances): Conclusion {
  const { startedMs, endedMs, random, isOutdated = false } = circumstances;
  const times = { startedAt: new Date(startedMs).toISOString(), durationMs: Math.max(0, endedMs - startedMs) };
  const { response } = outcome;
  if (response !== undefined && response.status >= 200 && response.status < 300) {
    return { ...times, status: 'succeeded', response };
  }
  const error = outcome.error ?? statusError(response?.status ?? 0);
  if (isGone(outcome) && !isOutdated) return { ...times, status: 'cancelled', response, error };
  const reply = response && { status: response.status, retryAfter: headerValue(response.headers, 'retry-after') };
  const delayMs = retryDelayMs({ attemptNumber, random, nowMs: endedMs, reply });
  if (delayMs === undefined) return { ...times, status: 'dead', response, error };
  return { ...times, status: 'retrying', response, error, nextAttemptAt: new Date(endedMs + delayMs).toISOString() };
}

export type Conclusion = Pick<Attempt, 'status' | 'startedAt' | 'durationMs' | 'response' | 'error' | 'nextAttemptAt'>;

const GONE = 410;

/** Whether a receiver asks for no more. */
export function isGone({ response }: PostOutcome): boolean {
  return response?.status === GONE;
}

function statusError(status: number): AttemptError {
  if (status === GONE) return { class: 'status', message: 'The receiver answered 410 Gone: it asks for no more' };
  if (status >= 300 && status < 400) {
    return { class: 'redirect', message: `The receiver answered ${status}: redirects are not followed` };
  }
  return { class: 'status', message: `The receiver answered ${status}` };
}

function headerValue(headers: HeaderList, name: string): string | undefined {
  return headers.find(([key]) => key.toLowerCase() === name)?.[1];
}
