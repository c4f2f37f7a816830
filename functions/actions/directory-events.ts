import {
  concernsDirectory,
  type DirectoryChange,
  type NamespaceNews,
  readDirectoryChange,
  type UserNews,
} from '../domain/directory-change.ts';
import type { CiEvent } from '../domain/event.ts';
import { EVENT_AHEAD_MAX_MINUTES, TREE_WALKS_MAX_MS } from '../domain/limits.ts';
import type { Namespace, User } from '../domain/namespace.ts';
import type { Version } from '../domain/version.ts';
import type { CollaboratorStore } from '../store/collaborators.ts';
import type { UserStore } from '../store/users.ts';
import {
  type Change,
  type Decide,
  OutOfTimeError,
  type Settled,
  settle,
  settleBelow,
  type TreeDeps,
} from './namespace-tree.ts';

export type DirectoryEventDeps = TreeDeps & {
  readonly users: Pick<UserStore, 'get' | 'note' | 'nextId'>;
  readonly collaborators: Pick<CollaboratorStore, 'add' | 'removeAll'>;
  /** Told of events that should mean something for the directory and cannot be used. They are delivered all the same. */
  readonly onUnusable: (event: Pick<CiEvent, 'id' | 'type'>, reason: string) => void;
  /** Told of our own failures, each of which gives a message back to the queue. */
  readonly onFailure: (event: Pick<CiEvent, 'id' | 'type'>, error: unknown) => void;
};

/** An event that has changed a namespace, below which all is still to be settled. */
type Open = { readonly event: CiEvent; readonly top: Settled };

/**
 * Keeps the directory current by the events that say something of it, one after the other; doing it again, or later than
 * newer ones, does no harm. First all that is said of single namespaces; then, as far as there is time, what is below them. Answers the events
 * that could not be applied, or not whole, for now.
 */
export async function applyToDirectory(deps: DirectoryEventDeps, events: readonly CiEvent[]): Promise<Set<CiEvent>> {
  const untilMs = deps.now() + TREE_WALKS_MAX_MS;
  const failed = new Set<CiEvent>();
  const fail = (event: CiEvent, error: unknown) => {
    deps.onFailure(event, error);
    failed.add(event);
  };
  const open: Open[] = [];
  for (const event of events.filter(concernsDirectory)) {
    try {
      const top = await applyOne(deps, event, readDirectoryChange(notAhead(event, deps.now())));
      if (top !== undefined) open.push({ event, top });
    } catch (error) {
      fail(event, error);
    }
  }
  await settleInTurn(deps, open, { untilMs, fail });
  return failed;
}

/** An event as of a time that may be: what is said of next year would count for more than all that comes until then. */
function notAhead(event: CiEvent, nowMs: number): CiEvent {
  const latest = new Date(nowMs + EVENT_AHEAD_MAX_MINUTES * 60_000).toISOString();
  return event.createdAt > latest ? { ...event, createdAt: latest } : event;
}

/**
 * Settles what is below several namespaces until a time. Each has an equal share of what is left, and what others leave of theirs: so many small
 * ones are done beside a large one, and of two large ones both get on.
 */
async function settleInTurn(
  deps: DirectoryEventDeps,
  all: readonly Open[],
  { untilMs, fail }: { readonly untilMs: number; readonly fail: (event: CiEvent, error: unknown) => void },
): Promise<void> {
  for (let open = all; open.length > 0; ) {
    const cut: Open[] = [];
    for (const [nth, one] of open.entries()) {
      const nowMs = deps.now();
      try {
        await settleBelow(deps, one.top, nowMs + (untilMs - nowMs) / (open.length - nth));
      } catch (error) {
        if (error instanceof OutOfTimeError && deps.now() < untilMs) cut.push(one);
        else fail(one.event, error);
      }
    }
    open = cut;
  }
}

/** Applies what an event says of a single namespace or user; answers the namespace below which it changes more. */
async function applyOne(
  deps: DirectoryEventDeps,
  event: CiEvent,
  change: DirectoryChange,
): Promise<Settled | undefined> {
  switch (change.kind) {
    case 'none':
      return undefined;
    case 'unusable':
      deps.onUnusable(event, change.reason);
      return undefined;
    case 'namespace_known': {
      const owner = await noteUser(deps, change.namespace.owner, { version: change.version, at: event.createdAt });
      const news = { ...change.namespace, owner };
      return settleTop(deps, { id: news.id, decide: known(news, change.version, event.createdAt) });
    }
    case 'namespace_deleted':
      return settleTop(deps, { id: change.id, decide: deleted(change.eventId, change.version) });
    case 'collaborator_added': {
      const { user, rootId, version } = change;
      await noteUser(deps, user, { version, at: event.createdAt });
      await deps.collaborators.add(rootId, { username: user.username, createdAt: event.createdAt }, version);
      return undefined;
    }
  }
}

async function settleTop(deps: TreeDeps, change: Change): Promise<Settled | undefined> {
  const settled = await settle(deps, change);
  return typeof settled === 'string' ? undefined : settled;
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
