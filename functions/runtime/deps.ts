import type { NoticeDeps } from '../actions/aftermath.ts';
import type { AttemptDeps } from '../actions/attempt.ts';
import type { BuryDeps } from '../actions/bury.ts';
import type { DirectoryEventDeps } from '../actions/directory-events.ts';
import type { DispatchDeps } from '../actions/dispatch.ts';
import type { RecoverDeps } from '../actions/recover.ts';
import type { ReleaseDeps } from '../actions/release.ts';
import type { RetryDeps } from '../actions/retry.ts';
import type { AttemptKey } from '../domain/delivery.ts';
import { destinationPolicy } from '../domain/destination.ts';
import {
  EVENTS_LOGGED_MAX,
  RECOVERY_DELIVERIES_PER_RUN_MAX,
  RECOVERY_PAGE_DELIVERIES,
  REFUSED_ADDRESSES_LOGGED_MAX,
  RELEASES_PER_WEBHOOK_AND_RUN_MAX,
  RETRIES_PER_RUN_MAX,
} from '../domain/limits.ts';
import { attemptStore } from '../store/attempts.ts';
import { collaboratorStore } from '../store/collaborators.ts';
import { directoryStore } from '../store/directory-store.ts';
import { eventStore } from '../store/events.ts';
import { factStore } from '../store/facts.ts';
import { healthStore } from '../store/health.ts';
import { holdStore } from '../store/holds.ts';
import { namespaceStore } from '../store/namespaces.ts';
import { recoveryStore } from '../store/recoveries.ts';
import { slowPostStore } from '../store/slow-posts.ts';
import type { Table } from '../store/table.ts';
import { userStore } from '../store/users.ts';
import { webhookEndStore } from '../store/webhook-ends.ts';
import { webhookStore } from '../store/webhooks.ts';
import { bus, OWN_SOURCE } from '../transport/bus.ts';
import type { Guard } from '../transport/connector.ts';
import { poster } from '../transport/post.ts';
import { queue, type Refusal } from '../transport/queue.ts';
import { vault } from '../transport/vault.ts';
import { webhookUrl } from '../web/api/entities.ts';
import { readPublicUrl } from '../web/base-url.ts';
import { type EnvOf, readNetworks } from './env.ts';
import { log } from './log.ts';
import { type QuietWorld, tableOf, type World } from './world.ts';

/** What opens events and sends their deliveries. */
export function ingestDeps(env: EnvOf<'ingest'>, world: QuietWorld): DispatchDeps {
  const table = tableOf(world, env.TABLE_NAME);
  return {
    directory: directoryEventDeps(table, world),
    events: eventStore(table),
    webhooks: webhookStore(table),
    deliveries: queue(world.sqs, env.DELIVERIES_QUEUE_URL, { onRefused }),
    unreadable: queue(world.sqs, env.EVENTS_DEAD_LETTER_QUEUE_URL, { onRefused }),
    onHandedBack: (events) =>
      log.error('Events go back to their queue', {
        events: events.slice(0, EVENTS_LOGGED_MAX).map(({ id }) => id),
        count: events.length,
      }),
    onUnburied: (error) =>
      log.error('The dead-letter queue did not take what cannot be read', { error: asError(error) }),
    now: world.now,
  };
}

function directoryEventDeps(table: Table, world: QuietWorld): DirectoryEventDeps {
  return {
    users: userStore(table),
    namespaces: directoryStore(table),
    collaborators: collaboratorStore(table),
    webhookEnds: webhookEndStore(table),
    now: world.now,
    onUnusable: ({ id, type }, reason) =>
      log.warn('An event is of no use to the directory', { event: id, eventType: type, reason }),
    onFailure: ({ id, type }, error) =>
      log.error('The directory did not take an event', { error: asError(error), event: id, eventType: type }),
  };
}

/** What makes attempts: the one function with a guard before receivers, and with their secrets. */
export function deliverDeps(env: EnvOf<'deliver'>, world: World): AttemptDeps {
  const table = tableOf(world, env.TABLE_NAME);
  const { resolve, dial } = world;
  const guard: Guard = {
    ...policyOf(env, world),
    resolve,
    dial,
    onBlocked(host, refused) {
      const addresses = refused.slice(0, REFUSED_ADDRESSES_LOGGED_MAX);
      log.warn('A destination was refused', { host, addresses, refused: refused.length });
    },
  };
  return {
    ...noticeDeps(env, world),
    facts: factStore(table),
    webhooks: webhookStore(table),
    health: healthStore(table),
    holds: holdStore(table),
    slowPosts: slowPostStore(table),
    vault: vault(world.kms, env.KMS_KEY_ID),
    post: poster(guard, { nowMs: world.now }),
    deliveries: queue(world.sqs, env.DELIVERIES_QUEUE_URL, { onRefused }),
    random: world.random,
    sleep: world.sleep,
    allowInsecureTls: env.ALLOW_INSECURE_TLS === 'true',
    onFailure: (error, key) => log.error('An attempt failed on our side', { error: asError(error), ...named(key) }),
    // The entry counts it, on AWS: here nobody would collect what is counted.
    onTrouble: () => undefined,
    onUnnoted: (error, webhookId) =>
      log.warn('Slow requests to a receiver could not be noted', { error: asError(error), webhookId }),
  };
}

/** What sends retries that are due, and releases what is held. */
export function retryDeps(env: EnvOf<'retry'>, world: QuietWorld): RetryDeps & ReleaseDeps {
  const table = tableOf(world, env.TABLE_NAME);
  return {
    attempts: attemptStore(table),
    webhooks: webhookStore(table),
    holds: holdStore(table),
    retriesPerRun: RETRIES_PER_RUN_MAX,
    releasesPerRun: RELEASES_PER_WEBHOOK_AND_RUN_MAX,
    onFull: (busiest) =>
      log.warn('More retries are due than one run sends', { undertaken: RETRIES_PER_RUN_MAX, busiest }),
    onReleaseFailure: (error, { webhookId }) =>
      log.error('Held deliveries were not released for now', { error: asError(error), webhookId }),
    deliveries: queue(world.sqs, env.DELIVERIES_QUEUE_URL, { onRefused }),
    now: world.now,
  };
}

/** What goes through a log for what is to be sent again. */
export function recoverDeps(env: EnvOf<'recover'>, world: QuietWorld): RecoverDeps {
  const table = tableOf(world, env.TABLE_NAME);
  return {
    webhooks: webhookStore(table),
    attempts: attemptStore(table),
    events: eventStore(table),
    recoveries: recoveryStore(table),
    deliveries: queue(world.sqs, env.DELIVERIES_QUEUE_URL, { onRefused }),
    now: world.now,
    deliveriesPerPage: RECOVERY_PAGE_DELIVERIES,
    deliveriesPerRun: RECOVERY_DELIVERIES_PER_RUN_MAX,
    onRecoveryFailure: (error, { webhookId, id }) =>
      log.error('A recovery stopped for now', { error: asError(error), webhookId, recoveryId: id }),
  };
}

/** What ends deliveries that could not be handled. */
export function deadLetterDeps(env: EnvOf<'dead-letter'>, world: World): BuryDeps {
  const table = tableOf(world, env.TABLE_NAME);
  return {
    ...noticeDeps(env, world),
    webhooks: webhookStore(table),
    holds: holdStore(table),
    onUnreadable: (body) => log.error('A dead letter names no delivery', { bytes: body.length }),
    onBuried: (key) => log.error('A delivery was given up', named(key)),
    onFailure: (error, key) =>
      log.error('A dead letter could not be told of', { error: asError(error), ...named(key) }),
  };
}

function noticeDeps(env: EnvOf<'dead-letter'>, world: World) {
  const table = tableOf(world, env.TABLE_NAME);
  const namespaces = namespaceStore(table);
  const base = readPublicUrl(env.PUBLIC_URL);
  return {
    attempts: attemptStore(table),
    now: world.now,
    notices: bus(world.eventbridge, env.EVENT_BUS_NAME, OWN_SOURCE),
    async webhookUrl(namespaceId: number, webhookId: number) {
      const namespace = base === '' ? undefined : await namespaces.byId(namespaceId);
      return namespace && webhookUrl(namespace, webhookId, base);
    },
  } satisfies NoticeDeps;
}

/** Which destinations are admitted. */
export function policyOf(env: Pick<EnvOf<'api'>, 'ALLOWED_NETWORKS' | 'PUBLIC_URL'>, world: QuietWorld) {
  return destinationPolicy({
    admitted: world.admittedNetworks,
    allowedNetworks: readNetworks(env.ALLOWED_NETWORKS),
    ownUrl: readPublicUrl(env.PUBLIC_URL),
  });
}

/** Whoever sends sees to it that what a queue did not take comes again; why that was, only this tells. */
function onRefused(refusal: Refusal): void {
  log.error('A queue did not take messages', refusal);
}

/** An attempt, and whose it is, as the log has it. */
function named({ deliveryId, number, webhookId, namespaceId, eventCreatedAt }: AttemptKey) {
  return { deliveryId, attempt: number, webhookId, namespaceId, eventCreatedAt };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
