import {
  concernsDirectory,
  type DirectoryChange,
  type NamespaceNews,
  readDirectoryChange,
  type UserNews,
} from '../domain/directory-change.ts';
import type { CiEvent } from '../domain/event.ts';
import type { Namespace, User } from '../domain/namespace.ts';
import type { Version } from '../domain/version.ts';
import type { CollaboratorStore } from '../store/collaborators.ts';
import type { UserStore } from '../store/users.ts';
import { changeTree, type Decide, type TreeDeps } from './namespace-tree.ts';

export type DirectoryEventDeps = TreeDeps & {
  readonly users: Pick<UserStore, 'get' | 'note' | 'nextId'>;
  readonly collaborators: Pick<CollaboratorStore, 'add' | 'removeAll'>;
  /** Told of events that should mean something for the directory and cannot be used. They are delivered all the same. */
  readonly onUnusable: (event: Pick<CiEvent, 'id' | 'type'>, reason: string) => void;
  /** Told of our own failures, each of which gives a message back to the queue. */
  readonly onFailure: (event: Pick<CiEvent, 'id' | 'type'>, error: unknown) => void;
};

/**
 * Keeps the directory current by the events that say something of it, one after the other; doing it again, or later than
 * newer ones, does no harm. Answers the events that could not be applied for now.
 */
export async function applyToDirectory(deps: DirectoryEventDeps, events: readonly CiEvent[]): Promise<Set<CiEvent>> {
  const failed = new Set<CiEvent>();
  for (const event of events.filter(concernsDirectory)) {
    try {
      await applyOne(deps, event, readDirectoryChange(event));
    } catch (error) {
      deps.onFailure(event, error);
      failed.add(event);
    }
  }
  return failed;
}

async function applyOne(deps: DirectoryEventDeps, event: CiEvent, change: DirectoryChange): Promise<void> {
  switch (change.kind) {
    case 'none':
      return;
    case 'unusable':
      return deps.onUnusable(event, change.reason);
    case 'namespace_known': {
      const owner = await noteUser(deps, change.namespace.owner, { version: change.version, at: event.createdAt });
      const news = { ...change.namespace, owner };
      await changeTree(deps, { id: news.id, decide: known(news, change.version, event.createdAt) });
      return;
    }
    case 'namespace_deleted':
      await changeTree(deps, { id: change.id, decide: deleted(change.eventId, change.version) });
      return;
    case 'collaborator_added': {
      const { user, rootId, version } = change;
      await noteUser(deps, user, { version, at: event.createdAt });
      await deps.collaborators.add(rootId, { username: user.username, createdAt: event.createdAt }, version);
    }
  }
}

/** An event says all there is to a namespace; what a producer leaves out stays as it was known. */
function known(news: NamespaceNews & { readonly owner: User }, version: Version, at: string): Decide {
  return (seen) => {
    if (seen !== undefined && seen.said.version > version) return undefined;
    const before = seen?.said.namespace;
    const namespace: Namespace = {
      ...news,
      description: news.description ?? before?.description ?? '',
      visibility: news.visibility ?? before?.visibility ?? 'private',
      createdAt: news.createdAt ?? before?.createdAt ?? at,
    };
    return { version, namespace };
  };
}

function deleted(eventId: string, version: Version): Decide {
  return (seen) => {
    if (seen !== undefined && seen.said.version > version) return undefined;
    return { version, namespace: seen?.said.namespace, deletedBy: eventId };
  };
}

/** Makes a user known as of an event, and answers the user as the event says; what it leaves out stays as it was known. */
async function noteUser(
  deps: DirectoryEventDeps,
  news: UserNews,
  { version, at }: { readonly version: Version; readonly at: string },
): Promise<User> {
  const before = await deps.users.get(news.username);
  const user: User = {
    id: news.id ?? before?.id ?? (await deps.users.nextId()),
    username: news.username,
    email: news.email ?? before?.email ?? `${news.username}@localhost`,
    createdAt: news.createdAt ?? before?.createdAt ?? at,
  };
  await deps.users.note(user, version);
  return user;
}
