import { DeleteCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addCollaborator, ensureNamespace, removeCollaborator } from '../../functions/actions/accounts.ts';
import { indexNamespaces, listNamespaces } from '../../functions/actions/namespaces.ts';
import { removeNamespace } from '../../functions/actions/remove-namespace.ts';
import { countCalls } from '../support/calls.ts';
import { busEvent, type Deployment, deploy } from '../support/deployment.ts';

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy();
});
afterAll(() => deployment.stop());

const add = (username: string, path: string) => ensureNamespace(deployment.accounts, { username, path });

/** What a user is shown, as `owner/path`; what is another's stands in brackets. */
async function listOf(username: string): Promise<string[]> {
  const { rows } = await listNamespaces(deployment.accounts, { user: { id: 0, username, email: '', createdAt: '' } });
  return rows.map(({ namespace: { owner, path }, isOwn }) => {
    const name = `${owner.username}/${path}`;
    return isOwn ? name : `(${name})`;
  });
}

async function emit(id: number, action: string, namespace: Readonly<Record<string, unknown>>, createdAt: string) {
  const payload = JSON.stringify({ action, namespace: { id, ...namespace } });
  const event = { namespaceId: id, id: crypto.randomUUID(), type: 'namespaces', payload, createdAt };
  await deployment.send('events', [busEvent(event)]);
  await deployment.drain('events', deployment.handlers.ingest);
}

it('lists what is theirs, children included, and the trees that they collaborate on', async () => {
  await add('ann', 'web/site');
  await add('ann', 'api');
  const shared = await add('bob', 'tools');
  await add('bob', 'tools/lint');
  await add('bob', 'secret');
  expect(await listOf('ann')).toEqual(['ann/api', 'ann/web', 'ann/web/site']);
  await addCollaborator(deployment.accounts, shared, 'ann');
  expect(await listOf('ann')).toEqual(['ann/api', 'ann/web', 'ann/web/site', '(bob/tools)', '(bob/tools/lint)']);
  expect(await listOf('nobody')).toEqual([]);
});

it('lists a tree once that came to be its collaborator’s own', async () => {
  const user = (username: string) => ({
    username,
    email: `${username}@example.com`,
    created_at: '2026-01-01T00:00:00Z',
  });
  await emit(950, 'created', { path: 'given', user: user('gil') }, '2026-11-23T10:00:00Z');
  const given = await deployment.accounts.namespaces.byId(950);
  if (given === undefined) throw new Error('no namespace');
  await addCollaborator(deployment.accounts, given, 'hal');
  expect(await listOf('hal')).toEqual(['(gil/given)']);
  await emit(950, 'updated', { path: 'given', user: user('hal') }, '2026-11-23T10:01:00Z');
  expect(await listOf('hal')).toEqual(['hal/given']);
  await removeCollaborator(deployment.accounts, given, 'hal');
});

it('shows a tree no longer to whoever is taken off it, nor what is deleted to anybody', async () => {
  const tree = await add('cleo', 'tree');
  await add('cleo', 'tree/leaf');
  await addCollaborator(deployment.accounts, tree, 'dan');
  expect(await listOf('dan')).toEqual(['(cleo/tree)', '(cleo/tree/leaf)']);
  await removeCollaborator(deployment.accounts, tree, 'dan');
  expect(await listOf('dan')).toEqual([]);
  await removeNamespace(deployment.accounts, tree);
  expect(await listOf('cleo')).toEqual([]);
});

it('follows the events of the CI: a rename, another owner, a deletion', async () => {
  const user = { username: 'eve', email: 'eve@example.com', created_at: '2026-01-01T00:00:00Z' };
  await emit(900, 'created', { path: 'first', user }, '2026-11-23T10:00:00Z');
  expect(await listOf('eve')).toEqual(['eve/first']);
  await emit(900, 'updated', { path: 'second', user }, '2026-11-23T10:01:00Z');
  expect(await listOf('eve')).toEqual(['eve/second']);
  await emit(900, 'updated', { path: 'second', user: { ...user, username: 'fay' } }, '2026-11-23T10:02:00Z');
  expect([await listOf('eve'), await listOf('fay')]).toEqual([[], ['fay/second']]);
  await emit(900, 'deleted', { path: 'second', user: { ...user, username: 'fay' } }, '2026-11-23T10:03:00Z');
  expect(await listOf('fay')).toEqual([]);
  const hints = await hintsOf('eve', 'fay');
  expect(hints).toEqual([]);
});

it('costs a few calls, however many namespaces there are', async () => {
  const calls = countCalls(deployment.world);
  await listOf('ann');
  expect(Object.fromEntries(calls)).toEqual({ Query: 3, BatchGetItem: 4 });
});

it('lists the namespaces of earlier releases once they are indexed, whoever does that again', async () => {
  const before = [await listOf('ann'), await listOf('bob')];
  for (const key of await hintsOf('ann', 'bob')) {
    await deployment.table.db.send(new DeleteCommand({ TableName: deployment.table.name, Key: key }));
  }
  expect([await listOf('ann'), await listOf('bob')]).toEqual([[], []]);
  for (const _ of [1, 2]) {
    expect(await indexNamespaces(deployment.accounts)).toMatchObject({ collaborators: 1 });
    expect([await listOf('ann'), await listOf('bob')]).toEqual(before);
  }
});

async function hintsOf(...usernames: readonly string[]) {
  const scan = new ScanCommand({
    TableName: deployment.table.name,
    FilterExpression: 'begins_with(sk, :namespace) OR begins_with(sk, :collaborates)',
    ExpressionAttributeValues: { ':namespace': 'NAMESPACE#', ':collaborates': 'COLLABORATES#' },
  });
  const { Items = [] } = await deployment.table.db.send(scan);
  return Items.map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) })).filter(({ pk }) =>
    usernames.includes(pk.slice('USER#'.length)),
  );
}
