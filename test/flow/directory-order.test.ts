import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listNamespaces } from '../../functions/actions/namespaces.ts';
import type { Namespace } from '../../functions/domain/namespace.ts';
import { readHints } from '../../functions/store/namespace-hints.ts';
import { type Ci, ciAfter, expected, type Step, toList } from '../support/ci.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { type CiNamespace, ingestTogether, namespaceEvent } from '../support/directory.ts';
import { intercept } from '../support/failing.ts';

let deployment: Deployment;

beforeAll(async () => {
  deployment = await deploy();
});
afterAll(() => deployment.stop());

const ingest = (...bodies: readonly string[]) => ingestTogether(deployment, bodies);

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

const step: fc.Arbitrary<Step> = fc.record({
  does: fc.constantFrom('create', 'create', 'rename', 'rename', 'move', 'move', 'describe', 'delete', 'give'),
  which: fc.nat(11),
  name: fc.constantFrom('x', 'y', 'z'),
});

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

it('comes to it where every message may be cut at any write, and comes again later among others', async () => {
  const history = fc.array(step, { minLength: 4, maxLength: 8 }).map((steps) => [...TREES, ...steps]);
  await fc.assert(
    fc.asyncProperty(history, fc.infiniteStream(fc.nat(1_000_000)), async (steps, chance) => {
      const ci = ciAfter(steps);
      const below = (limit: number) => (chance.next().value ?? 0) % limit;
      const bodies = [...ci.events];
      for (let received = 0; bodies.length > 0; received++) {
        const [body = ''] = bodies.splice(below(bodies.length), 1);
        let writes = received < 60 ? below(8) : Number.POSITIVE_INFINITY;
        const undo = intercept(deployment.world.dynamodb, 'TransactWriteItems', async (_, send) => {
          if (writes-- <= 0) throw new Error('cut');
          return send();
        });
        const answered = await deployment.handlers.ingest({ Records: [{ messageId: randomUUID(), body }] });
        undo();
        if (answered.batchItemFailures.length > 0) bodies.push(body);
      }
      expect(await seen(ci)).toEqual(expected(ci));
      expect(await listed(ci)).toEqual(toList(ci));
    }),
    { numRuns: 10 },
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
