import type { AttemptKey, DeliveryStatus } from './delivery.ts';
import { AUDIT_MISSING_AFTER_HOURS, AUDIT_VIOLATIONS_SHOWN_MAX, DELIVERY_RETENTION_DAYS } from './limits.ts';

/** An attempt as the audit judges it. */
export type AuditedAttempt = Pick<AttemptKey, 'number' | 'firstOfRun'> & {
  readonly status: DeliveryStatus;
  /** When its successor is due, or where it is held in the order; undefined where the index of what is due does not have it, so that nobody will. */
  readonly nextAttemptAt?: string | undefined;
};

/** A delivery as the audit judges it: what an event's verdict promises, and its attempts, first to last. */
export type AuditedDelivery = {
  readonly deliveryId: string;
  readonly webhookId: number;
  readonly eventId: string;
  readonly eventReceivedAt: string;
  readonly attempts: readonly AuditedAttempt[];
};

/**
 * Where a delivery stands: as its last attempt says; `queued` before the first one; `missing` where that has not come for
 * hours; `stuck` where a next attempt is promised and nobody will make it.
 */
export const STANDINGS = ['succeeded', 'dead', 'cancelled', 'retrying', 'held', 'queued', 'missing', 'stuck'] as const;
export type AuditStanding = (typeof STANDINGS)[number];

/** What no delivery may be: lost (`missing`, `stuck`), or with a log that tells no possible story. */
export type ViolationKind = 'missing' | 'stuck' | 'succeeded_twice' | 'gap' | 'after_cancelled';
export type Violation = Pick<AuditedDelivery, 'deliveryId' | 'webhookId' | 'eventId'> & {
  readonly kind: ViolationKind;
};

/** What an audit has found so far: bounded, however many deliveries it has seen. */
export type AuditReport = {
  readonly events: number;
  /** Deliveries that the verdicts on these events promise: the sum of `counts`. */
  readonly matching: number;
  readonly counts: Readonly<Record<AuditStanding, number>>;
  /** Deliveries of events so old that the log need not have them any more: not among the matching. */
  readonly expired: number;
  /** When the longest waiting of the queued deliveries' events came, and when the first of the retrying ones is due. */
  readonly oldestQueuedAt?: string | undefined;
  readonly oldestDueAt?: string | undefined;
  readonly violationCount: number;
  /** The first of the violations. */
  readonly violations: readonly Violation[];
};

const HOUR_MS = 60 * 60 * 1000;
const RETENTION_MS = DELIVERY_RETENTION_DAYS * 24 * HOUR_MS;

/** The report on nothing. */
export const EMPTY_REPORT: AuditReport = {
  events: 0,
  matching: 0,
  counts: { succeeded: 0, dead: 0, cancelled: 0, retrying: 0, held: 0, queued: 0, missing: 0, stuck: 0 },
  expired: 0,
  violationCount: 0,
  violations: [],
};

/** Where a delivery stands; undefined where its log may have expired. */
export function standingOf(delivery: AuditedDelivery, nowMs: number): AuditStanding | undefined {
  const last = delivery.attempts.at(-1);
  if (last !== undefined) return isPending(last) && last.nextAttemptAt === undefined ? 'stuck' : last.status;
  const ageMs = nowMs - Date.parse(delivery.eventReceivedAt);
  if (ageMs >= RETENTION_MS) return undefined;
  return ageMs >= AUDIT_MISSING_AFTER_HOURS * HOUR_MS ? 'missing' : 'queued';
}

function isPending({ status }: AuditedAttempt): boolean {
  return status === 'retrying' || status === 'held';
}

/** What of a delivery violates the law, each kind once. */
function violationsOf(delivery: AuditedDelivery, nowMs: number): ViolationKind[] {
  const standing = standingOf(delivery, nowMs);
  const { attempts } = delivery;
  return [
    ...(standing === 'missing' || standing === 'stuck' ? [standing] : []),
    ...(succeededTwice(attempts) ? ['succeeded_twice' as const] : []),
    ...(hasGap(delivery, nowMs) ? ['gap' as const] : []),
    ...(goesOnAfterCancel(attempts) ? ['after_cancelled' as const] : []),
  ];
}

/** The report with one more delivery in it. */
export function withDelivery(report: AuditReport, delivery: AuditedDelivery, nowMs: number): AuditReport {
  const standing = standingOf(delivery, nowMs);
  if (standing === undefined) return { ...report, expired: report.expired + 1 };
  const { deliveryId, webhookId, eventId } = delivery;
  const found = violationsOf(delivery, nowMs).map((kind) => ({ kind, deliveryId, webhookId, eventId }));
  const room = AUDIT_VIOLATIONS_SHOWN_MAX - report.violations.length;
  const dueAt = standing === 'retrying' ? delivery.attempts.at(-1)?.nextAttemptAt : undefined;
  return {
    ...report,
    matching: report.matching + 1,
    counts: { ...report.counts, [standing]: report.counts[standing] + 1 },
    oldestQueuedAt:
      standing === 'queued' ? earlier(report.oldestQueuedAt, delivery.eventReceivedAt) : report.oldestQueuedAt,
    oldestDueAt: dueAt === undefined ? report.oldestDueAt : earlier(report.oldestDueAt, dueAt),
    violationCount: report.violationCount + found.length,
    violations: room > 0 ? [...report.violations, ...found.slice(0, room)] : report.violations,
  };
}

function earlier(a: string | undefined, b: string): string {
  return a !== undefined && a < b ? a : b;
}

/** A run ends with its first success. */
function succeededTwice(attempts: readonly AuditedAttempt[]): boolean {
  const runs = attempts.filter(({ status }) => status === 'succeeded').map(({ firstOfRun }) => firstOfRun);
  return new Set(runs).size < runs.length;
}

/** Numbers go on by one, from 1, where the first attempts cannot have expired. */
function hasGap({ attempts, eventReceivedAt }: AuditedDelivery, nowMs: number): boolean {
  const numbers = attempts.map(({ number }) => number);
  const mayHaveExpired = nowMs - Date.parse(eventReceivedAt) >= RETENTION_MS;
  const first = mayHaveExpired ? (numbers[0] ?? 1) : 1;
  return numbers.some((number, index) => number !== first + index);
}

/** The one attempt that was under way when its predecessor was cancelled may still be in the log; none follows it. */
function goesOnAfterCancel(attempts: readonly AuditedAttempt[]): boolean {
  return attempts.some(
    ({ status, firstOfRun, number }) =>
      status === 'cancelled' && attempts.some((later) => later.firstOfRun === firstOfRun && later.number > number + 1),
  );
}
