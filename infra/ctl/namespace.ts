import { Command, InvalidArgumentError } from 'commander';
import { ensureNamespace } from '../../functions/actions/accounts.ts';
import { indexNamespaces } from '../../functions/actions/namespaces.ts';
import { removeNamespace, whatGoesWith } from '../../functions/actions/remove-namespace.ts';
import type { Namespace } from '../../functions/domain/namespace.ts';
import { CommandError } from './command-error.ts';
import { findNamespace, readNamespaceName, withConnection } from './connection.ts';
import { columns, JSON_OPTION, type Output, print } from './output.ts';

/** `namespace add`, `namespace list`, `namespace remove` and `namespace index`. */
export function namespaceCommand(): Command {
  return new Command('namespace')
    .description('The namespaces that the service knows')
    .addCommand(addCommand())
    .addCommand(listCommand())
    .addCommand(removeCommand())
    .addCommand(indexCommand());
}

function addCommand(): Command {
  return new Command('add')
    .description('Make a namespace known, with its owner and its parents. One that is known stays as it is.')
    .argument('<namespace>', 'as <username>/<path>, such as admin/demo')
    .option('--id <id>', "the CI's id of it, which its events carry; the next free one where none is named", readId)
    .option(...JSON_OPTION)
    .action((name: string, { id, ...output }: Output & { readonly id?: number }) =>
      withConnection(async ({ accounts, url }) => {
        const namespace = await ensureNamespace(accounts, { ...readNamespaceName(name), id });
        const webhooks = `${url}/n/${name}/-/webhooks`;
        const text = `Namespace ${name} has the id ${namespace.id}. Its webhooks: ${webhooks}`;
        print(output, { ...factsOf(namespace), webhooks_url: webhooks }, text);
      }),
    );
}

function listCommand(): Command {
  return new Command('list')
    .description('Show all namespaces. It reads the whole table: do not ask every minute.')
    .option(...JSON_OPTION)
    .action((output: Output) =>
      withConnection(async ({ accounts }) => {
        const all = (await accounts.namespaces.list()).map(factsOf);
        const rows = all.map(({ namespace, id, owner, visibility }) => [namespace, id.toString(), owner, visibility]);
        print(output, all, columns([['NAMESPACE', 'ID', 'OWNER', 'VISIBILITY'], ...rows]));
      }),
    );
}

function removeCommand(): Command {
  return new Command('remove')
    .description('Remove a namespace with its children and webhooks, and cancel what of their deliveries is to come.')
    .argument('<namespace>', 'as <username>/<path>, such as admin/demo')
    .option('--yes', 'do it; without this, only what would go is said')
    .option(...JSON_OPTION)
    .action((name: string, { yes = false, ...output }: Output & { readonly yes?: boolean }) =>
      withConnection(async ({ accounts }) => {
        const namespace = await findNamespace(accounts, name);
        const going = await whatGoesWith(accounts, namespace);
        const what = `${counted(going.namespaces, 'namespace')} and ${counted(going.webhooks, 'webhook')}`;
        if (!yes) throw new CommandError(`${what} would go with ${name}, for good. Add --yes to remove them`);
        await removeNamespace(accounts, namespace);
        print(output, { namespace: name, removed: true, ...going }, `Removed ${name}: ${what}`);
      }),
    );
}

function indexCommand(): Command {
  return new Command('index')
    .description(
      'After an upgrade: lets the console list the namespaces of earlier releases. It reads the whole table, once.',
    )
    .option(...JSON_OPTION)
    .action((output: Output) =>
      withConnection(async ({ accounts }) => {
        const indexed = await indexNamespaces(accounts);
        const what = `${counted(indexed.namespaces, 'namespace')} and ${counted(indexed.collaborators, 'collaborator')}`;
        print(output, indexed, `The console lists ${what}`);
      }),
    );
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** What is printed of a namespace; `namespace` is what the commands take. */
function factsOf({ id, owner, path, visibility }: Namespace) {
  return { namespace: `${owner.username}/${path}`, id, owner: owner.username, path, visibility };
}

function readId(text: string): number {
  const id = Number(text);
  if (!/^[1-9]\d*$/.test(text) || !Number.isSafeInteger(id))
    throw new InvalidArgumentError('An id is a whole number from 1.');
  return id;
}
