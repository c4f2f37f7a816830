import { expect, it } from 'vitest';
import { holder, type PathClaims, withClaim, withoutClaim } from '../../functions/domain/path-claims.ts';
import { UNVERSIONED } from '../../functions/domain/version.ts';

const NOBODY: PathClaims = {};
const ONE = '0000000000000001';
const TWO = '0000000000000002';

it('has the path whoever claims it as of the latest, and the next one when that claim goes', () => {
  expect(holder(NOBODY)).toBeUndefined();
  for (const order of [
    [1, 2],
    [2, 1],
  ]) {
    const claims = order.reduce((before, id) => withClaim(before, id, `v${id}`), NOBODY);
    expect(holder(claims)).toBe(2);
    expect(holder(withoutClaim(claims, 2))).toBe(1);
    expect(holder(withoutClaim(claims, 1))).toBe(2);
  }
  expect(withoutClaim(withClaim(NOBODY, 1, 'v'), 1)).toEqual(NOBODY);
});

it('replaces a claim of the same namespace', () => {
  expect(withClaim({ '1': 'v1', '2': 'v2' }, 1, 'v3')).toEqual({ [ONE]: 'v3', '2': 'v2' });
  expect(withClaim({ [ONE]: 'v1' }, 1, 'v3')).toEqual({ [ONE]: 'v3' });
});

it('ends what was claimed by hand when the CI speaks, and only then', () => {
  expect(withClaim({ '1': UNVERSIONED }, 2, 'v')).toEqual({ [TWO]: 'v' });
  expect(withClaim({ '1': 'v' }, 2, UNVERSIONED)).toEqual({ '1': 'v', [TWO]: UNVERSIONED });
});

it('keeps the latest twenty', () => {
  const versions = Array.from({ length: 30 }, (_, id) => [id + 1, `v${(id + 1).toString().padStart(2, '0')}`] as const);
  const claims = versions.reduce((before, [id, version]) => withClaim(before, id, version), NOBODY);
  expect(Object.keys(claims).map(Number)).toEqual(Array.from({ length: 20 }, (_, index) => 30 - index));
});

it('writes no key that JavaScript takes for an index, and gives up what earlier releases wrote', () => {
  const keys = Object.keys(withClaim({ '4': 'v1' }, 5, 'v2'));
  expect(keys.filter((key) => key === `${Number(key)}`)).toEqual(['4']);
  expect(withoutClaim({ '4': 'v1' }, 4)).toEqual(NOBODY);
  expect(holder({ '4': 'v1', [ONE]: 'v0' })).toBe(4);
});
