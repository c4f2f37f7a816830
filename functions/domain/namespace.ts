import { NAMESPACE_DEPTH_MAX, PATH_MAX_CHARACTERS } from './limits.ts';

/** A user, as the service knows one: enough to own a namespace and to be shown. */
export type User = {
  readonly id: number;
  readonly username: string;
  readonly email: string;
  readonly createdAt: string;
};

/** A namespace, as the service knows one. `path` is the full one, parents joined by `/`, without the owner's name. */
export type Namespace = {
  readonly id: number;
  readonly rootId: number;
  readonly parentId?: number | undefined;
  /** The parent with its own parents, where it was asked for and is known. */
  readonly parent?: Namespace | undefined;
  readonly owner: User;
  readonly path: string;
  readonly description: string;
  readonly visibility: Visibility;
  readonly createdAt: string;
};

/**
 * From here on are the ids of users whose own the CI has not said yet: a sequence that starts at 1 would give them those of others.
 * As numbers of JSON they are exact.
 */
export const MADE_UP_USER_IDS_FROM = 2 ** 40;

/** Whether a user's id is not the CI's. */
export function isMadeUp({ id }: Pick<User, 'id'>): boolean {
  return id >= MADE_UP_USER_IDS_FROM;
}

/** What no namespace has for an id. */
export const NO_NAMESPACE_ID = 0;

export type Visibility = 'private' | 'internal' | 'public';

/** The source of a regular expression that matches a name, of a user or of those that a path is made of. */
export const NAME_PATTERN = '[A-Za-z0-9][A-Za-z0-9._-]{0,127}';
const NAME = new RegExp(`^${NAME_PATTERN}$`);

/** Whether a text is a namespace path: one to twenty names, joined by `/`. */
export function isNamespacePath(text: string): boolean {
  const segments = text.split('/');
  if (text.length > PATH_MAX_CHARACTERS || segments.length > NAMESPACE_DEPTH_MAX) return false;
  return segments.every(isUsername);
}

/** Whether a text is a user's name. */
export function isUsername(text: string): boolean {
  return NAME.test(text);
}
