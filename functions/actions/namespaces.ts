import { COLLABORATIONS_LISTED_MAX, NAMESPACES_LISTED_PER_OWNER_MAX } from '../domain/limits.ts';
import type { Namespace } from '../domain/namespace.ts';
import type { CollaboratorStore } from '../store/collaborators.ts';
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
 * 500 of each owner, and of 50 trees: `hasMore` says that there are others.
 */
export async function listNamespaces(
  deps: NamespaceListDeps,
  { user }: Pick<Caller, 'user'>,
): Promise<{ readonly rows: readonly ReachableNamespace[]; readonly hasMore: boolean }> {
  const [own, roots] = await Promise.all([
    deps.namespaces.ownedBy(user.username, NAMESPACES_LISTED_PER_OWNER_MAX),
    deps.collaborators.rootsOf(user.username, COLLABORATIONS_LISTED_MAX),
  ]);
  const owners = new Set((await deps.namespaces.byIds(roots.ids)).map(({ owner }) => owner.username));
  owners.delete(user.username);
  const others = await Promise.all(
    [...owners].map((owner) => deps.namespaces.ownedBy(owner, NAMESPACES_LISTED_PER_OWNER_MAX)),
  );
  const theirs = others.flatMap(({ namespaces }) => namespaces).filter(({ rootId }) => roots.ids.includes(rootId));
  return {
    rows: [
      ...own.namespaces.sort(byName).map((namespace) => ({ namespace, isOwn: true })),
      ...theirs.sort(byName).map((namespace) => ({ namespace, isOwn: false })),
    ],
    hasMore: own.hasMore || roots.hasMore || others.some(({ hasMore }) => hasMore),
  };
}

/**
 * Says of every owner and collaborator what is theirs, which tables of earlier releases do not: until then such namespaces are not
 * listed, though whoever knows their paths reaches them. Doing it again does no harm. Answers how many there are.
 */
export async function indexNamespaces(deps: {
  readonly namespaces: Pick<NamespaceStore, 'list' | 'hintOwner'>;
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
