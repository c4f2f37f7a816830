import { attemptStore } from '../store/attempts.ts';
import { collaboratorStore } from '../store/collaborators.ts';
import { eventStore } from '../store/events.ts';
import { holdStore } from '../store/holds.ts';
import { idempotencyStore } from '../store/idempotency.ts';
import { namespaceStore } from '../store/namespaces.ts';
import { tokenStore } from '../store/tokens.ts';
import { userStore } from '../store/users.ts';
import { webhookStore } from '../store/webhooks.ts';
import { bus } from '../transport/bus.ts';
import { vault } from '../transport/vault.ts';
import type { SharedWebDeps, WebDeps } from '../web/app.ts';
import { policyOf, recoverDeps } from './deps.ts';
import type { EnvOf } from './env.ts';
import { log } from './log.ts';
import { type QuietWorld, tableOf, type World } from './world.ts';

/** What the API is made of. */
export function apiDeps(env: EnvOf<'api'>, world: World): WebDeps {
  const table = tableOf(world, env.TABLE_NAME);
  return {
    ...sharedWebDeps(env, world),
    namespaces: namespaceStore(table),
    bus: bus(world.eventbridge, env.EVENT_BUS_NAME),
    idempotency: idempotencyStore(table),
  };
}

/** What the API and the console both do their work with: all but the taking of events. */
export function sharedWebDeps(env: Omit<EnvOf<'api'>, 'EVENT_BUS_NAME'>, world: QuietWorld): SharedWebDeps {
  const table = tableOf(world, env.TABLE_NAME);
  return {
    ...recoverDeps(env, world),
    users: userStore(table),
    namespaces: namespaceStore(table),
    collaborators: collaboratorStore(table),
    tokens: tokenStore(table),
    webhooks: webhookStore(table),
    attempts: attemptStore(table),
    events: eventStore(table),
    vault: vault(world.kms, env.KMS_KEY_ID),
    holds: holdStore(table),
    policy: policyOf(env, world),
    publicUrl: env.PUBLIC_URL,
    now: world.now,
    randomId: world.randomId,
    onBug: (error, requestId) => log.error('A request failed', { error, requestId }),
  };
}
