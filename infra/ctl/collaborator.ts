import { Command } from 'commander';
import { addCollaborator, removeCollaborator } from '../../functions/actions/accounts.ts';
import { findNamespace, withConnection } from './connection.ts';
import { JSON_OPTION, type Output, print } from './output.ts';

/** `collaborator add` and `collaborator remove`. */
export function collaboratorCommand(): Command {
  const add = on(
    'add',
    'Let a user, who is made where there is none, reach a namespace and all of its children.',
  ).action((name: string, collaborator: string, output: Output) =>
    withConnection(async ({ accounts }) => {
      const added = await addCollaborator(accounts, await findNamespace(accounts, name), collaborator);
      const text = `${collaborator} ${added ? 'is now' : 'was already'} a collaborator of ${name}`;
      print(output, { namespace: name, collaborator, added }, text);
    }),
  );
  const remove = on('remove', 'Take a collaborator off a namespace. The user stays.').action(
    (name: string, collaborator: string, output: Output) =>
      withConnection(async ({ accounts }) => {
        await removeCollaborator(accounts, await findNamespace(accounts, name), collaborator);
        const text = `${collaborator} is no longer a collaborator of ${name}`;
        print(output, { namespace: name, collaborator, removed: true }, text);
      }),
  );
  return new Command('collaborator')
    .description('Who, beside its owner, reaches a namespace')
    .addCommand(add)
    .addCommand(remove);
}

function on(verb: string, description: string): Command {
  return new Command(verb)
    .description(description)
    .argument('<namespace>', 'a root, as <username>/<path>, such as admin/demo')
    .argument('<collaborator>', "the user's name")
    .option(...JSON_OPTION);
}
