import * as v from 'valibot';
import { type AttemptKey, DELIVERY_STATUSES, type DeliveryStatus } from './delivery.ts';
import { ValidationError } from './errors.ts';
import { timeOfPosition } from './event.ts';
import { readFields } from './fields.ts';
import { timeOfId } from './id.ts';
import { EVENT_RETENTION_DAYS } from './limits.ts';
import { instantOf, isRfc3339 } from './timestamp.ts';

/** Where a recovery stands: it ends finished, or cancelled, by a user's will or because its webhook takes no deliveries. */
export type RecoveryStatus = 'running' | 'finished' | 'cancelled';

/**
 * What a recovery looks for: deliveries by where they stand; or all that was `missed`: deliveries that stand dead or cancelled, and
 * events that came while the webhook was inactive, which have none yet.
 */
export const RECOVERABLE = [...DELIVERY_STATUSES, 'missed'] as const;
export type Recoverable = (typeof RECOVERABLE)[number];

/** Which deliveries a recovery makes: those of events from `since` until before `until`. The times are instants in UTC. */
export type RecoveryFilter = { readonly since: string; readonly until: string; readonly status: Recoverable };

/** The redelivery, in bulk, of what a webhook's receiver has missed. */
export type Recovery = {
  /** A UUIDv7: recoveries sort by when they were asked for. */
  readonly id: string;
  readonly webhookId: number;
  readonly namespaceId: number;
  readonly status: RecoveryStatus;
  readonly filter: RecoveryFilter;
  /** The id of the last delivery of the log that has been looked at, or one up to which there is no other. */
  readonly cursor?: string | undefined;
  /** Of what was missed: the name of the last event that has been looked at, or a time before which there is no other. */
  readonly eventCursor?: string | undefined;
  readonly deliveriesRead: number;
  readonly deliveriesRedelivered: number;
  /** Why it was cancelled, where no user did it. */
  readonly reason?: string | undefined;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly finishedAt?: string | undefined;
};

/** A delivery as a recovery judges it: its last attempt, how that ended, and when the run that it belongs to began. */
export type Standing = {
  readonly last: AttemptKey;
  readonly status: DeliveryStatus;
  readonly runStartedAt: string;
};

/** Deliveries that a recovery has looked at, how many of them it made, and the cursors behind which the next page begins. */
export type RecoveredPage = {
  readonly read: number;
  readonly redelivered: number;
  readonly last: string | undefined;
  readonly lastEvent?: string | undefined;
};

const sinceMessage = 'Since must be a time such as 2026-11-23T12:00:00Z';
const untilMessage = 'Until must be a time such as 2026-11-23T12:00:00Z';

type Received = { readonly received: string };

/** The body of a request that asks for a recovery. */
export const RecoveryRequestSchema = v.object(
  {
    since: v.pipe(
      v.string(({ received }: Received) => (received === 'null' ? 'Since is required' : sinceMessage)),
      v.check(isRfc3339, ({ received }: Received) => (received === '""' ? 'Since is required' : sinceMessage)),
      v.description('Only deliveries of events from this time on.'),
    ),
    until: v.nullish(
      v.pipe(
        v.string(untilMessage),
        v.check(isRfc3339, untilMessage),
        v.description('Only deliveries of events before this time; now, where it is omitted.'),
      ),
    ),
    status: v.nullish(
      v.pipe(
        v.picklist(RECOVERABLE, `Status must be one of ${RECOVERABLE.join(', ')}`),
        v.description(
          'Which deliveries, by where they stand; dead ones, where it is omitted. `missed`: those that are dead or cancelled, and those of events that came while the webhook was inactive.',
        ),
      ),
    ),
  },
  'Since is required',
);

/**
 * Reads the body of a request that asks for a recovery. Null counts as omitted; `until` is now and `status` is `dead` where
 * they are. Throws ValidationError with what is wrong, by field.
 */
export function parseRecovery(body: Readonly<Record<string, unknown>>, nowMs: number): RecoveryFilter {
  const { since: sinceText, until: untilText, status } = readFields(RecoveryRequestSchema, body);
  const now = new Date(nowMs).toISOString();
  const since = instantOf(sinceText);
  const until = untilText == null ? now : instantOf(untilText);
  if (since === undefined) throw new ValidationError({ since: [sinceMessage] });
  if (until === undefined) throw new ValidationError({ until: [untilMessage] });
  // Instants of one form: as texts they compare as times do.
  if (since >= now) throw new ValidationError({ since: ['Since must be in the past'] });
  if (until > now) throw new ValidationError({ until: ['Until must not be in the future'] });
  if (until <= since) throw new ValidationError({ until: ['Until must be after since'] });
  return { since, until, status: status ?? 'dead' };
}

/**
 * Whether a recovery makes a delivery again. Not one that was begun anew since the recovery was asked for, by it before a crash or
 * by a user: once is enough.
 */
export function isToRecover({ filter, createdAt }: Recovery, { status, runStartedAt }: Standing): boolean {
  const isMeant = filter.status === 'missed' ? status === 'dead' || status === 'cancelled' : status === filter.status;
  return isMeant && runStartedAt < createdAt;
}

/** A recovery after it has looked at some more deliveries. */
export function afterPage<R extends Recovery>(recovery: R, page: RecoveredPage, nowMs: number): R {
  return {
    ...recovery,
    cursor: page.last ?? recovery.cursor,
    eventCursor: page.lastEvent ?? recovery.eventCursor,
    deliveriesRead: recovery.deliveriesRead + page.read,
    deliveriesRedelivered: recovery.deliveriesRedelivered + page.redelivered,
    updatedAt: new Date(nowMs).toISOString(),
  };
}

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * How much of its stretch of time a recovery has behind it, from 0 to 1, in thousandths; 1 only where it is finished. What
 * is older than the log counts for nothing.
 */
export function progressOf({ status, filter, cursor, eventCursor, createdAt }: Recovery): number {
  if (status === 'finished') return 1;
  if (cursor === undefined && eventCursor === undefined) return 0;
  const reachedMs = Math.max(cursor === undefined ? 0 : timeOfId(cursor), timeOfPosition(eventCursor) ?? 0);
  const untilMs = Date.parse(filter.until);
  const fromMs = Math.max(Date.parse(filter.since), Date.parse(createdAt) - EVENT_RETENTION_DAYS * DAY_MS);
  const share = (reachedMs - fromMs) / (untilMs - fromMs);
  return Math.min(Math.max(Math.floor(share * 1000) / 1000, 0), 0.999);
}
