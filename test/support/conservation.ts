import { expect } from 'vitest';
import { audit } from '../../functions/actions/audit.ts';
import { type AuditedDelivery, type AuditReport, standingOf } from '../../functions/domain/audit.ts';
import { QUEUES } from '../../infra/queues.ts';
import type { Deployment } from './deployment.ts';
import { deliveryOf, type Received, type Receiver } from './receiver.ts';

/** What is to be conserved: the deliveries of a namespace, and what the receivers of all of its webhooks took. */
export type Conserved = {
  readonly namespaceId: number;
  readonly receivers?: readonly Pick<Receiver, 'received'>[];
};

/**
 * Holds a deployment to the conservation law: accepted events x matching webhooks = succeeded + dead + cancelled + pending,
 * where pending means that a message is in a queue or the table has it as due; and every delivery that the log has as
 * succeeded is in a receiver's own ledger. Answers the audit's report, for what a test knows beyond that.
 */
export async function expectConservation(deployment: Deployment, of: Conserved): Promise<AuditReport> {
  const { events, attempts, world, clock } = deployment;
  const deliveries: AuditedDelivery[] = [];
  const report = await audit(
    { events, attempts, now: world.now },
    { namespaceId: of.namespaceId, sinceMs: 0 },
    { onDelivery: (delivery) => deliveries.push(delivery) },
  );
  expect(report.violations, 'nothing violates the law').toEqual([]);
  const { succeeded, dead, cancelled, retrying, held, queued } = report.counts;
  expect(succeeded + dead + cancelled + retrying + held + queued, 'every delivery is accounted for').toBe(
    report.matching,
  );
  const waiting = await messages(deployment);
  const lost = deliveries.filter(
    (one) => standingOf(one, clock.nowMs) === 'queued' && !waiting.some((body) => isAbout(body, one)),
  );
  expect(lost, 'what was never attempted has a message').toEqual([]);
  const holding = new Set((await deployment.holds.due(Number.MAX_SAFE_INTEGER)).map(({ webhookId }) => webhookId));
  const forgotten = deliveries.filter(
    (one) =>
      standingOf(one, clock.nowMs) === 'held' &&
      !holding.has(one.webhookId) &&
      !waiting.some((body) => isAbout(body, one)),
  );
  expect(forgotten, 'what is held has a webhook that knows of it').toEqual([]);
  if (of.receivers !== undefined) expectInLedger(deliveries, of.receivers);
  return report;
}

function expectInLedger(deliveries: readonly AuditedDelivery[], receivers: readonly Pick<Receiver, 'received'>[]) {
  const ledger = new Set(receivers.flatMap(({ received }) => received.map(deliveryOf)));
  const succeeded = deliveries.filter(({ attempts }) => attempts.some(({ status }) => status === 'succeeded'));
  const unheard = succeeded.filter(({ deliveryId }) => !ledger.has(deliveryId));
  expect(unheard, 'whatever succeeded is in the ledger').toEqual([]);
}

/** The bodies of all messages of all queues, in whatever state. */
async function messages({ inspect }: Deployment): Promise<readonly string[]> {
  const contents = await Promise.all(QUEUES.map(({ name }) => inspect(name)));
  return contents.flatMap(({ ready, inFlight, delayed }) => [...ready, ...inFlight, ...delayed]);
}

/** Whether a message will make a delivery: as its own, or as that of its event. */
function isAbout(body: string, { deliveryId, eventId }: AuditedDelivery): boolean {
  return body.includes(deliveryId) || (body.includes('"detail"') && body.includes(eventId));
}

/** What a ledger has of a delivery where no receiver of ours kept it: a request that is known by its id alone. */
export function arrived(deliveryId: string): Received {
  return {
    method: 'POST',
    path: '/',
    rawHeaders: [],
    headers: { 'x-djinn-ci-delivery': deliveryId },
    body: Buffer.alloc(0),
  };
}
