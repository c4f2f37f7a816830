import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENT_TYPES, type EventType } from '../../functions/domain/catalogue.ts';
import { concernsDirectory, readDirectoryChange } from '../../functions/domain/directory-change.ts';
import { SAMPLES } from '../../functions/domain/samples.ts';
import { versionOf } from '../../functions/domain/version.ts';

const AT = { id: '5b0c9c5e-3d5f-4c3f-8f43-7d3c1f3b7c11', createdAt: '2026-11-23T12:00:00.000Z' };

function read(type: EventType, payload: unknown) {
  return readDirectoryChange({ ...AT, type, namespaceId: null, payload: JSON.stringify(payload) });
}

const { namespace } = SAMPLES.namespaces;
const child = { ...namespace, id: 3, root_id: 1, parent_id: 2, path: 'demo/a/b' };

const NO_ANCESTOR = 'namespace.root_id or namespace.parent_id is not that of an ancestor';
const UNUSABLE: readonly (readonly [unknown, string])[] = [
  [{ namespace }, 'The payload has no action'],
  [{ action: 'created' }, 'The payload has no namespace'],
  [{ action: 'deleted', namespace: { id: 0 } }, 'namespace.id is no whole number from 1'],
  [{ action: 'created', namespace: { ...namespace, id: 1.5 } }, 'namespace.id is no whole number from 1'],
  [{ action: 'created', namespace: { ...namespace, path: 'a/-/b' } }, 'namespace.path is no path'],
  [
    { action: 'created', namespace: { ...namespace, user: { username: '..' } } },
    'namespace.user.username is no user name',
  ],
  [{ action: 'created', namespace: { ...child, parent_id: null } }, 'namespace.path and namespace.parent_id disagree'],
  [{ action: 'created', namespace: { ...namespace, parent_id: 4 } }, 'namespace.path and namespace.parent_id disagree'],
  [{ action: 'created', namespace: { ...child, root_id: null } }, NO_ANCESTOR],
  [{ action: 'created', namespace: { ...child, root_id: 3 } }, NO_ANCESTOR],
  [{ action: 'created', namespace: { ...child, parent_id: 3 } }, NO_ANCESTOR],
];

describe('a namespaces event', () => {
  it.each(['created', 'updated'] as const)('%s makes a namespace known', (action) => {
    expect(read('namespaces', { action, namespace: child })).toEqual({
      kind: 'namespace_known',
      version: versionOf(AT, action),
      namespace: {
        id: 3,
        rootId: 1,
        parentId: 2,
        path: 'demo/a/b',
        description: namespace.description,
        visibility: 'private',
        createdAt: '2026-03-02T08:30:00.000Z',
        owner: {
          id: 1,
          username: 'admin',
          email: 'admin@djinn-ci.example',
          createdAt: '2026-03-01T10:00:00.000Z',
        },
      },
    });
  });

  it('needs no more than its id, its path and its owner’s name', () => {
    const least = { id: 7, path: 'a', user: { username: 'ann' } };
    expect(read('namespaces', { action: 'created', namespace: least })).toMatchObject({
      kind: 'namespace_known',
      namespace: { id: 7, rootId: 7, path: 'a', owner: { username: 'ann' } },
    });
  });

  it('says nothing by what it should not say: a root has itself as its root, and odd fields are left out', () => {
    const odd = { root_id: 99, description: 5, visibility: 'secret', created_at: 'now', user_id: 'x' };
    const change = read('namespaces', { action: 'created', namespace: { ...namespace, ...odd } });
    expect(change).toMatchObject({ kind: 'namespace_known', namespace: { rootId: 1 } });
    expect(JSON.parse(JSON.stringify(change)).namespace).not.toHaveProperty(['description']);
  });

  it('deleted needs an id alone', () => {
    const deleted = { kind: 'namespace_deleted', version: versionOf(AT, 'deleted'), id: 3, eventId: AT.id };
    expect(read('namespaces', { action: 'deleted', namespace: { id: 3 } })).toEqual(deleted);
    expect(read('namespaces', { action: 'deleted', namespace: child })).toEqual(deleted);
  });

  it('of another action means nothing', () => {
    expect(read('namespaces', { action: 'starred', namespace })).toEqual({ kind: 'none' });
  });

  it.each(UNUSABLE)('cannot be used, and says why: %j', (payload, reason) => {
    expect(read('namespaces', payload)).toEqual({ kind: 'unusable', reason });
  });
});

describe('an accepted invitation', () => {
  const invitee = { username: 'guest' };

  it.each([
    [{ id: 3, root_id: 1, parent_id: 2 }, 1],
    [{ root_id: 1 }, 1],
    [{ id: 1, parent_id: null }, 1],
    [{ id: 1 }, 1],
  ])('opens the root of %j', (of, rootId) => {
    expect(read('invite.accepted', { invitee, namespace: of })).toMatchObject({
      kind: 'collaborator_added',
      rootId,
      user: { username: 'guest' },
      version: versionOf(AT, 'created'),
    });
  });

  it.each([
    [{ invitee }, 'The payload lacks the invitee or the namespace'],
    [{ namespace: { id: 1 } }, 'The payload lacks the invitee or the namespace'],
    [{ invitee: {}, namespace: { id: 1 } }, 'invitee.username is no user name'],
    [{ invitee, namespace: { id: 3, parent_id: 2 } }, 'The namespace has no root_id, and no id as a root'],
    [{ invitee, namespace: { id: '1' } }, 'The namespace has no root_id, and no id as a root'],
  ])('cannot be used, and says why: %j', (payload, reason) => {
    expect(read('invite.accepted', payload)).toEqual({ kind: 'unusable', reason });
  });
});

it('other types mean nothing, and cost nothing to ask of', () => {
  const types = EVENT_TYPES.filter((type) => concernsDirectory({ type }));
  expect(types).toEqual(['invite.accepted', 'namespaces']);
  for (const type of EVENT_TYPES.filter((other) => !types.includes(other))) {
    expect(read(type, SAMPLES[type])).toEqual({ kind: 'none' });
  }
});

it('whatever a payload holds, reading it never fails', () => {
  const field = fc.oneof(fc.jsonValue(), fc.constantFrom(null, 1, 'a', 'a/b', { username: 'ann' }, '\ud800'));
  const names = ['id', 'path', 'user', 'root_id', 'parent_id', 'created_at', 'description', '__proto__'];
  const part = fc.oneof(field, fc.dictionary(fc.constantFrom(...names), field));
  const payload = fc.record({
    action: fc.oneof(fc.constantFrom('created', 'updated', 'deleted'), fc.jsonValue()),
    namespace: part,
    invitee: part,
  });
  fc.assert(
    fc.property(payload, (value) => {
      for (const type of ['namespaces', 'invite.accepted'] as const) {
        expect(read(type, value).kind).toMatch(
          /^(none|unusable|namespace_known|namespace_deleted|collaborator_added)$/,
        );
      }
    }),
    { numRuns: 1000 },
  );
});
