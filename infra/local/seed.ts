import { randomBytes } from 'node:crypto';
import { createToken, ensureNamespace } from '../../functions/actions/accounts.ts';
import { changeWebhook, createWebhook } from '../../functions/actions/webhooks.ts';
import { ValidationError } from '../../functions/domain/errors.ts';
import { SCOPES } from '../../functions/domain/token.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { accountDeps } from '../accounts.ts';
import { readDataFile, writeDataFile } from './data-dir.ts';
import type { Engines } from './engines.ts';

export const DEMO = { username: 'admin', path: 'demo' } as const;
const TOKEN_FILE = 'token';
const INBOX_SECRET_FILE = 'inbox-secret';
const INBOX_URL_FILE = 'inbox-url';

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
 * undefined on every later start, which only has the webhook follow the inbox to another port. The token's file is written last: a start that was cut short is a first start again,
 * and every step leaves alone what is there.
 */
export async function seed(
  engines: Engines,
  options: { readonly folder: string; readonly inboxUrl: string; readonly secret: string },
): Promise<string | undefined> {
  const deps = accountDeps(engines.world, engines.settings.TABLE_NAME);
  if (readDataFile(options.folder, TOKEN_FILE) !== undefined) {
    await moveToPort(engines, options);
    return undefined;
  }
  const namespace = await ensureNamespace(deps, DEMO);
  const caller = { user: namespace.owner, scopes: SCOPES };
  const body = { payload_url: options.inboxUrl, secret: options.secret };
  try {
    await createWebhook(apiDeps(engines.settings, engines.world), { caller, namespace }, body);
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
  }
  const { token } = await createToken(deps, { username: DEMO.username, name: 'first start', scopes: SCOPES });
  writeDataFile(options.folder, INBOX_URL_FILE, options.inboxUrl);
  writeDataFile(options.folder, TOKEN_FILE, token);
  return token;
}

/** Has the webhook that the first start made point at the inbox, where that is at another port now, and nobody has pointed it elsewhere. */
async function moveToPort(
  engines: Engines,
  { folder, inboxUrl }: { readonly folder: string; readonly inboxUrl: string },
): Promise<void> {
  const { namespaces } = accountDeps(engines.world, engines.settings.TABLE_NAME);
  const namespace = await namespaces.byPath(DEMO.username, DEMO.path);
  if (namespace === undefined) return;
  const deps = apiDeps(engines.settings, engines.world);
  const before = readDataFile(folder, INBOX_URL_FILE);
  const demo = (await deps.webhooks.all(namespace.id)).find(({ payloadUrl }) => payloadUrl === before);
  if (demo !== undefined && before !== inboxUrl) {
    try {
      await changeWebhook(deps, { namespace, id: demo.id }, { payload_url: inboxUrl });
    } catch (error) {
      // Another webhook points there already.
      if (!(error instanceof ValidationError)) throw error;
    }
  }
  writeDataFile(folder, INBOX_URL_FILE, inboxUrl);
}
