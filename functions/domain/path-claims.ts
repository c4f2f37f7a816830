import { UNVERSIONED, type Version } from './version.ts';

/**
 * Who says that a path is theirs, by the namespace's id, and as of when. Mostly it is one; two while events are missing,
 * such as of two renames that cross: the newest has the path, and when it goes the next one has it.
 */
export type PathClaims = Readonly<Record<string, Version>>;

/**
 * Ids have leading zeros: a process in which an object with `4` for a key has once gone through the SDK's `for … in` compiles that anew
 * for ever after (V8 of Node 24): that was 5 to 12 % of all that `npm start` does. Earlier releases wrote `4`, and read both.
 */
const ID_DIGITS = 16;

function keyOf(id: number): string {
  return id.toString().padStart(ID_DIGITS, '0');
}

/** More are never true at once, and they must fit into an item. */
const CLAIMS_MAX = 20;

/** The claims when a namespace lays one. What the CI says of a path ends the claims of what was made by hand. */
export function withClaim(claims: PathClaims, id: number, version: Version): PathClaims {
  const others = Object.entries(claims).filter(
    ([other, claim]) => Number(other) !== id && (version === UNVERSIONED || claim !== UNVERSIONED),
  );
  return Object.fromEntries([...others, [keyOf(id), version] as const].sort(newestFirst).slice(0, CLAIMS_MAX));
}

/** The claims when a namespace gives its own up. */
export function withoutClaim(claims: PathClaims, id: number): PathClaims {
  return Object.fromEntries(Object.entries(claims).filter(([other]) => Number(other) !== id));
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
