import { Command } from 'commander';
import { createToken } from '../../functions/actions/accounts.ts';
import { formatScopes, parseScopes, SCOPES } from '../../functions/domain/token.ts';
import { CommandError } from './command-error.ts';
import { withConnection } from './connection.ts';

type CreateOptions = { readonly name: string; readonly scopes: string };

/** `token create`. */
export function tokenCommand(): Command {
  const create = new Command('create')
    .description('Make a token for a user, who is made where there is none. It is printed once and stored nowhere.')
    .argument('<username>', 'whose token it is')
    .option('--name <name>', 'what it is for', 'command line')
    .option('--scopes <scopes>', 'what it allows', formatScopes(SCOPES))
    .action((username: string, { name, scopes: text }: CreateOptions) =>
      withConnection(async ({ accounts }) => {
        const read = parseScopes(text);
        if ('unknown' in read) {
          throw new CommandError(`Unknown scope ${JSON.stringify(read.unknown)}. All scopes: ${formatScopes(SCOPES)}`);
        }
        const { token } = await createToken(accounts, { username, name, scopes: read.scopes });
        console.error(`A token of ${username}: ${formatScopes(read.scopes)}. It is shown this once:`);
        console.log(token);
      }),
    );
  return new Command('token').description('Access tokens for the REST API').addCommand(create);
}
