import { COLLABORATIONS_LISTED_MAX, NAMESPACES_LISTED_PER_OWNER_MAX } from '../domain/limits.ts';
import type { Namespace } from '../domain/namespace.ts';
import type { CollaboratorStore } from '../store/collaborators.ts';
import type { DirectoryStore } from '../store/directory-store.ts';
import type { NamespaceStore } from '../store/namespaces.ts';
import type { Caller } from './directory.ts';

export type NamespaceListDeps = {
  readonly namespaces: Pick<NamespaceStore, 'ownedBy' | 'byIds'>;
  readonly collaborators: Pick<CollaboratorStore, 'rootsOf'>;
};

/** A namespace that somebody may see, and by what right. */
export type ReachableNamespace = { readonly namespace: Namespace; readonly isOwn: boolean };

/**
 * The namespaces that a caller may see: their own first, by path; then those of the trees that they collaborate on, by owner and path. At most
 * 500 of each owner, and 50 trees, whose roots are always among them: `hasMore` says that there are others. Reads two items for each
 * namespace of those owners, up to their 500, and three for each tree.
 */
export async function listNamespaces(
  deps: NamespaceListDeps,
  { user }: Pick<Caller, 'user'>,
): Promise<{ readonly rows: readonly ReachableNamespace[]; readonly hasMore: boolean }> {
  const [own, trees] = await Promise.all([
    deps.namespaces.ownedBy(user.username, NAMESPACES_LISTED_PER_OWNER_MAX),
    deps.collaborators.rootsOf(user.username, COLLABORATIONS_LISTED_MAX),
  ]);
  const roots = (await deps.namespaces.byIds(trees.ids)).filter(({ owner }) => owner.username !== user.username);
  const owners = new Set(roots.map(({ owner }) => owner.username));
  const others = await Promise.all(
    [...owners].map((owner) => deps.namespaces.ownedBy(owner, NAMESPACES_LISTED_PER_OWNER_MAX)),
  );
  const below = others.flatMap(({ namespaces }) => namespaces).filter(({ rootId }) => trees.ids.includes(rootId));
  // An owner may have so many that the root is not among those that are listed of them.
  const theirs = new Map([...roots, ...below].map((namespace) => [namespace.id, namespace]));
  return {
    rows: [
      ...own.namespaces.sort(byName).map((namespace) => ({ namespace, isOwn: true })),
      ...[...theirs.values()].sort(byName).map((namespace) => ({ namespace, isOwn: false })),
    ],
    hasMore: own.hasMore || trees.hasMore || others.some(({ hasMore }) => hasMore),
  };
}

/**
 * Says of every owner and collaborator what is theirs, which tables of earlier releases do not: until then such namespaces are not
 * listed, though whoever knows their paths reaches them. Doing it again does no harm. Answers how many there are.
 */
export async function indexNamespaces(deps: {
  readonly namespaces: Pick<DirectoryStore, 'list' | 'hintOwner'>;
  readonly collaborators: Pick<CollaboratorStore, 'list' | 'hint'>;
}): Promise<{ readonly namespaces: number; readonly collaborators: number }> {
  const all = await deps.namespaces.list();
  let collaborators = 0;
  for (const namespace of all) {
    await deps.namespaces.hintOwner(namespace);
    if (namespace.id !== namespace.rootId) continue;
    for (const { username } of await deps.collaborators.list(namespace.id)) {
      await deps.collaborators.hint(namespace.id, username);
      collaborators++;
    }
  }
  return { namespaces: all.length, collaborators };
}

function byName(one: Namespace, other: Namespace): number {
  const [a, b] = [one, other].map(({ owner, path }) => `${owner.username}/${path}`);
  return (a ?? '') < (b ?? '') ? -1 : 1;
}
