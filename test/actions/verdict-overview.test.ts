import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EventSummary, listEvents, showEvent } from '../../functions/actions/events.ts';
import { verdictOverview } from '../../functions/actions/verdict-overview.ts';
import type { Attempt } from '../../functions/domain/delivery.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import type { Verdicts } from '../../functions/domain/webhook.ts';
import { failedAttempt } from '../support/attempt.ts';
import { countCalls } from '../support/calls.ts';
import { type Deployment, deploy } from '../support/deployment.ts';

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy();
});
afterAll(() => deployment.stop());

const deps = () => ({
  attempts: deployment.attempts,
  events: deployment.events,
  now: () => deployment.clock.nowMs,
});

/** An event with these verdicts, and nothing else of note. */
function eventWith(verdicts: Verdicts): EventSummary {
  return {
    namespaceId: deployment.namespace.id,
    id: randomUUID(),
    createdAt: '2026-11-23T11:59:59.000Z',
    type: 'cron',
    receivedAt: '2026-11-23T12:00:00.000Z',
    payloadBytes: 10,
    isTest: false,
    verdicts,
  };
}

async function record(event: EventSummary, webhookId: number, ...attempts: readonly Partial<Attempt>[]): Promise<void> {
  const of = { webhookId, deliveryId: deliveryId(event, webhookId), namespaceId: event.namespaceId };
  await deployment.attempts.record(
    attempts.map((attempt, index) => ({ attempt: failedAttempt({ ...of, number: index + 1, ...attempt }) })),
  );
}

const done = { status: 'succeeded', nextAttemptAt: undefined } as const;
const dead = { status: 'dead', nextAttemptAt: undefined } as const;

it('says of each event what became of it for every webhook, by the last attempt', async () => {
  const event = eventWith({ sent: [101, 102, 103, 104, 105, 106], inactive: [98, 99], not_subscribed: [100] });
  await record(event, 101, done);
  await record(event, 102, {});
  await record(event, 103, {}, {}, {}, {}, dead);
  await record(event, 104, done, { ...dead, firstOfRun: 2 });
  await record(event, 105, { status: 'held' });
  await record(event, 99, {}, done);
  const other = eventWith({ sent: [101] });
  await record(other, 101, {}, done);
  const [overview, second] = await verdictOverview(deps(), [event, other]);
  expect(overview?.event).toBe(event);
  expect(overview?.verdicts?.map(({ webhookId, verdict }) => [webhookId, verdict])).toEqual([
    [98, 'inactive'],
    [99, 'succeeded'],
    [100, 'not_subscribed'],
    [101, 'succeeded'],
    [102, 'retrying'],
    [103, 'dead'],
    [104, 'dead'],
    [105, 'held'],
    [106, 'queued'],
  ]);
  expect(overview?.verdicts?.map((verdict) => verdict.deliveryId)).toEqual([
    undefined,
    deliveryId(event, 99),
    undefined,
    ...[101, 102, 103, 104, 105, 106].map((webhookId) => deliveryId(event, webhookId)),
  ]);
  expect(second?.verdicts).toEqual([{ webhookId: 101, verdict: 'succeeded', deliveryId: deliveryId(other, 101) }]);
});

it("says what the event's own page says", async () => {
  const { namespace, events } = deployment;
  const verdicts = { sent: [201, 202], inactive: [203], not_subscribed: [204] };
  const event = eventWith(verdicts);
  await events.open([
    {
      event: { id: event.id, type: 'cron', namespaceId: namespace.id, createdAt: event.createdAt, payload: '{}' },
      verdicts,
      receivedAt: event.receivedAt,
      openedBy: 'x',
    },
  ]);
  await record(event, 201, {}, {}, done);
  const page = await listEvents(deps(), namespace, { limit: 10 });
  const [overview] = await verdictOverview(deps(), page.events);
  const shown = await showEvent(deps(), namespace, event);
  expect(overview?.verdicts).toEqual(shown.verdicts);
});

it('says of an event that outlives its attempts that they are no longer kept, for as long as they are not', async () => {
  const day = 24 * 60 * 60 * 1000;
  const sentAt = (daysAgo: number) => new Date(deployment.clock.nowMs - daysAgo * day).toISOString();
  const event = { ...eventWith({ sent: [301, 302], inactive: [303] }), receivedAt: sentAt(31) };
  await record(event, 301, { ...done, startedAt: sentAt(31) });
  // The last of its attempts, three days later.
  await record(event, 302, { ...dead, startedAt: sentAt(28) });
  const recent = { ...eventWith({ sent: [301] }), receivedAt: sentAt(29) };
  const [overview, other] = await verdictOverview(deps(), [event, recent]);
  expect(overview?.verdicts).toEqual([
    { webhookId: 301, verdict: 'expired' },
    { webhookId: 302, verdict: 'dead', deliveryId: deliveryId(event, 302) },
    { webhookId: 303, verdict: 'inactive' },
  ]);
  expect(other?.verdicts).toMatchObject([{ verdict: 'queued' }]);
});

it('says where a delivery stands that was made again after weeks, when its first attempts have expired', async () => {
  const day = 24 * 60 * 60 * 1000;
  const sentAt = (daysAgo: number) => new Date(deployment.clock.nowMs - daysAgo * day).toISOString();
  const event = { ...eventWith({ sent: [311, 312] }), createdAt: sentAt(32), receivedAt: sentAt(32) };
  const again = { ...done, firstOfRun: 3, startedAt: sentAt(11) };
  await record(event, 311, { startedAt: sentAt(32) }, { ...dead, startedAt: sentAt(31) }, again);
  await record(event, 312, { startedAt: sentAt(32) }, { ...dead, startedAt: sentAt(31) });
  const [overview] = await verdictOverview(deps(), [event]);
  expect(overview?.verdicts).toEqual([
    { webhookId: 311, verdict: 'succeeded', deliveryId: deliveryId(event, 311) },
    { webhookId: 312, verdict: 'expired' },
  ]);
});

it('looks up 200 deliveries of a page, of the first events that fit, and takes few calls for them', async () => {
  const ids = (count: number) => Array.from({ length: count }, (_, index) => 401 + index);
  const page = [
    eventWith({ sent: ids(90) }),
    eventWith({ sent: ids(60), inactive: [999] }),
    eventWith({ sent: ids(50) }),
    eventWith({ sent: ids(40), inactive: ids(9), not_subscribed: ids(80) }),
    eventWith({ sent: [401] }),
    eventWith({ not_subscribed: [401] }),
  ];
  const [first] = page;
  if (first) await record(first, 401, {}, {});
  const calls = countCalls(deployment.world);
  const overviews = await verdictOverview(deps(), page);
  expect(overviews.map(({ verdicts }) => verdicts?.length)).toEqual([90, 61, undefined, 129, undefined, 1]);
  expect(Object.fromEntries(calls)).toEqual({ BatchGetItem: 4, Query: 1 });
  expect(await verdictOverview(deps(), [])).toEqual([]);
});
