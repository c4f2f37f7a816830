import { ENDED_WEBHOOK_RETENTION_DAYS, NAMESPACE_DEPTH_MAX } from '../domain/limits.ts';
import { type Said, type Standing, standingOf, standsRight } from '../domain/standing.ts';
import type { CollaboratorStore } from '../store/collaborators.ts';
import type { DirectoryStore } from '../store/directory-store.ts';
import type { NamespaceRecord } from '../store/namespace-item.ts';
import type { WebhookEndStore } from '../store/webhook-ends.ts';

export type TreeDeps = {
  readonly namespaces: Pick<DirectoryStore, 'record' | 'records' | 'write' | 'children' | 'noteSettled'>;
  readonly collaborators: Pick<CollaboratorStore, 'removeAll'>;
  readonly webhookEnds: WebhookEndStore;
  readonly now: () => number;
};

/** What is to be said of a namespace, by what is known of it; undefined where there is nothing to say. */
export type Decide = (seen: NamespaceRecord | undefined) => Said | undefined;

export type Change = { readonly id: number; readonly decide: Decide; readonly needsPath?: boolean };

/** A namespace as it stands once it is settled: its own change is done, and what is below it may not be yet. */
export type Settled = Pick<NamespaceRecord, 'id' | 'revision' | 'standing'>;

/** `ignored`: there was nothing to say. `path_taken`: the path had to be nobody's. */
export type Unchanged = 'ignored' | 'path_taken';

/** A walk had no time left. All that it has settled is noted: the next one goes on from there. */
export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError';
}

/** Somebody else's change makes ours be decided again; as often in a row is no accident any more. */
const TRIES = 8;
/** Children that are looked at in one call. */
const LOOKED_AT_TOGETHER = 100;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Changes a namespace, and then all below it. What is cut in between is completed by doing all of it again. */
export async function changeTree(deps: TreeDeps, change: Change): Promise<'changed' | Unchanged> {
  const settled = await settle(deps, change);
  if (typeof settled === 'string') return settled;
  await settleBelow(deps, settled);
  return 'changed';
}

/**
 * Settles all below a namespace by where it stands now, one after the other, each with all below itself: renamed with it, deleted with
 * it. Of each with whom that is done it is noted, so that a walk which was cut costs the next one a look at a hundred of them in a call.
 * Throws OutOfTimeError where that is not over by a time.
 */
export async function settleBelow(deps: TreeDeps, top: Settled, untilMs = Number.POSITIVE_INFINITY): Promise<void> {
  await walk({ deps, untilMs, visited: new Set([top.id]) }, top, 1);
}

type Walk = { readonly deps: TreeDeps; readonly untilMs: number; readonly visited: Set<number> };

/** Answers whether all below a namespace is settled for certain: not where ids form a ring, or others change it meanwhile. */
async function walk(of: Walk, parent: Settled, depth: number): Promise<boolean> {
  if (depth > NAMESPACE_DEPTH_MAX) return false;
  let isWhole = true;
  const ids = await of.deps.namespaces.children(parent.id);
  for (let from = 0; from < ids.length; from += LOOKED_AT_TOGETHER) {
    inTime(of, parent);
    const some = ids.slice(from, from + LOOKED_AT_TOGETHER);
    const known = new Map((await of.deps.namespaces.records(some)).map((record) => [record.id, record]));
    for (const id of some) {
      const isNew = !of.visited.has(id);
      of.visited.add(id);
      const record = known.get(id);
      const isDone = record?.isSettled === true && standsRight(record, parent.standing);
      if (!isNew || !(isDone || (await settleWithBelow(of, { id, parent, depth })))) isWhole = false;
    }
  }
  return isWhole;
}

async function settleWithBelow(
  of: Walk,
  { id, parent, depth }: { readonly id: number; readonly parent: Settled; readonly depth: number },
): Promise<boolean> {
  inTime(of, parent);
  const decide: Decide = (seen) => (seen?.said.namespace?.parentId === parent.id ? seen.said : undefined);
  const settled = await settle(of.deps, { id, decide });
  if (typeof settled === 'string') return false;
  return (await walk(of, settled, depth + 1)) && of.deps.namespaces.noteSettled(settled);
}

function inTime({ deps, untilMs }: Walk, { id }: Settled): void {
  if (deps.now() >= untilMs) throw new OutOfTimeError(`There was no time left for all below the namespace ${id}`);
}

/** Changes a namespace alone, by what is known of it and of its parent; where it is deleted, ends what ends with it. */
export async function settle(deps: TreeDeps, { id, decide, needsPath }: Change): Promise<Settled | Unchanged> {
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
    return { id, standing, revision: (seen?.revision ?? 0) + (written === 'written' ? 1 : 0) };
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
