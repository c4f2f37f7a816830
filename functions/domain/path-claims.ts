import { UNVERSIONED, type Version } from './version.ts';

/**
 * Who says that a path is theirs, by the namespace's id, and as of when. Mostly it is one; two while events are missing,
 * such as of two renames that cross: the newest has the path, and when it goes the next one has it.
 */
export type PathClaims = Readonly<Record<string, Version>>;

/** More are never true at once, and they must fit into an item. */
const CLAIMS_MAX = 20;

/** The claims when a namespace lays one. What the CI says of a path ends the claims of what was made by hand. */
export function withClaim(claims: PathClaims, id: number, version: Version): PathClaims {
  const others = Object.entries(claims).filter(
    ([other, claim]) => other !== id.toString() && (version === UNVERSIONED || claim !== UNVERSIONED),
  );
  return Object.fromEntries([...others, [id.toString(), version] as const].sort(newestFirst).slice(0, CLAIMS_MAX));
}

/** The claims when a namespace gives its own up. */
export function withoutClaim(claims: PathClaims, id: number): PathClaims {
  return Object.fromEntries(Object.entries(claims).filter(([other]) => other !== id.toString()));
}

/** The namespace that has the path; undefined where nobody claims it. */
export function holder(claims: PathClaims): number | undefined {
  const [first] = Object.entries(claims).sort(newestFirst);
  return first && Number(first[0]);
}

function newestFirst([idA, a]: readonly [string, Version], [idB, b]: readonly [string, Version]): number {
  if (a !== b) return a > b ? -1 : 1;
  return Number(idB) - Number(idA);
}
