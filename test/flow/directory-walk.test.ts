import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { busEvent, type Deployment, deploy } from '../support/deployment.ts';
import { type CiNamespace, ingestTogether, namespaceEvent, timeAt } from '../support/directory.ts';
import { crashAt, intercept } from '../support/failing.ts';

let deployment: Deployment;
let nextId = 10_000;

beforeAll(async () => {
  deployment = await deploy();
});
afterAll(() => deployment.stop());

type Tree = { readonly root: CiNamespace; readonly below: readonly CiNamespace[] };

/** A root and so many namespaces below it: of each eleven ten are its children, and the last is one of the tenth's. */
async function plant(size: number): Promise<Tree> {
  const root: CiNamespace = { id: nextId++, path: `root-${nextId}`, user: 'ada' };
  const below: CiNamespace[] = [];
  for (let nth = 1; nth <= size; nth++) {
    const parent = (nth % 11 === 0 ? below.at(-1) : undefined) ?? root;
    below.push({ id: nextId++, path: `${parent.path}/n${nth}`, user: 'ada', parent });
  }
  const bodies = [root, ...below].map((one) => namespaceEvent('created', one, { second: 1 }));
  while (bodies.length > 0) await ingestTogether(deployment, bodies.splice(0, 10));
  return { root, below };
}

/** How many of a tree are not yet as a deletion, or a rename, is to leave them. */
async function undone({ root, below }: Tree): Promise<number> {
  const found = await Promise.all(below.map(({ id }) => deployment.accounts.namespaces.byId(id)));
  return found.filter((one) => one?.path.startsWith(root.path)).length;
}

const message = (messageId: string, body: string) => ({ messageId, body });
const deletion = ({ root }: Tree) => message(`delete ${root.path}`, namespaceEvent('deleted', root, { second: 2 }));
const rename = ({ root }: Tree) =>
  message(`rename ${root.path}`, namespaceEvent('updated', { ...root, path: `new-${root.id}` }, { second: 2 }));

/** An accepted invitation to the deployment's own namespace. */
function invitation(username: string) {
  const { id } = deployment.namespace;
  const payload = JSON.stringify({ invitee: { username }, namespace: { id, parent_id: null } });
  const of = { namespaceId: id, id: crypto.randomUUID(), type: 'invite.accepted', createdAt: timeAt(3), payload };
  return message(`invite ${username}`, busEvent(of));
}

type Message = ReturnType<typeof message>;

/** Has ingest receive a batch, and ends the process with its nth call, as Lambda does by its clock; true once all of it is done. */
async function receive(Records: readonly Message[], calls: number): Promise<boolean> {
  const life = crashAt(deployment.world, calls, 'before');
  const answer = await deployment.handlers.ingest({ Records }).catch(() => undefined);
  life.revive();
  return life.calls() < calls && answer?.batchItemFailures.length === 0;
}

describe('a change above more namespaces than one invocation can settle', () => {
  it.each([
    ['deletion', deletion, 36, 100],
    ['rename', rename, 44, 80],
  ] as const)('%s: each receive goes on where the last was ended, and the batch is not held up', async (...of) => {
    const [name, change, size, calls] = of;
    const tree = await plant(size);
    const Records = [change(tree), invitation(name)];
    const left: number[] = [size];
    for (let isDone = false; !isDone && left.length <= 10; ) {
      isDone = await receive(Records, calls);
      left.push(await undone(tree));
    }
    expect(left.at(-1), `left after each receive: ${left.join(' ')}`).toBe(0);
    expect(await deployment.accounts.collaborators.has(deployment.namespace.id, name)).toBe(true);
  });
});

describe('what lies below the changes of one batch has 15 s', () => {
  /** Has ingest receive a batch, where each transaction takes a second; answers what comes back, and how long it took. */
  async function receiveSlowly(Records: readonly Message[]) {
    const { clock, handlers, world } = deployment;
    const before = clock.nowMs;
    const undo = intercept(world.dynamodb, 'TransactWriteItems', async (_, send) => {
      clock.nowMs += 1_000;
      return send();
    });
    const { batchItemFailures } = await handlers.ingest({ Records });
    undo();
    const back = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    return { back, seconds: (clock.nowMs - before) / 1000 };
  }

  it('then the message alone goes back, its neighbours are done, and the next receives complete it', async () => {
    const tree = await plant(22);
    const [first, last] = [rename(tree), invitation('guest')];
    const { back, seconds } = await receiveSlowly([first, last]);
    expect(back).toEqual([first.messageId]);
    expect(seconds).toBeLessThan(20);
    expect(await deployment.accounts.collaborators.has(deployment.namespace.id, 'guest')).toBe(true);
    expect(await undone(tree)).toBeGreaterThan(0);
    for (let again = 0; again < 5; again++) await receiveSlowly([first]);
    expect(await undone(tree)).toBe(0);
    expect((await receiveSlowly([first])).back).toEqual([]);
  });

  it('two large ones share it, and a small one is done beside them', async () => {
    const [one, small, other] = [await plant(22), await plant(1), await plant(22)];
    const Records = [one, small, other].map(deletion);
    const { back, seconds } = await receiveSlowly(Records);
    expect(back).toEqual([Records[0], Records[2]].map((which) => which?.messageId));
    expect(seconds).toBeLessThan(20);
    expect(await undone(small)).toBe(0);
    expect([await undone(one), await undone(other)].filter((left) => left === 22)).toEqual([]);
  });
});
