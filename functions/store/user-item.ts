import type { User } from '../domain/namespace.ts';
import type { Key } from './table.ts';

/** Where a user stands in the table. */
export function userKey(username: string): Key {
  return { pk: `USER#${username}`, sk: 'USER' };
}

/** The attributes of a user: of the user's own item, and of the owner within a namespace's. */
export function userAttributes(user: User) {
  return { id: user.id, username: user.username, email: user.email, created_at: user.createdAt };
}

/** Reads a user from such attributes. */
export function readUser(attributes: Readonly<Record<string, unknown>>): User {
  return {
    id: Number(attributes['id']),
    username: String(attributes['username']),
    email: String(attributes['email']),
    createdAt: String(attributes['created_at']),
  };
}
