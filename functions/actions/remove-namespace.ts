import { NAMESPACE_DEPTH_MAX } from '../domain/limits.ts';
import type { Namespace } from '../domain/namespace.ts';
import { versionAfter, versionOf } from '../domain/version.ts';
import type { NamespaceStore } from '../store/namespaces.ts';
import type { WebhookStore } from '../store/webhooks.ts';
import { changeTree, type TreeDeps } from './namespace-tree.ts';

export type RemoveDeps = TreeDeps & {
  readonly namespaces: Pick<NamespaceStore, 'record' | 'write' | 'children' | 'byId'>;
  readonly webhooks: Pick<WebhookStore, 'all'>;
  readonly randomId: () => string;
};

/** What goes with a namespace: how many namespaces, itself included, and how many webhooks. */
export async function whatGoesWith(
  deps: RemoveDeps,
  namespace: Namespace,
): Promise<{ readonly namespaces: number; readonly webhooks: number }> {
  const ids = new Set([namespace.id]);
  let level = [namespace.id];
  for (let depth = 1; depth <= NAMESPACE_DEPTH_MAX && level.length > 0; depth++) {
    const children = (await Promise.all(level.map((id) => deps.namespaces.children(id)))).flat();
    const known = await Promise.all(children.filter((id) => !ids.has(id)).map((id) => deps.namespaces.byId(id)));
    level = known.filter((child) => child !== undefined).map(({ id }) => id);
    for (const id of level) ids.add(id);
  }
  const webhooks = await Promise.all([...ids].map((id) => deps.webhooks.all(id)));
  return { namespaces: ids.size, webhooks: webhooks.flat().length };
}

/**
 * Removes a namespace with its children and webhooks, as the CI's own event does: nothing reaches it any more, and what of
 * its deliveries is still to come is cancelled when its time comes.
 */
export async function removeNamespace(deps: RemoveDeps, { id }: Namespace): Promise<void> {
  const removal = { id: deps.randomId(), createdAt: new Date(deps.now()).toISOString() };
  await changeTree(deps, {
    id,
    decide: (seen) =>
      seen && {
        version: versionAfter(seen.said.version, versionOf(removal, 'deleted')),
        namespace: seen.said.namespace,
        deletedBy: removal.id,
      },
  });
}
