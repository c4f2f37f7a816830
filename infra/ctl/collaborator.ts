import { Command } from 'commander';
import { addCollaborator, listCollaborators, removeCollaborator } from '../../functions/actions/accounts.ts';
import { findNamespace, withConnection } from './connection.ts';
import { columns, JSON_OPTION, type Output, print } from './output.ts';

/** `collaborator add`, `collaborator list` and `collaborator remove`. */
export function collaboratorCommand(): Command {
  const add = on(
    'add',
    'Let a user, who is made where there is none, reach a namespace and all of its children.',
  ).action((name: string, collaborator: string, output: Output) =>
    withConnection(async ({ accounts }) => {
      const added = await addCollaborator(
        accounts,
        await findNamespace(accounts, name, { begins: true }),
        collaborator,
      );
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
  const list = new Command('list')
    .description('Show who, beside its owner, reaches a namespace and all of its children.')
    .argument(...ROOT)
    .option(...JSON_OPTION)
    .action((name: string, output: Output) =>
      withConnection(async ({ accounts }) => {
        const all = await listCollaborators(accounts, await findNamespace(accounts, name));
        const facts = all.map(({ username, createdAt }) => ({ collaborator: username, created_at: createdAt }));
        const rows = facts.map(({ collaborator, created_at }) => [collaborator, created_at]);
        print(output, facts, columns([['COLLABORATOR', 'SINCE'], ...rows]));
      }),
    );
  return new Command('collaborator')
    .description('Who, beside its owner, reaches a namespace')
    .addCommand(add)
    .addCommand(list)
    .addCommand(remove);
}

const ROOT = ['<namespace>', 'a root, as <username>/<path>, such as admin/demo'] as const;

function on(verb: string, description: string): Command {
  return new Command(verb)
    .description(description)
    .argument(...ROOT)
    .argument('<collaborator>', "the user's name")
    .option(...JSON_OPTION);
}
