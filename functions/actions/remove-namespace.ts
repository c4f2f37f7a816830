import { NAMESPACE_DEPTH_MAX } from '../domain/limits.ts';
import type { Namespace } from '../domain/namespace.ts';
import { versionAfter, versionOf } from '../domain/version.ts';
import type { DirectoryStore } from '../store/directory-store.ts';
import type { NamespaceStore } from '../store/namespaces.ts';
import type { WebhookStore } from '../store/webhooks.ts';
import { changeTree, type Decide, endWebhooks, type TreeDeps } from './namespace-tree.ts';

export type RemoveDeps = TreeDeps & {
  readonly namespaces: Pick<DirectoryStore, 'record' | 'write' | 'children'> & Pick<NamespaceStore, 'byId'>;
  readonly webhooks: Pick<WebhookStore, 'all'>;
  readonly randomId: () => string;
};

/** What goes with a namespace: how many namespaces, itself included, and how many webhooks. */
export async function whatGoesWith(
  deps: RemoveDeps,
  namespace: Namespace,
): Promise<{ readonly namespaces: number; readonly webhooks: number }> {
  const ids = await treeOf(deps, namespace.id);
  let webhooks = 0;
  for (const id of ids) webhooks += (await deps.webhooks.all(id)).length;
  return { namespaces: ids.length, webhooks };
}

/**
 * Removes a namespace with its children and webhooks, as the CI's own event does: nothing reaches it any more, and what of
 * its deliveries is still to come is cancelled when its time comes. The deepest go first, and webhooks before their
 * namespace: where it is cut, the namespace is still there, to be removed again.
 */
export async function removeNamespace(deps: RemoveDeps, namespace: Namespace): Promise<void> {
  const removal = { id: deps.randomId(), createdAt: new Date(deps.now()).toISOString() };
  const decide: Decide = (seen) =>
    seen && {
      version: versionAfter(seen.said.version, versionOf(removal, 'deleted')),
      namespace: seen.said.namespace,
      deletedBy: removal.id,
    };
  const ids = await treeOf(deps, namespace.id);
  for (const id of ids.reverse()) {
    await endWebhooks(deps, { id, deletedBy: removal.id });
    await changeTree(deps, { id, decide });
  }
}

/** The ids of a namespace and of all that is alive below it, level by level. */
async function treeOf(deps: RemoveDeps, rootId: number): Promise<number[]> {
  const ids = new Set([rootId]);
  let level = [rootId];
  for (let depth = 1; depth <= NAMESPACE_DEPTH_MAX && level.length > 0; depth++) {
    const below: number[] = [];
    for (const parentId of level) {
      for (const id of await deps.namespaces.children(parentId)) {
        if (!ids.has(id) && (await deps.namespaces.byId(id)) !== undefined) below.push(id);
      }
    }
    for (const id of below) ids.add(id);
    level = below;
  }
  return [...ids];
}
