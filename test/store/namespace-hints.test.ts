import { randomUUID } from 'node:crypto';
import { DeleteCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addCollaborator, ensureNamespace, removeCollaborator } from '../../functions/actions/accounts.ts';
import { indexNamespaces, listNamespaces } from '../../functions/actions/namespaces.ts';
import { removeNamespace } from '../../functions/actions/remove-namespace.ts';
import { COLLABORATIONS_LISTED_MAX, NAMESPACES_LISTED_PER_OWNER_MAX } from '../../functions/domain/limits.ts';
import { collaboratesKey, ownedKey } from '../../functions/store/namespace-hints.ts';
import { countCalls } from '../support/calls.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { type CiNamespace, namespaceEvent } from '../support/directory.ts';
import { intercept } from '../support/failing.ts';

let deployment: Deployment;
/** The CI's ids, of which each race has its own. */
let nextId = 700_000;

beforeAll(async () => {
  deployment = await deploy();
});
afterAll(() => deployment.stop());

const add = (username: string, path: string) => ensureNamespace(deployment.accounts, { username, path });

function list(username: string) {
  return listNamespaces(deployment.accounts, { user: { id: 0, username, email: '', createdAt: '' } });
}

/** What a user is shown, as `owner/path`; what is another's stands in brackets. */
async function listOf(username: string): Promise<string[]> {
  const { rows } = await list(username);
  return rows.map(({ namespace: { owner, path }, isOwn }) => {
    const name = `${owner.username}/${path}`;
    return isOwn ? name : `(${name})`;
  });
}

async function hasMore(username: string): Promise<boolean> {
  return (await list(username)).hasMore;
}

async function put(...items: readonly Readonly<Record<string, string>>[]): Promise<void> {
  const { db, name: TableName } = deployment.table;
  await Promise.all(items.map((Item) => db.send(new PutCommand({ TableName, Item }))));
}

/** Hands an event to ingest until it has taken it: whoever gives way to another too often is given it again. */
async function ingest(body: string): Promise<void> {
  const Records = [{ messageId: randomUUID(), body }];
  while ((await deployment.handlers.ingest({ Records })).batchItemFailures.length > 0);
}

async function hintsOf(...usernames: readonly string[]) {
  const keys = usernames.map(async (username) => {
    const query = new QueryCommand({
      TableName: deployment.table.name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': `USER#${username}` },
    });
    const { Items = [] } = await deployment.table.db.send(query);
    return Items.map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) }));
  });
  return (await Promise.all(keys)).flat().filter(({ sk }) => /^(NAMESPACE|COLLABORATES)#/.test(sk));
}

it('believes no hint: what it names may be another’s, deleted, unknown, or shared no longer', async () => {
  const other = await add('gus', 'others');
  const deleted = await add('gus', 'deleted');
  await removeNamespace(deployment.accounts, deleted);
  const keys = [other.id, deleted.id, 987_654].map((id) => ownedKey('hal', id));
  const shared = [other.id, deleted.id, 987_654].map((id) => collaboratesKey('hal', id));
  const left = await add('gus', 'left');
  await addCollaborator(deployment.accounts, left, 'hal');
  await removeCollaborator(deployment.accounts, left, 'hal');
  await put(...keys, ...shared, collaboratesKey('hal', left.id));
  expect(await listOf('hal')).toEqual([]);
  expect(await listOf('gus')).toEqual(['gus/left', 'gus/others']);
});

it('keeps no hint of what was shared: many that are over hide none that is not', async () => {
  const trees = [];
  for (const path of ['one', 'two', 'three']) trees.push(await add('ida', path));
  for (const tree of trees) await addCollaborator(deployment.accounts, tree, 'jan');
  const [one, two] = trees;
  if (one === undefined || two === undefined) throw new Error('there are three');
  await removeCollaborator(deployment.accounts, one, 'jan');
  await removeNamespace(deployment.accounts, two);
  expect(await listOf('jan')).toEqual(['(ida/three)']);
  expect(await hintsOf('jan')).toHaveLength(1);
  await addCollaborator(deployment.accounts, one, 'jan');
  expect(await listOf('jan')).toEqual(['(ida/one)', '(ida/three)']);
});

it('has a hint of a collaborator exactly where there is one, however adding and removing race', async () => {
  const tree = await add('kai', 'raced');
  for (let round = 0; round < 15; round++) {
    const username = `racer-${round}`;
    if (round % 2 === 0) await addCollaborator(deployment.accounts, tree, username);
    const removed = removeCollaborator(deployment.accounts, tree, username).catch(() => undefined);
    await Promise.all([addCollaborator(deployment.accounts, tree, username), removed]);
    const isOne = await deployment.accounts.collaborators.has(tree.id, username);
    expect(await hintsOf(username)).toHaveLength(isOne ? 1 : 0);
    expect(await listOf(username)).toEqual(isOne ? ['(kai/raced)'] : []);
  }
});

it.each([
  ['a deletion and a rename', ['deleted', 'updated']],
  ['a rename and a deletion', ['updated', 'deleted']],
  ['two changes of the owner', ['updated', 'updated']],
] as const)('comes to one answer where two events come at once: %s', async (_, actions) => {
  for (let round = 0; round < 5; round++) {
    const id = nextId++;
    const [first, second] = [`liv-${id}`, `max-${id}`];
    const root: CiNamespace = { id, path: 'old', user: first };
    await ingest(namespaceEvent('created', root, { second: 1 }));
    const child: CiNamespace = { id: nextId++, path: 'old/child', user: first, parent: root };
    await ingest(namespaceEvent('created', child, { second: 1 }));
    const [earlier, later] = [
      namespaceEvent(actions[0], { ...root, path: 'new', user: second }, { second: 2 }),
      namespaceEvent(actions[1], { ...root, path: 'newest', user: first }, { second: 3 }),
    ];
    await Promise.all([ingest(later), ingest(earlier)]);
    const isLeft = actions[1] !== 'deleted';
    expect(await listOf(first)).toEqual(isLeft ? [`${first}/newest`, `${first}/newest/child`] : []);
    expect(await listOf(second)).toEqual([]);
    expect(await hintsOf(first, second)).toHaveLength(isLeft ? 2 : 0);
  }
});

it('indexes nothing that has changed since it was read', async () => {
  const moving: CiNamespace = { id: 800_001, path: 'moving', user: 'ned' };
  await ingest(namespaceEvent('created', moving, { second: 1 }));
  const shared = await add('ned', 'shared');
  await addCollaborator(deployment.accounts, shared, 'oda');
  await deployment.table.db.send(
    new DeleteCommand({ TableName: deployment.table.name, Key: ownedKey('ned', moving.id) }),
  );
  let isFirst = true;
  const undo = intercept(deployment.world.dynamodb, 'TransactWriteItems', async (_, send) => {
    if (isFirst) {
      isFirst = false;
      await ingest(namespaceEvent('updated', { ...moving, user: 'pia' }, { second: 2 }));
    }
    return send();
  });
  await indexNamespaces(deployment.accounts).finally(undo);
  expect(await listOf('pia')).toEqual(['pia/moving']);
  expect(await hintsOf('ned')).toEqual([ownedKey('ned', shared.id)]);
  await removeCollaborator(deployment.accounts, shared, 'oda');
  await deployment.accounts.collaborators.hint(shared.id, 'oda');
  expect(await hintsOf('oda')).toEqual([]);
});

it('reads so many of an owner and no more, says that there are others, and shows a shared root all the same', async () => {
  const full = Array.from({ length: NAMESPACES_LISTED_PER_OWNER_MAX }, (_, index) =>
    ownedKey('quinn', 2_000_000 + index),
  );
  await put(...full);
  const root = await ensureNamespace(deployment.accounts, { username: 'quinn', path: 'last', id: 3_000_000 });
  await addCollaborator(deployment.accounts, root, 'rob');
  const calls = countCalls(deployment.world);
  expect(await listOf('rob')).toEqual(['(quinn/last)']);
  expect(Object.fromEntries(calls)).toEqual({ Query: 3, BatchGetItem: 7 });
  expect(await hasMore('rob')).toBe(true);
  expect(await hasMore('quinn')).toBe(true);
  await deployment.table.db.send(
    new DeleteCommand({ TableName: deployment.table.name, Key: ownedKey('quinn', root.id) }),
  );
  expect(await hasMore('quinn')).toBe(false);
});

it('looks at so many trees and no more', async () => {
  const trees = Array.from({ length: COLLABORATIONS_LISTED_MAX }, (_, index) =>
    collaboratesKey('sue', 4_000_000 + index),
  );
  await put(...trees);
  expect(await hasMore('sue')).toBe(false);
  await put(collaboratesKey('sue', 5_000_000));
  expect(await hasMore('sue')).toBe(true);
});
