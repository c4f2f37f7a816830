import { ENDED_WEBHOOK_RETENTION_DAYS, NAMESPACE_DEPTH_MAX } from '../domain/limits.ts';
import { type Said, type Standing, standingOf } from '../domain/standing.ts';
import type { CollaboratorStore } from '../store/collaborators.ts';
import type { NamespaceRecord } from '../store/namespace-item.ts';
import type { NamespaceStore } from '../store/namespaces.ts';
import type { WebhookEndStore } from '../store/webhook-ends.ts';

export type TreeDeps = {
  readonly namespaces: Pick<NamespaceStore, 'record' | 'write' | 'children'>;
  readonly collaborators: Pick<CollaboratorStore, 'removeAll'>;
  readonly webhookEnds: WebhookEndStore;
  readonly now: () => number;
};

/** What is to be said of a namespace, by what is known of it; undefined where there is nothing to say. */
export type Decide = (seen: NamespaceRecord | undefined) => Said | undefined;

/** `ignored`: there was nothing to say. `path_taken`: the path had to be nobody's. */
export type TreeChange = 'changed' | 'ignored' | 'path_taken';

/** Somebody else's change makes ours be decided again; as often in a row is no accident any more. */
const TRIES = 8;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Changes a namespace, and then all below it by where they stand now, one after the other: renamed with it, deleted with
 * it. Each is one step of its own; what is cut between two of them is completed by doing all of it again.
 */
export async function changeTree(
  deps: TreeDeps,
  change: { readonly id: number; readonly decide: Decide; readonly needsPath?: boolean },
): Promise<TreeChange> {
  const outcome = await settle(deps, change);
  if (outcome !== 'changed') return outcome;
  const visited = new Set([change.id]);
  let level = [change.id];
  for (let depth = 1; depth <= NAMESPACE_DEPTH_MAX && level.length > 0; depth++) {
    const below: number[] = [];
    for (const parentId of level) {
      for (const id of await deps.namespaces.children(parentId)) {
        if (visited.has(id)) continue;
        visited.add(id);
        const decide: Decide = (seen) => (seen?.said.namespace?.parentId === parentId ? seen.said : undefined);
        if ((await settle(deps, { id, decide })) === 'changed') below.push(id);
      }
    }
    level = below;
  }
  return 'changed';
}

async function settle(
  deps: TreeDeps,
  { id, decide, needsPath }: { readonly id: number; readonly decide: Decide; readonly needsPath?: boolean },
): Promise<TreeChange> {
  for (let tried = 0; tried < TRIES; tried++) {
    const seen = await deps.namespaces.record(id);
    const said = decide(seen);
    if (said === undefined) return 'ignored';
    const { parentId } = said.namespace ?? {};
    const above = parentId === undefined ? undefined : await deps.namespaces.record(parentId);
    const parent = parentId === undefined ? undefined : { id: parentId, revision: above?.revision ?? 0 };
    const standing = standingOf(said, above?.standing);
    const written = await deps.namespaces.write({ seen, next: { id, said, standing }, parent, needsPath });
    if (written === 'path_taken') return written;
    if (written === 'stale') continue;
    if (standing.deletedBy !== undefined) await end(deps, { id, standing, deletedBy: standing.deletedBy });
    return 'changed';
  }
  throw new Error(`The namespace ${id} was changed by others all the time`);
}

/** What ends with a namespace: its webhooks, and who may reach it. */
async function end(
  deps: TreeDeps,
  of: { readonly id: number; readonly standing: Standing; readonly deletedBy: string },
): Promise<void> {
  await endWebhooks(deps, of);
  const removal = { version: of.standing.version, removedAt: new Date(deps.now()).toISOString() };
  await deps.collaborators.removeAll(of.id, removal);
}

/** Ends the webhooks of a namespace by what deletes it. */
export async function endWebhooks(
  deps: Pick<TreeDeps, 'webhookEnds' | 'now'>,
  { id, deletedBy }: { readonly id: number; readonly deletedBy: string },
): Promise<void> {
  const expiresAtMs = deps.now() + ENDED_WEBHOOK_RETENTION_DAYS * DAY_MS;
  await deps.webhookEnds.endAll(id, { deletedBy, expiresAtMs });
}
