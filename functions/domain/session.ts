import { createHash } from 'node:crypto';
import { SESSION_HOURS } from './limits.ts';
import { isExpired, type TokenRecord } from './token.ts';

/** What is stored of a session in a browser: the token that it was begun with, by its hash, and when it ends. */
export type SessionRecord = { readonly tokenHash: string; readonly expiresAt: string };

const ID = /^[0-9A-Za-z_-]{43}$/;
const RANDOM_BYTES = 32;

/** Makes the id of a session of 32 random bytes. Whoever has it is signed in. Throws RangeError for any other number of bytes. */
export function mintSessionId(random: Uint8Array): string {
  if (random.length !== RANDOM_BYTES) throw new RangeError(`A session's id is made of ${RANDOM_BYTES} random bytes`);
  return Buffer.from(random).toString('base64url');
}

/** Whether a text could be the id of a session. */
export function isSessionId(text: string): boolean {
  return ID.test(text);
}

/** What a session is stored and found by: the lower-case hex SHA-256 of its id. */
export function sessionHash(id: string): string {
  return createHash('sha256').update(id).digest('hex');
}

/** A session that begins now with a token: it ends after twelve hours, or with the token where that ends before. */
export function newSession(
  token: Pick<TokenRecord, 'expiresAt'>,
  { tokenHash, nowMs }: { readonly tokenHash: string; readonly nowMs: number },
): SessionRecord {
  const endMs = nowMs + SESSION_HOURS * 60 * 60 * 1000;
  const tokenEndMs = token.expiresAt === undefined ? endMs : Date.parse(token.expiresAt);
  return { tokenHash, expiresAt: new Date(Math.min(endMs, tokenEndMs)).toISOString() };
}

/** Whether a session has ended. */
export function isOver(session: SessionRecord, nowMs: number): boolean {
  return isExpired(session, nowMs);
}
