import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listNamespaces } from '../../functions/actions/namespaces.ts';
import type { Namespace } from '../../functions/domain/namespace.ts';
import { readHints } from '../../functions/store/namespace-hints.ts';
import { busEvent, type Deployment, deploy } from '../support/deployment.ts';
import { type CiNamespace, namespaceEvent, rootOf, timeAt } from '../support/directory.ts';
import { intercept } from '../support/failing.ts';

let deployment: Deployment;
/** The CI's ids and users of each history are its own. */
let histories = 0;

beforeAll(async () => {
  deployment = await deploy();
});
afterAll(() => deployment.stop());

async function ingest(...bodies: readonly string[]): Promise<void> {
  const Records = bodies.map((body) => ({ messageId: randomUUID(), body }));
  expect(await deployment.handlers.ingest({ Records })).toEqual({ batchItemFailures: [] });
}

/** What the CI does in a second: the numbers choose among what there is to be chosen from. */
type Step = {
  readonly does: 'create' | 'rename' | 'move' | 'describe' | 'delete' | 'give';
  readonly which: number;
  readonly name: string;
};

/** A CI of a few namespaces, and the events that it emits. */
class Ci {
  readonly events: string[] = [];
  readonly alive = new Map<number, { name: string; parentId: number | undefined; user: string; description: string }>();
  readonly pathsEver = new Set<string>();
  private readonly history = ++histories;
  private second = 0;

  do({ does, which, name }: Step): void {
    const ids = [...this.alive.keys()];
    const id = ids[which % Math.max(1, ids.length)];
    this.second += 1;
    const one = id === undefined ? undefined : this.alive.get(id);
    if (does === 'create' || id === undefined || one === undefined) {
      this.create(which % 3 === 0 ? undefined : id, name);
      return;
    }
    if (does === 'delete') {
      this.delete(id);
      return;
    }
    if (does === 'rename' && this.isFree(one.parentId, name, one.user)) one.name = name;
    if (does === 'move') this.move(id, [undefined, ...ids][(which * 5) % (ids.length + 1)]);
    if (does === 'describe') one.description = `as of ${this.second}`;
    if (does === 'give' && one.parentId === undefined) {
      const heir = this.userOf(which % 2);
      if (this.isFree(undefined, one.name, heir)) this.giveTree(id, heir);
    }
    this.emit('updated', id);
  }

  of(id: number): CiNamespace {
    const one = this.alive.get(id);
    if (one === undefined) throw new Error(`No namespace ${id}`);
    const parent = one.parentId === undefined ? undefined : this.of(one.parentId);
    const path = parent === undefined ? one.name : `${parent.path}/${one.name}`;
    return { id, path, user: one.user, parent, description: one.description };
  }

  private create(parentId: number | undefined, name: string): void {
    const user = parentId === undefined ? this.userOf(0) : (this.alive.get(parentId)?.user ?? '');
    if (!this.isFree(parentId, name, user)) return;
    const id = this.history * 1000 + this.second;
    this.alive.set(id, { name, parentId, user, description: '' });
    this.emit('created', id);
  }

  private delete(id: number): void {
    this.emit('deleted', id);
    for (const gone of this.below(id)) this.alive.delete(gone);
  }

  /** A namespace is moved below another one of its owner, or made a root. */
  private move(id: number, parentId: number | undefined): void {
    const one = this.alive.get(id);
    if (one === undefined || (parentId !== undefined && this.below(id).includes(parentId))) return;
    if (parentId !== undefined && this.alive.get(parentId)?.user !== one.user) return;
    if (this.isFree(parentId, one.name, one.user)) one.parentId = parentId;
  }

  private giveTree(id: number, user: string): void {
    for (const below of this.below(id)) {
      const one = this.alive.get(below);
      if (one) one.user = user;
    }
  }

  private below(id: number): number[] {
    const children = [...this.alive].filter(([, { parentId }]) => parentId === id).map(([child]) => child);
    return [id, ...children.flatMap((child) => this.below(child))];
  }

  private isFree(parentId: number | undefined, name: string, user: string): boolean {
    const siblings = [...this.alive.values()].filter((one) => one.parentId === parentId && one.user === user);
    return siblings.every((one) => one.name !== name);
  }

  /** All users that the CI has. */
  get users(): readonly string[] {
    return [0, 1].map((index) => this.userOf(index));
  }

  private userOf(index: number): string {
    return `${'ab'[index]}-${this.history}`;
  }

  private emit(action: string, id: number): void {
    this.events.push(namespaceEvent(action, this.of(id), { second: this.second }));
    for (const one of this.alive.keys()) this.pathsEver.add(`${this.of(one).user}/${this.of(one).path}`);
  }
}

/** What a reader sees at each path that the CI ever had. */
async function seen(ci: Ci): Promise<Record<string, unknown>> {
  const entries = [...ci.pathsEver].map(async (name) => {
    const [user = '', ...path] = name.split('/');
    return [name, shown(await deployment.accounts.namespaces.byPath(user, path.join('/')))] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

function shown(one: Namespace | undefined): unknown {
  return one && { id: one.id, rootId: one.rootId, description: one.description, parent: shown(one.parent) ?? null };
}

/** What a reader should see there. */
function expected(ci: Ci): Record<string, unknown> {
  const entries = [...ci.alive.keys()].map((id) => ci.of(id));
  const at = new Map(entries.map((one) => [`${one.user}/${one.path}`, truth(one)]));
  return Object.fromEntries([...ci.pathsEver].map((name) => [name, at.get(name)]));
}

function truth(one: CiNamespace): unknown {
  const { id, description, parent } = one;
  return { id, rootId: rootOf(one).id, description, parent: parent === undefined ? null : truth(parent) };
}

/** What each user is shown as theirs, and the ids that the table says of them: those, and no others. */
async function listed(ci: Ci): Promise<Record<string, unknown>> {
  const entries = ci.users.map(async (username) => {
    const user = { id: 0, username, email: '', createdAt: '' };
    const { rows } = await listNamespaces(deployment.accounts, { user });
    const { ids } = await readHints(deployment.table, username, { kind: 'NAMESPACE', limit: 500 });
    return [username, { shown: rows.map(({ namespace: { id, path } }) => ({ id, path })), hinted: ids }] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** What each should be shown. */
function toList(ci: Ci): Record<string, unknown> {
  const all = [...ci.alive.keys()].map((id) => ci.of(id));
  const entries = ci.users.map((username) => {
    const own = all.filter(({ user }) => user === username).map(({ id, path }) => ({ id, path }));
    const shown = own.sort((a, b) => (a.path < b.path ? -1 : 1));
    return [username, { shown, hinted: own.map(({ id }) => id).sort((a, b) => a - b) }];
  });
  return Object.fromEntries(entries);
}

const step: fc.Arbitrary<Step> = fc.record({
  does: fc.constantFrom('create', 'create', 'rename', 'rename', 'move', 'move', 'describe', 'delete', 'give'),
  which: fc.nat(11),
  name: fc.constantFrom('x', 'y', 'z'),
});

function ciAfter(steps: readonly Step[]): Ci {
  const ci = new Ci();
  for (const one of steps) ci.do(one);
  return ci;
}

/** Two trees, one of which has something to be moved with all below it. */
const TREES: readonly Step[] = [0, 0, 2, 2].map((which, nth) => ({ does: 'create', which, name: 'xyzx'[nth] ?? '' }));

it.each([
  ['nothing', [], 60],
  ['two trees', TREES, 40],
] as const)(
  'comes to the CI’s own picture from its events in any order, however often each comes: from %s on',
  async (_, before, numRuns) => {
    const history = fc
      .array(step, { minLength: 2, maxLength: 14 - before.length })
      .map((steps) => [...before, ...steps]);
    await fc.assert(
      fc.asyncProperty(history, fc.infiniteStream(fc.nat(1_000_000)), async (steps, chance) => {
        const ci = ciAfter(steps);
        const random = () => chance.next().value ?? 0;
        const twice = ci.events.filter(() => random() % 3 === 0);
        const shuffled = [...ci.events, ...twice].map((body) => ({ body, at: random() })).sort((a, b) => a.at - b.at);
        while (shuffled.length > 0) {
          await ingest(...shuffled.splice(0, 1 + (random() % 5)).map(({ body }) => body));
        }
        expect(await seen(ci)).toEqual(expected(ci));
        expect(await listed(ci)).toEqual(toList(ci));
      }),
      { numRuns },
    );
  },
);

it('comes to it from events that all come at once', async () => {
  const history = fc.array(step, { minLength: 4, maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      const ci = ciAfter(steps);
      // Whoever gives way to another too often gives the message back, and the queue brings it again.
      let bodies = [...ci.events, ...ci.events];
      for (let rounds = 0; bodies.length > 0 && rounds < 20; rounds++) {
        const answers = await Promise.all(
          bodies.map((body) => deployment.handlers.ingest({ Records: [{ messageId: randomUUID(), body }] })),
        );
        bodies = bodies.filter((_, index) => (answers[index]?.batchItemFailures.length ?? 0) > 0);
      }
      expect(bodies).toEqual([]);
      expect(await seen(ci)).toEqual(expected(ci));
      expect(await listed(ci)).toEqual(toList(ci));
    }),
    { numRuns: 25 },
  );
});

it('of one second, goes by what happened to a namespace, not by what came last', async () => {
  const [root, free] = [{ id: 990_001, path: 'tie', user: 'tie' }, '00000000-0000-4000-8000-000000000000'];
  const events = [
    namespaceEvent('created', root, { second: 1 }),
    namespaceEvent('updated', { ...root, path: 'tied' }, { second: 1, id: free }),
    namespaceEvent('deleted', { ...root, path: 'tied' }, { second: 2, id: free }),
    namespaceEvent('updated', { ...root, path: 'tied' }, { second: 2 }),
  ];
  await ingest(...events.slice(0, 2), ...events.slice(0, 1));
  expect(await deployment.accounts.namespaces.byPath('tie', 'tied')).toMatchObject({ id: root.id });
  await ingest(...events.slice(2));
  expect(await deployment.accounts.namespaces.byId(root.id)).toBeUndefined();
});

it('a child that comes while its parent is renamed is found where the parent went', async () => {
  const root: CiNamespace = { id: 991_001, path: 'before', user: 'race' };
  await ingest(namespaceEvent('created', root, { second: 1 }));
  let isFirst = true;
  const undo = intercept(deployment.world.dynamodb, 'TransactWriteItems', async (_, send) => {
    if (isFirst) {
      isFirst = false;
      await ingest(namespaceEvent('updated', { ...root, path: 'after' }, { second: 3 }));
    }
    return send();
  });
  const child = { id: 991_002, path: 'before/child', user: 'race', parent: root };
  await ingest(namespaceEvent('created', child, { second: 2 }));
  undo();
  expect(await deployment.accounts.namespaces.byPath('race', 'after/child')).toMatchObject({ id: child.id });
  expect(await deployment.accounts.namespaces.byPath('race', 'before/child')).toBeUndefined();
});

it('two that claim one path take turns: the latest has it, and when it goes the other one has it again', async () => {
  const [one, other] = [990_101, 990_102].map((id) => ({ id, path: 'claimed', user: 'turns' }));
  if (one === undefined || other === undefined) throw new Error('there are two');
  const at = async () => (await deployment.accounts.namespaces.byPath('turns', 'claimed'))?.id;
  await ingest(namespaceEvent('created', other, { second: 2 }), namespaceEvent('created', one, { second: 1 }));
  expect(await at()).toBe(other.id);
  await ingest(namespaceEvent('updated', { ...other, path: 'elsewhere' }, { second: 3 }));
  expect(await at()).toBe(one.id);
});

describe('a cascade that is cut', () => {
  /** A tree of four, renamed at its root and deleted, and another event of each kind that its messages are. */
  function treeOf() {
    const ci = ciAfter([{ does: 'create', which: 0, name: 'x' }]);
    const [root = 0] = [...ci.alive.keys()];
    for (const name of ['x', 'y']) ci.do({ does: 'create', which: 4 * 13, name });
    ci.do({ does: 'create', which: 1, name: 'z' });
    return { ci, root };
  }

  it.each(['rename', 'delete'] as const)('is completed by the same message again: %s', async (does) => {
    let cuts = 0;
    for (let isCut = true; isCut; cuts++) {
      const { ci } = treeOf();
      await ingest(...ci.events);
      for (const id of ci.alive.keys()) {
        const { user, path } = ci.of(id);
        const namespace = await deployment.accounts.namespaces.byPath(user, path);
        if (namespace) await deployment.addWebhook({ payload_url: 'http://127.0.0.1:9999/' }, namespace);
      }
      const ids = [...ci.alive.keys()];
      const before = ci.events.length;
      ci.do({ does, which: 0, name: 'renamed' });
      const Records = [{ messageId: randomUUID(), body: ci.events[before] ?? '' }];
      let calls = 0;
      isCut = false;
      const undo = intercept(deployment.world.dynamodb, 'TransactWriteItems', async (_, send) => {
        if (calls++ < cuts) return send();
        isCut = true;
        throw new Error('cut');
      });
      const answered = await deployment.handlers.ingest({ Records });
      undo();
      expect(answered.batchItemFailures).toHaveLength(isCut ? 1 : 0);
      expect(await deployment.handlers.ingest({ Records })).toEqual({ batchItemFailures: [] });
      expect(await seen(ci)).toEqual(expected(ci));
      expect(await listed(ci)).toEqual(toList(ci));
      const left = await Promise.all(ids.map((id) => deployment.webhooks.all(id)));
      expect(left.flat()).toHaveLength(does === 'delete' ? 0 : ids.length);
    }
    expect(cuts).toBeGreaterThan(does === 'delete' ? 8 : 4);
  });

  it('gives only its own message back', async () => {
    const { ci, root } = treeOf();
    const other = { id: root + 900, path: 'other', user: ci.of(root).user };
    const events = [...ci.events, namespaceEvent('created', other, { second: 1 })];
    const Records = events.map((body, index) => ({ messageId: `${index}`, body }));
    const undo = intercept(deployment.world.dynamodb, 'TransactWriteItems', async (input, send) => {
      if (JSON.stringify(input).includes(`"NAMESPACE#${other.id}"`)) throw new Error('cut');
      return send();
    });
    const answered = await deployment.handlers.ingest({ Records });
    undo();
    expect(answered.batchItemFailures).toEqual([{ itemIdentifier: `${events.length - 1}` }]);
    expect(await seen(ci)).toEqual(expected(ci));
  });
});

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
