import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { instantOf } from './timestamp.ts';

/** Secret scanners look for a fixed prefix; the checksum tells a mistyped token from a guessed one, without a look-up. */
const PREFIX = 'djinn_';
const TOKEN = /^djinn_([0-9A-Za-z_-]{43})([0-9a-f]{8})$/;
const RANDOM_BYTES = 32;

/**
 * Every `resource:permission` that a token can carry. `event:write_all` goes beyond `event:write`: with both, a token speaks
 * for the whole CI, and what it says of users and namespaces is believed.
 */
export const SCOPES = [
  'webhook:read',
  'webhook:write',
  'webhook:delete',
  'namespace:read',
  'event:write',
  'event:write_all',
] as const;

export type Scope = (typeof SCOPES)[number];

/** What a token carries where nobody says otherwise: all that a user needs, and nothing that speaks for other users. */
export const USER_SCOPES: readonly Scope[] = SCOPES.filter((scope) => scope !== 'event:write_all');

/** What is stored of a token: everything but the token. */
export type TokenRecord = {
  readonly id: string;
  readonly name: string;
  readonly username: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
  /** From then on the token is as good as unknown; without it, a token is good until it is revoked. */
  readonly expiresAt?: string | undefined;
  /** The day (UTC) of its latest use: enough to find what nobody needs, and one write a day at most. */
  readonly lastUsedOn?: string | undefined;
};

const HOUR_MS = 3_600_000;
const UNIT_MS: Readonly<Record<string, number>> = { h: HOUR_MS, d: 24 * HOUR_MS };

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

/**
 * Reads when a token is to expire, as operators write it: `12h` or `30d` from now, or a time of RFC 3339. Returns the
 * instant, or what is wrong with the text.
 */
export function parseExpiry(
  text: string,
  nowMs: number,
): { readonly expiresAt: string } | { readonly problem: string } {
  const [, count, unit = ''] = /^(\d{1,5})([hd])$/.exec(text) ?? [];
  const expiresAt =
    count === undefined
      ? instantOf(text)
      : new Date(nowMs + Number(count) * (UNIT_MS[unit] ?? Number.NaN)).toISOString();
  if (expiresAt === undefined) {
    return { problem: `${JSON.stringify(text)} is no time: write 30d, 12h, or one such as 2030-01-31T12:00:00Z` };
  }
  if (isPast(expiresAt, nowMs)) return { problem: `${expiresAt} has passed: write a time to come` };
  return { expiresAt };
}

/** Whether a token is no longer good. */
export function isExpired(token: Pick<TokenRecord, 'expiresAt'>, nowMs: number): boolean {
  return token.expiresAt !== undefined && isPast(token.expiresAt, nowMs);
}

/** The day (UTC) to note as that of a token's latest use; undefined where that day or a later one is noted already. */
export function dayToNote(token: Pick<TokenRecord, 'lastUsedOn'>, nowMs: number): string | undefined {
  const today = new Date(nowMs).toISOString().slice(0, 10);
  return token.lastUsedOn === undefined || token.lastUsedOn < today ? today : undefined;
}

function isPast(instant: string, nowMs: number): boolean {
  return Date.parse(instant) <= nowMs;
}

function checksum(body: string): string {
  return crc32(body).toString(16).padStart(8, '0');
}
