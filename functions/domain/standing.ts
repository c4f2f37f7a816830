import type { Namespace, User } from './namespace.ts';
import type { Version } from './version.ts';

/** What the newest event of a namespace's own said of it; a deletion that came first says nothing but itself. */
export type Said = {
  readonly version: Version;
  readonly namespace?: Namespace | undefined;
  /** The event that deleted it. */
  readonly deletedBy?: string | undefined;
};

/** Where a namespace stands: what its own newest event and those of its ancestors come to. */
export type Standing = {
  readonly version: Version;
  readonly place?: Place | undefined;
  readonly deletedBy?: string | undefined;
};

/** Under which name a namespace is found, and in whose tree: those who collaborate on its root reach it. */
type Place = { readonly owner: User; readonly path: string; readonly rootId: number };

/**
 * Where a namespace stands under its parent, as far as that is known. Newer news of the parent decides whose, where and in which
 * tree it is, and whether it is deleted with it; its own name, and its own deletion, are its own. It is a function of what is known,
 * not of how that came to be known: so the order in which events arrive does not matter.
 */
export function standingOf(said: Said, parent: Standing | undefined): Standing {
  const { version, namespace, deletedBy } = said;
  const place = namespace && { owner: namespace.owner, path: namespace.path, rootId: namespace.rootId };
  const own = { version, place, deletedBy };
  if (deletedBy !== undefined || parent === undefined || parent.version <= version) return own;
  if (parent.deletedBy !== undefined) return { ...own, version: parent.version, deletedBy: parent.deletedBy };
  if (parent.place === undefined || place === undefined) return own;
  const name = place.path.slice(place.path.lastIndexOf('/') + 1);
  const inherited = { ...parent.place, path: `${parent.place.path}/${name}` };
  return { version: parent.version, place: inherited, deletedBy: undefined };
}

/** Whether a namespace stands already as it should under a parent that stands so. */
export function standsRight(
  { said, standing }: { readonly said: Said; readonly standing: Standing },
  parent: Standing,
): boolean {
  return asText(standing) === asText(standingOf(said, parent));
}

function asText({ version, deletedBy, place }: Standing): string {
  const { id, username, email, createdAt } = place?.owner ?? {};
  return JSON.stringify([version, deletedBy, place?.path, place?.rootId, id, username, email, createdAt]);
}
