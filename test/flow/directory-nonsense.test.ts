import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { busEvent, type Deployment, deploy } from '../support/deployment.ts';
import { type CiNamespace, ingestTogether, namespaceEvent, timeAt } from '../support/directory.ts';

let deployment: Deployment;

beforeAll(async () => {
  deployment = await deploy();
});
afterAll(() => deployment.stop());

const ingest = (...bodies: readonly string[]) => ingestTogether(deployment, bodies);

describe('what a broken producer sends', () => {
  const victim = { id: 1, path: 'demo', user: 'admin' };
  const ring = [
    { id: 900_001, path: 'r/a', user: 'ring' },
    { id: 900_002, path: 'r/a/b', user: 'ring' },
  ] as const;
  const emit = (payload: unknown, namespaceId: number | null = 1, type = 'namespaces') =>
    ingest(busEvent({ namespaceId, id: randomUUID(), type, createdAt: timeAt(1), payload: JSON.stringify(payload) }));

  it.each([
    ['nothing', {}],
    ['no namespace', { action: 'created', namespace: null }],
    ['another action', { action: 'exploded', namespace: { ...victim } }],
    ['an action that is no text', { action: ['deleted'], namespace: { id: 1 } }],
    ['an id beyond 2^53', { action: 'deleted', namespace: { id: 2 ** 53 } }],
    ['an id that is text', { action: 'deleted', namespace: { id: '1' } }],
    ['no path', { action: 'updated', namespace: { id: 1, user: { username: 'admin' } } }],
    ['a path that climbs', { action: 'updated', namespace: { id: 1, path: '../x', user: { username: 'admin' } } }],
    ['a path beyond 20 names', { action: 'updated', namespace: { id: 1, path: 'a/'.repeat(30), user: {} } }],
    ['a user who is none', { action: 'updated', namespace: { id: 1, path: 'a', user: { username: 'a/b#c' } } }],
    ['a child without a parent', { action: 'updated', namespace: { id: 1, path: 'a/b', user: { username: 'admin' } } }],
  ])('changes nothing and comes to nothing: %s', async (_, payload) => {
    const before = await deployment.accounts.namespaces.record(1);
    await emit(payload);
    expect(await deployment.accounts.namespaces.record(1)).toEqual(before);
  });

  it('is kept in as far as it fits: much too long, half of a character, of no such kind', async () => {
    await emit({
      action: 'created',
      namespace: {
        ...{ id: 910_000, path: 'much', visibility: 'secret', created_at: 'yesterday', user_id: -1 },
        description: `\ud800${'x'.repeat(500_000)}`,
        user: { username: 'much', email: '\udfff', created_at: 7 },
      },
    });
    const found = await deployment.accounts.namespaces.byPath('much', 'much');
    expect(found).toMatchObject({ visibility: 'private', createdAt: timeAt(1), owner: { email: 'much@localhost' } });
    expect(found?.description).toBe(`\ufffd${'x'.repeat(4095)}`);
  });

  it('may be a ring of parents, or a path that a rename makes too long', async () => {
    for (const [one, other] of [ring, [ring[1], ring[0]]] as const) {
      const namespace = { ...one, root_id: 900_000, parent_id: other.id, user: { username: one.user } };
      await emit({ action: 'created', namespace }, null);
    }
    const root = { id: 920_000, path: 'a', user: 'long' };
    const names = Array.from({ length: 8 }, () => 'n'.repeat(125));
    let parent: CiNamespace = root;
    const chain: CiNamespace[] = [root];
    for (const [index, name] of names.entries()) {
      parent = { id: 920_001 + index, path: `${parent.path}/${name}`, user: 'long', parent };
      chain.push(parent);
    }
    await ingest(...chain.map((one, index) => namespaceEvent('created', one, { second: index })));
    await ingest(namespaceEvent('updated', { ...root, path: 'b'.repeat(100) }, { second: 100 }));
    const found = await deployment.accounts.namespaces.byPath(
      'long',
      ['b'.repeat(100), ...names.slice(0, 7)].join('/'),
    );
    expect(found).toMatchObject({ id: 920_007 });
    await ingest(namespaceEvent('updated', root, { second: 101 }));
    expect(await deployment.accounts.namespaces.byPath('long', parent.path)).toMatchObject({ id: parent.id });
  });
});
