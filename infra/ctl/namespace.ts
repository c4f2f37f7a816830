import { Command, InvalidArgumentError } from 'commander';
import { ensureNamespace } from '../../functions/actions/accounts.ts';
import type { Namespace } from '../../functions/domain/namespace.ts';
import { readNamespaceName, withConnection } from './connection.ts';
import { columns, JSON_OPTION, type Output, print } from './output.ts';

/** `namespace add` and `namespace list`. */
export function namespaceCommand(): Command {
  const add = new Command('add')
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
  const list = new Command('list')
    .description('Show all namespaces. It reads the whole table: do not ask every minute.')
    .option(...JSON_OPTION)
    .action((output: Output) =>
      withConnection(async ({ accounts }) => {
        const all = (await accounts.namespaces.list()).map(factsOf);
        const rows = all.map(({ namespace, id, owner, visibility }) => [namespace, id.toString(), owner, visibility]);
        print(output, all, columns([['NAMESPACE', 'ID', 'OWNER', 'VISIBILITY'], ...rows]));
      }),
    );
  return new Command('namespace').description('The namespaces that the service knows').addCommand(add).addCommand(list);
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
