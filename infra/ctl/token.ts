import { Command } from 'commander';
import { createToken, listTokens, revokeToken } from '../../functions/actions/accounts.ts';
import {
  formatScopes,
  isExpired,
  parseExpiry,
  parseScopes,
  SCOPES,
  type Scope,
  type TokenRecord,
  USER_SCOPES,
} from '../../functions/domain/token.ts';
import { CommandError } from './command-error.ts';
import { withConnection } from './connection.ts';
import { columns, JSON_OPTION, type Output, print } from './output.ts';

type CreateOptions = Output & { readonly name: string; readonly scopes: string; readonly expires?: string };

/** `token create`, `token list` and `token revoke`. */
export function tokenCommand(): Command {
  return new Command('token')
    .description('Access tokens for the REST API')
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(revokeCommand());
}

function createCommand(): Command {
  return new Command('create')
    .description('Make a token for a user, who is made where there is none. It is printed once and stored nowhere.')
    .argument('<username>', 'whose token it is')
    .option('--name <name>', 'what it is for', 'command line')
    .option(
      '--scopes <scopes>',
      'what it allows; event:write_all is given only by name, for it can forge any event',
      formatScopes(USER_SCOPES),
    )
    .option('--expires <when>', 'until when it is good: 30d, 12h, or a time of RFC 3339; for good where none is named')
    .option(...JSON_OPTION)
    .action((username: string, { name, scopes: scopesText, expires, ...output }: CreateOptions) =>
      withConnection(async ({ accounts }) => {
        const scopes = readScopes(scopesText);
        const expiresAt = readExpiry(expires, accounts.now());
        const { token, record } = await createToken(accounts, { username, name, scopes, expiresAt });
        if (!output.json) {
          const until = expiresAt === undefined ? '' : `, until ${expiresAt}`;
          console.error(`A token of ${username}: ${formatScopes(scopes)}${until}. It is shown this once:`);
        }
        print(output, { ...factsOf(record), token }, token);
      }),
    );
}

function listCommand(): Command {
  return new Command('list')
    .description("Show a user's tokens, without what would let anyone use them.")
    .argument('<username>', 'whose tokens they are')
    .option(...JSON_OPTION)
    .action((username: string, output: Output) =>
      withConnection(async ({ accounts }) => {
        const tokens = await listTokens(accounts, username);
        const rows = tokens.map((token) => rowOf(token, accounts.now()));
        print(output, tokens.map(factsOf), columns([HEAD, ...rows]));
      }),
    );
}

function revokeCommand(): Command {
  return new Command('revoke')
    .description('Make a token worthless, at once and for good.')
    .argument('<username>', 'whose token it is')
    .argument('<id>', 'its id, as token list shows it')
    .option(...JSON_OPTION)
    .action((username: string, id: string, output: Output) =>
      withConnection(async ({ accounts }) => {
        await revokeToken(accounts, { username, id });
        print(output, { id, username, revoked: true }, `Revoked the token ${id} of ${username}`);
      }),
    );
}

const HEAD = ['ID', 'NAME', 'SCOPES', 'CREATED', 'LAST USED', 'EXPIRES'] as const;

function rowOf(token: TokenRecord, nowMs: number): readonly string[] {
  const expiry = token.expiresAt ?? 'never';
  const expires = isExpired(token, nowMs) ? `${expiry} (expired)` : expiry;
  return [token.id, token.name, formatScopes(token.scopes), token.createdAt, token.lastUsedOn ?? 'never', expires];
}

function factsOf({ id, name, username, scopes, createdAt, lastUsedOn, expiresAt }: TokenRecord) {
  return {
    id,
    name,
    username,
    scopes,
    created_at: createdAt,
    last_used_on: lastUsedOn ?? null,
    expires_at: expiresAt ?? null,
  };
}

function readScopes(text: string): readonly Scope[] {
  const read = parseScopes(text);
  const all = `All scopes: ${formatScopes(SCOPES)}`;
  if ('unknown' in read) throw new CommandError(`Unknown scope ${JSON.stringify(read.unknown)}. ${all}`);
  if (read.scopes.length === 0) throw new CommandError(`A token of no scope is good for nothing: name one. ${all}`);
  return read.scopes;
}

function readExpiry(text: string | undefined, nowMs: number): string | undefined {
  if (text === undefined) return undefined;
  const read = parseExpiry(text, nowMs);
  if ('expiresAt' in read) return read.expiresAt;
  throw new CommandError(read.problem);
}
