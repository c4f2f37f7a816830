import { randomBytes, randomUUID } from 'node:crypto';
import type { AccountDeps } from '../functions/actions/accounts.ts';
import { tableOf, type World } from '../functions/runtime/deps.ts';
import { namespaceStore } from '../functions/store/namespaces.ts';
import { tokenStore } from '../functions/store/tokens.ts';

/** What an operator's commands on users, namespaces and tokens need. */
export function accountDeps(world: World, tableName: string): AccountDeps {
  const table = tableOf(world, tableName);
  return {
    namespaces: namespaceStore(table),
    tokens: tokenStore(table),
    now: world.now,
    randomBytes,
    randomId: randomUUID,
  };
}
