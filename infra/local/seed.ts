import { randomBytes } from 'node:crypto';
import { createToken, ensureNamespace } from '../../functions/actions/accounts.ts';
import { createWebhook } from '../../functions/actions/webhooks.ts';
import { ValidationError } from '../../functions/domain/errors.ts';
import { SCOPES } from '../../functions/domain/token.ts';
import { apiDeps } from '../../functions/runtime/deps.ts';
import { accountDeps } from '../accounts.ts';
import { readDataFile, writeDataFile } from './data-dir.ts';
import type { Engines } from './engines.ts';

export const DEMO = { username: 'admin', path: 'demo' } as const;
const TOKEN_FILE = 'token';
const INBOX_SECRET_FILE = 'inbox-secret';

/** The secret that the inbox checks signatures with: made once, and kept beside the data. */
export function inboxSecret(folder: string): string {
  const known = readDataFile(folder, INBOX_SECRET_FILE);
  if (known !== undefined) return known;
  const secret = randomBytes(24).toString('base64url');
  writeDataFile(folder, INBOX_SECRET_FILE, secret);
  return secret;
}

/**
 * What the first start makes: a user, a namespace, a webhook that points at the inbox, and a token, which is answered, and
 * undefined on every later start. The token's file is written last: a start that was cut short is a first start again,
 * and every step leaves alone what is there.
 */
export async function seed(
  engines: Engines,
  options: { readonly folder: string; readonly inboxUrl: string; readonly secret: string },
): Promise<string | undefined> {
  if (readDataFile(options.folder, TOKEN_FILE) !== undefined) return undefined;
  const deps = accountDeps(engines.world, engines.settings.TABLE_NAME);
  const namespace = await ensureNamespace(deps, DEMO);
  const caller = { user: namespace.owner, scopes: SCOPES };
  const body = { payload_url: options.inboxUrl, secret: options.secret };
  try {
    await createWebhook(apiDeps(engines.settings, engines.world), { caller, namespace }, body);
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
  }
  const { token } = await createToken(deps, { username: DEMO.username, name: 'first start', scopes: SCOPES });
  writeDataFile(options.folder, TOKEN_FILE, token);
  return token;
}
