import { Command, InvalidArgumentError } from 'commander';
import { ensureNamespace } from '../../functions/actions/accounts.ts';
import { readNamespaceName, withConnection } from './connection.ts';

/** `namespace add`. */
export function namespaceCommand(): Command {
  const add = new Command('add')
    .description('Make a namespace known, with its owner and its parents. One that is known stays as it is.')
    .argument('<namespace>', 'as <username>/<path>, such as admin/demo')
    .option('--id <id>', "the CI's id of it, which its events carry; the next free one where none is named", readId)
    .action((name: string, { id }: { readonly id?: number }) =>
      withConnection(async ({ accounts, url }) => {
        const namespace = await ensureNamespace(accounts, { ...readNamespaceName(name), id });
        console.log(`Namespace ${name} has the id ${namespace.id}. Its webhooks: ${url}/n/${name}/-/webhooks`);
      }),
    );
  return new Command('namespace').description('The namespaces that the service knows').addCommand(add);
}

function readId(text: string): number {
  const id = Number(text);
  if (!/^[1-9]\d*$/.test(text) || !Number.isSafeInteger(id))
    throw new InvalidArgumentError('An id is a whole number from 1.');
  return id;
}
