import { randomUUID } from 'node:crypto';
import type { RecoveryDeps } from '../../functions/actions/recoveries.ts';
import type { Attempt, DeliveryStatus } from '../../functions/domain/delivery.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import type { Recovery } from '../../functions/domain/recovery.ts';
import { recoverHandler } from '../../functions/recover.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { failedAttempt } from './attempt.ts';
import type { Deployment } from './deployment.ts';
import { deliveryOf, type Receiver } from './receiver.ts';

export const START = Date.parse('2026-11-23T12:00:00Z');
export const MINUTE = 60_000;
export const HOUR_AGO = { since: '2026-11-23T11:00:00Z' };

export const createdAt = (secondsBeforeNoon: number) => new Date(START - secondsBeforeNoon * 1000).toISOString();
export const seconds = (count: number) => Array.from({ length: count }, (_, index) => index + 61);

/** A webhook of its own, at noon, whose deliveries are put into the log, and recovered. */
export type Recoverable = Awaited<ReturnType<typeof recoverable>>;

export async function recoverable(deployment: Deployment, receiver: Receiver) {
  deployment.clock.nowMs = START;
  const path = `/${randomUUID()}`;
  const webhook = await deployment.addWebhook({ payload_url: `${receiver.url}${path}` });
  const eventId = randomUUID();
  const failures: unknown[] = [];
  const deps: RecoveryDeps = {
    ...apiDeps(deployment.engines.settings, deployment.world),
    onRecoveryFailure: (error) => failures.push(error),
  };
  const key = { namespaceId: deployment.namespace.id, webhookId: webhook.id, eventId };
  const of = { namespace: deployment.namespace, webhookId: webhook.id };
  /** The id of the delivery of an event so many seconds before noon. */
  const idAt = (second: number) => deliveryId({ id: eventId, createdAt: createdAt(second) }, webhook.id);
  return {
    webhook,
    deps,
    /** What made recoveries stop for now. */
    failures,
    of,
    idAt,
    /** Puts deliveries into the log that ended a minute before noon, with their events; answers their ids, oldest first. */
    async logged(each: readonly number[], status: DeliveryStatus = 'dead'): Promise<string[]> {
      const oldestFirst = each
        .toSorted((a, b) => b - a)
        .map((second) => ({ ...key, deliveryId: idAt(second), second }));
      await log(deployment, oldestFirst, status);
      return oldestFirst.map((one) => one.deliveryId);
    },
    /** What has arrived, as ids of deliveries, in order. */
    arrived: () => receiver.received.filter((one) => one.path === path).map(deliveryOf),
    deliver: () => deployment.drain('deliveries', deployment.handlers.deliver),
    /** A run of the schedule, a minute after what came before. */
    async run(which: RecoveryDeps = deps) {
      deployment.clock.nowMs += MINUTE;
      return recoverHandler(which)({});
    },
    async now({ id }: Pick<Recovery, 'id'>): Promise<Recovery> {
      const found = await deps.recoveries.find({ webhookId: webhook.id, id }, deployment.clock.nowMs);
      if (found === undefined) throw new Error('There is no such recovery');
      return found;
    },
    async all(): Promise<readonly Recovery[]> {
      return (await deps.recoveries.page(webhook.id, { limit: 5, nowMs: deployment.clock.nowMs })).rows;
    },
  };
}

type Logged = Pick<Attempt, 'namespaceId' | 'webhookId' | 'eventId' | 'deliveryId'> & { readonly second: number };

async function log(deployment: Deployment, all: readonly Logged[], status: DeliveryStatus): Promise<void> {
  await deployment.events.open(
    all.map(({ namespaceId, eventId, second }) => ({
      event: { id: eventId, type: 'cron', namespaceId, createdAt: createdAt(second), payload: '{}' },
      verdicts: {},
      receivedAt: createdAt(second),
      openedBy: 'test',
    })),
  );
  const times = { startedAt: createdAt(60), nextAttemptAt: undefined };
  await deployment.attempts.record(
    all.map(({ second, ...key }) => ({
      attempt: failedAttempt({ ...key, ...times, eventCreatedAt: createdAt(second), status }),
    })),
  );
}
