import type { AccountDeps } from '../../functions/actions/accounts.ts';
import type { RemoveDeps } from '../../functions/actions/remove-namespace.ts';
import type { Namespace } from '../../functions/domain/namespace.ts';
import { accountDeps } from '../accounts.ts';
import { dataDir, readRunFile } from '../local/data-dir.ts';
import { localWorld } from '../local/engines.ts';
import { CommandError } from './command-error.ts';

/** The system that a command works on. */
export type Connection = { readonly url: string; readonly accounts: AccountDeps & RemoveDeps };

/** Runs a command's work on the system that runs on this machine, and lets go of it. */
export async function withConnection(work: (connection: Connection) => Promise<void>): Promise<void> {
  const run = readRunFile(dataDir());
  const world = localWorld(run.endpoints);
  try {
    await work({ url: run.url, accounts: accountDeps(world, run.settings.TABLE_NAME) });
  } finally {
    for (const client of [world.dynamodb, world.sqs, world.kms]) client.destroy();
  }
}

/** The namespace that a command names. Throws CommandError where there is none. */
export async function findNamespace(accounts: AccountDeps, name: string): Promise<Namespace> {
  const { username, path } = readNamespaceName(name);
  const namespace = await accounts.namespaces.byPath(username, path);
  if (namespace !== undefined) return namespace;
  throw new CommandError(`No namespace ${name}: add it with npm run ctl -- namespace add ${name}`);
}

/** Reads `<username>/<path>`, as namespaces are named on the command line. */
export function readNamespaceName(name: string): { readonly username: string; readonly path: string } {
  const [, username, path] = /^([^/]+)\/(.+)$/.exec(name) ?? [];
  if (username === undefined || path === undefined) {
    throw new CommandError(`Name the namespace as <username>/<path>, such as admin/demo, not ${JSON.stringify(name)}`);
  }
  return { username, path };
}
