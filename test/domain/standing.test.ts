import { describe, expect, it } from 'vitest';
import type { Namespace } from '../../functions/domain/namespace.ts';
import { standingOf, standsRight } from '../../functions/domain/standing.ts';

const user = (username: string) => ({ id: 1, username, email: '', createdAt: '' });
const namespace: Namespace = {
  id: 2,
  rootId: 1,
  parentId: 1,
  owner: user('ann'),
  path: 'old/child',
  description: '',
  visibility: 'private',
  createdAt: '',
};
const place = { owner: user('ann'), path: 'old/child', rootId: 1 };
const renamed = { owner: user('bob'), path: 'new', rootId: 1 };

describe('a namespace stands', () => {
  it('where it said, without a parent or with older news of one', () => {
    const own = { version: '2', place, deletedBy: undefined };
    expect(standingOf({ version: '2', namespace }, undefined)).toEqual(own);
    for (const version of ['1', '2']) {
      expect(standingOf({ version: '2', namespace }, { version, place: renamed })).toEqual(own);
      expect(standingOf({ version: '2', namespace }, { version, deletedBy: 'e' })).toEqual(own);
    }
  });

  it('under its own name at its parent, by newer news of the parent, as that one’s owner’s', () => {
    const inheritedPlace = { owner: user('bob'), path: 'new/child', rootId: 1 };
    const inherited = { version: '3', place: inheritedPlace, deletedBy: undefined };
    expect(standingOf({ version: '2', namespace }, { version: '3', place: renamed })).toEqual(inherited);
    expect(standingOf({ version: '', namespace }, { version: '3', place: renamed })).toEqual(inherited);
  });

  it('in the tree that its parent was moved to', () => {
    const moved = { owner: user('ann'), path: 'other/new', rootId: 7 };
    expect(standingOf({ version: '2', namespace }, { version: '3', place: moved }).place).toMatchObject({ rootId: 7 });
    expect(standingOf({ version: '4', namespace }, { version: '3', place: moved }).place).toMatchObject({ rootId: 1 });
  });

  it('deleted with its parent, by what deleted that one', () => {
    const deleted = { version: '3', place, deletedBy: 'e' };
    expect(standingOf({ version: '2', namespace }, { version: '3', deletedBy: 'e' })).toEqual(deleted);
  });

  it('deleted by itself, whatever becomes of its parent', () => {
    const said = { version: '2', namespace, deletedBy: 'own' };
    for (const parent of [undefined, { version: '3', place: renamed }, { version: '3', deletedBy: 'e' }]) {
      expect(standingOf(said, parent)).toEqual({ version: '2', place, deletedBy: 'own' });
    }
    expect(standingOf({ version: '2', deletedBy: 'own' }, undefined)).toMatchObject({ deletedBy: 'own' });
  });
});

it.each([
  ['renamed', { version: '3', place: renamed }],
  ['moved', { version: '3', place: { ...place, path: 'old', rootId: 7 } }],
  ['given to another', { version: '3', place: { ...place, path: 'old', owner: user('bob') } }],
  ['deleted', { version: '3', place, deletedBy: 'e' }],
])('stands right below one that was %s once it stands where that puts it', (_, parent) => {
  const said = { version: '2', namespace };
  expect(standsRight({ said, standing: standingOf(said, undefined) }, parent)).toBe(false);
  expect(standsRight({ said, standing: standingOf(said, parent) }, parent)).toBe(true);
});
