import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Secret scanners look for a fixed prefix; the checksum tells a mistyped token from a guessed one, without a look-up. */
const PREFIX = 'djinn_';
const TOKEN = /^djinn_([0-9A-Za-z_-]{43})([0-9a-f]{8})$/;
const RANDOM_BYTES = 32;

/** Every `resource:permission` that a token can carry. */
export const SCOPES = ['webhook:read', 'webhook:write', 'webhook:delete', 'namespace:read', 'event:write'] as const;

export type Scope = (typeof SCOPES)[number];

/** What is stored of a token: everything but the token. */
export type TokenRecord = {
  readonly id: string;
  readonly name: string;
  readonly username: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
};

/** Makes a token of 32 random bytes. Throws RangeError for any other number of bytes. */
export function mintToken(random: Uint8Array): string {
  if (random.length !== RANDOM_BYTES) throw new RangeError(`A token is made of ${RANDOM_BYTES} random bytes`);
  const body = Buffer.from(random).toString('base64url');
  return `${PREFIX}${body}${checksum(body)}`;
}

/** Whether a text could be a token of ours: the form and the checksum. */
export function isWellFormedToken(text: string): boolean {
  const [, body, sum] = TOKEN.exec(text) ?? [];
  return body !== undefined && sum === checksum(body);
}

/** What a token is stored and found by: the lower-case hex SHA-256 of its text. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/**
 * Reads scopes as users write them: `webhook:read,write namespace:read`. Returns the scopes in the catalogue's order,
 * or the first part that is no scope.
 */
export function parseScopes(text: string): { readonly scopes: readonly Scope[] } | { readonly unknown: string } {
  const named = new Set<string>();
  for (const group of text.split(/\s+/).filter((part) => part !== '')) {
    const [resource = '', ...permissions] = group.split(':');
    for (const permission of permissions.join(':').split(',')) named.add(`${resource}:${permission}`);
  }
  const unknown = [...named].find((name) => !SCOPES.some((scope) => scope === name));
  return unknown === undefined ? { scopes: SCOPES.filter((scope) => named.has(scope)) } : { unknown };
}

/** Writes scopes as users read them, permissions of one resource together. */
export function formatScopes(scopes: readonly Scope[]): string {
  const permissions = new Map<string, string[]>();
  for (const scope of scopes) {
    const [resource = '', permission = ''] = scope.split(':', 2);
    permissions.set(resource, [...(permissions.get(resource) ?? []), permission]);
  }
  return [...permissions].map(([resource, list]) => `${resource}:${list.join(',')}`).join(' ');
}

function checksum(body: string): string {
  return crc32(body).toString(16).padStart(8, '0');
}
