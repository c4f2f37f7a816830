import {
  type AuditedAttempt,
  type AuditedDelivery,
  type AuditReport,
  EMPTY_REPORT,
  standingOf,
  withDelivery,
} from '../domain/audit.ts';
import { deliveryId } from '../domain/id.ts';
import { PAGE_MAX_ROWS } from '../domain/limits.ts';
import type { Cursor } from '../domain/page.ts';
import type { AttemptStore } from '../store/attempts.ts';
import type { EventStore, EventSummary } from '../store/events.ts';

export type AuditDeps = {
  readonly events: Pick<EventStore, 'page'>;
  readonly attempts: Pick<AttemptStore, 'forAudit'>;
  readonly now: () => number;
};

/** What to audit: the events of a namespace from `sinceMs` until before `untilMs`; without an end where that is undefined. */
export type AuditRange = {
  readonly namespaceId: number;
  readonly sinceMs: number;
  readonly untilMs?: number | undefined;
};

/** Who is told of an audit as it goes on: of each delivery, and of how many events have been looked at. */
export type AuditListener = {
  readonly onDelivery?: (delivery: AuditedDelivery) => void;
  readonly onProgress?: (events: number) => void;
};

/**
 * Holds the log against the law: every delivery that the verdict on an event promises has succeeded, is dead, cancelled, or
 * still to come. Reads only, a page of events at a time, newest first, and of each page one webhook's attempts after the other.
 */
export async function audit(deps: AuditDeps, range: AuditRange, listener: AuditListener = {}): Promise<AuditReport> {
  let report = EMPTY_REPORT;
  for await (const events of pages(deps, range)) {
    for await (const delivery of promised(deps, events)) {
      listener.onDelivery?.(delivery);
      report = withDelivery(report, delivery, deps.now());
    }
    report = { ...report, events: report.events + events.length };
    listener.onProgress?.(report.events);
  }
  return report;
}

async function* pages(deps: AuditDeps, { namespaceId, sinceMs, untilMs }: AuditRange): AsyncGenerator<EventSummary[]> {
  // Events are named by time first: a bare time stands before all events of that time.
  let cursor: Cursor | undefined =
    untilMs === undefined ? undefined : { direction: 'after', position: new Date(untilMs).toISOString() };
  do {
    const { rows, next } = await deps.events.page(namespaceId, { cursor, limit: PAGE_MAX_ROWS, nowMs: deps.now() });
    const inRange = rows.filter(({ createdAt }) => Date.parse(createdAt) >= sinceMs);
    if (inRange.length > 0) yield inRange;
    cursor = inRange.length === rows.length ? next : undefined;
  } while (cursor !== undefined);
}

/**
 * The deliveries that a page of events promises, each with its attempts: those that were sent, and those that were recovered of webhooks which
 * were inactive, once these have an attempt.
 */
async function* promised(deps: AuditDeps, events: readonly EventSummary[]): AsyncGenerator<AuditedDelivery> {
  const times = events.map(({ createdAt }) => Date.parse(createdAt));
  // Ids of deliveries carry their events' time: one webhook's deliveries of these events stand side by side.
  const stretch = { sinceMs: Math.min(...times), untilMs: Math.max(...times) + 1, nowMs: deps.now() };
  const webhookIds = new Set(events.flatMap(({ verdicts: { sent = [], inactive = [] } }) => [...sent, ...inactive]));
  for (const webhookId of webhookIds) {
    const possible = events.filter(
      ({ verdicts: { sent, inactive } }) => sent?.includes(webhookId) || inactive?.includes(webhookId),
    );
    const attempts = new Map<string, AuditedAttempt[]>(possible.map((event) => [deliveryId(event, webhookId), []]));
    for await (const attempt of deps.attempts.forAudit(webhookId, stretch))
      attempts.get(attempt.deliveryId)?.push(attempt);
    for (const event of possible) {
      const id = deliveryId(event, webhookId);
      const { id: eventId, receivedAt: eventReceivedAt } = event;
      const delivery = { deliveryId: id, webhookId, eventId, eventReceivedAt, attempts: attempts.get(id) ?? [] };
      if (isPromised(event, delivery, deps.now())) yield delivery;
    }
  }
}

function isPromised({ verdicts, isTest }: EventSummary, delivery: AuditedDelivery, nowMs: number): boolean {
  if (delivery.attempts.length > 0) return true;
  // Whoever asked for a test that was never sent was told so: nothing of theirs is lost.
  if (isTest && standingOf(delivery, nowMs) === 'missing') return false;
  return verdicts.sent?.includes(delivery.webhookId) ?? false;
}
