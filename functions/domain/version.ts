import type { CiEvent } from './event.ts';

/**
 * As of when something of the directory is known. Versions compare as texts, later ones being greater: by time, then
 * created before updated before deleted (the bus's own times are of whole seconds), then by the event's id, so that there
 * are no ties and whoever applies the same events in another order ends with the same.
 */
export type Version = string;

/** What an operator made by hand is known as of no time: any event of the CI overrides it. */
export const UNVERSIONED: Version = '';

const RANK = { created: 0, updated: 1, deleted: 2 } as const;

export type DirectoryAction = keyof typeof RANK;

/** The version of what an event says. `createdAt` is ISO 8601 in UTC, to the millisecond, as texts of one length. */
export function versionOf(event: Pick<CiEvent, 'id' | 'createdAt'>, action: DirectoryAction): Version {
  return `${event.createdAt}#${RANK[action]}#${event.id}`;
}

/** A version that overrides `seen`: the candidate or, where another clock was ahead of ours, the next one after it. */
export function versionAfter(seen: Version, candidate: Version): Version {
  return candidate > seen ? candidate : `${seen}~`;
}
