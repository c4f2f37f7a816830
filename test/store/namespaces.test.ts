import { randomUUID } from 'node:crypto';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureNamespace } from '../../functions/actions/accounts.ts';
import { removeNamespace } from '../../functions/actions/remove-namespace.ts';
import { countCalls } from '../support/calls.ts';
import { busEvent, type Deployment, deploy } from '../support/deployment.ts';

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy();
});
afterAll(() => deployment.stop());

it('finds a namespace with all its parents in two calls, however deep it is', async () => {
  const { accounts } = deployment;
  const names = Array.from({ length: 20 }, (_, level) => `level-${level}`);
  const { id } = await ensureNamespace(accounts, { username: 'admin', path: names.join('/') });
  const calls = countCalls(deployment.world);
  const found = await accounts.namespaces.byPath('admin', names.join('/'));
  expect(Object.fromEntries(calls)).toEqual({ BatchGetItem: 2 });
  expect(found?.id).toBe(id);
  const paths: string[] = [];
  for (let one = found; one !== undefined; one = one.parent) paths.push(one.path);
  expect(paths).toEqual(names.map((_, index) => names.slice(0, 20 - index).join('/')));
});

it('knows no parent that is not there', async () => {
  const { accounts } = deployment;
  await ensureNamespace(accounts, { username: 'admin', path: 'a/b/c' });
  const parent = await accounts.namespaces.byPath('admin', 'a/b');
  if (parent === undefined) throw new Error('The parent is not there');
  await removeNamespace(accounts, parent);
  expect(await accounts.namespaces.byPath('admin', 'a/b/c')).toBeUndefined();
  expect(await accounts.namespaces.byPath('admin', 'a')).toMatchObject({ path: 'a' });
  expect(await accounts.namespaces.byPath('admin', 'a')).not.toHaveProperty('parent');
});

it('writes nothing where all is so already, and nothing over what was not seen', async () => {
  const { namespaces } = deployment.accounts;
  const seen = await namespaces.record(deployment.namespace.id);
  if (seen === undefined) throw new Error('The namespace is not there');
  const { said, standing, id } = seen;
  expect(await namespaces.write({ seen, next: { id, said, standing } })).toBe('unchanged');
  const next = { id, standing, said: { ...said, version: '2026' } };
  expect(await namespaces.write({ seen, next, parent: { id: 4711, revision: 3 } })).toBe('stale');
  expect(await namespaces.write({ seen, next })).toBe('written');
  expect(await namespaces.write({ seen, next: { ...next, said: { ...said, version: '2027' } } })).toBe('stale');
  expect(await namespaces.record(id)).toEqual({ ...next, revision: seen.revision + 1 });
});

it('notes that all below a namespace is settled as of what was seen of it, until it changes', async () => {
  const { namespaces } = deployment.accounts;
  const { id } = await ensureNamespace(deployment.accounts, { username: 'admin', path: 'noted' });
  const seen = await namespaces.record(id);
  if (seen === undefined) throw new Error('The namespace is not there');
  const isSettled = async () => (await namespaces.records([id])).map((one) => one.isSettled);
  expect(await isSettled()).toEqual([false]);
  expect(await namespaces.noteSettled(seen)).toBe(true);
  expect(await namespaces.records([id, 4711])).toEqual([{ ...seen, isSettled: true }]);
  const next = { id, standing: seen.standing, said: { ...seen.said, version: '2026' } };
  expect(await namespaces.write({ seen, next })).toBe('written');
  expect(await isSettled()).toEqual([false]);
  expect(await namespaces.noteSettled(seen), 'what was seen is no more').toBe(false);
  expect(await isSettled()).toEqual([false]);
});

it('moves a namespace whose path the release before claims wrote', async () => {
  const { table, accounts } = deployment;
  const { id } = await ensureNamespace(accounts, { username: 'old', path: 'release' });
  const Key = { pk: 'PATH#old/release', sk: 'PATH' };
  await table.db.send(new UpdateCommand({ TableName: table.name, Key, UpdateExpression: 'REMOVE claims' }));
  const namespace = { id, path: 'renamed', user: { username: 'old', email: '', created_at: '2026-01-01T00:00:00Z' } };
  const payload = JSON.stringify({ action: 'updated', namespace });
  await deployment.send('events', [busEvent({ namespaceId: id, id: randomUUID(), type: 'namespaces', payload })]);
  await deployment.drain('events', deployment.handlers.ingest);
  expect(await accounts.namespaces.byPath('old', 'renamed')).toMatchObject({ id });
  expect(await accounts.namespaces.byPath('old', 'release')).toBeUndefined();
});

it('reads what the release before roots were inherited wrote: a namespace was in the tree that it had said', async () => {
  const { table, accounts } = deployment;
  const { id, rootId } = await ensureNamespace(accounts, { username: 'old', path: 'tree/child' });
  const before = await accounts.namespaces.record(id);
  const Key = { pk: `NAMESPACE#${id}`, sk: 'NAMESPACE' };
  await table.db.send(new UpdateCommand({ TableName: table.name, Key, UpdateExpression: 'REMOVE said_root_id' }));
  expect(await accounts.namespaces.record(id)).toEqual(before);
  expect(before).toMatchObject({ said: { namespace: { rootId } }, standing: { place: { rootId } } });
});
