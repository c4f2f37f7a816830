import { randomBytes, randomUUID } from 'node:crypto';
import type { AccountDeps } from '../functions/actions/accounts.ts';
import type { RemoveDeps } from '../functions/actions/remove-namespace.ts';
import { tableOf, type World } from '../functions/runtime/world.ts';
import { collaboratorStore } from '../functions/store/collaborators.ts';
import { directoryStore } from '../functions/store/directory-store.ts';
import { namespaceStore } from '../functions/store/namespaces.ts';
import { tokenStore } from '../functions/store/tokens.ts';
import { userStore } from '../functions/store/users.ts';
import { webhookEndStore } from '../functions/store/webhook-ends.ts';
import { webhookStore } from '../functions/store/webhooks.ts';

/** What an operator's commands on users, namespaces and tokens need. */
export function accountDeps(world: World, tableName: string): AccountDeps & RemoveDeps {
  const table = tableOf(world, tableName);
  return {
    users: userStore(table),
    namespaces: { ...namespaceStore(table), ...directoryStore(table) },
    collaborators: collaboratorStore(table),
    webhooks: webhookStore(table),
    webhookEnds: webhookEndStore(table),
    tokens: tokenStore(table),
    now: world.now,
    randomBytes,
    randomId: randomUUID,
  };
}
