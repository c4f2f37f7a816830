import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addCollaborator,
  createToken,
  ensureNamespace,
  listCollaborators,
  listTokens,
  removeCollaborator,
  revokeToken,
} from '../../functions/actions/accounts.ts';
import { removeNamespace, whatGoesWith } from '../../functions/actions/remove-namespace.ts';
import { RefusalError, ValidationError } from '../../functions/domain/errors.ts';
import { isWellFormedToken, tokenHash } from '../../functions/domain/token.ts';
import { tokenStore } from '../../functions/store/tokens.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { intercept } from '../support/failing.ts';

let deployment: Deployment;

beforeAll(async () => {
  deployment = await deploy();
});
afterAll(() => deployment.stop());

describe('a token', () => {
  it('is made with its user, and found by its hash alone', async () => {
    const of = {
      username: 'new',
      name: 'laptop',
      scopes: ['webhook:read'],
      expiresAt: '2026-12-01T00:00:00.000Z',
    } as const;
    const { token, record } = await createToken(deployment.accounts, of);
    expect(isWellFormedToken(token)).toBe(true);
    expect(record).toMatchObject({ ...of, createdAt: '2026-11-23T12:00:00.000Z' });
    expect(await tokenStore(deployment.table).find(tokenHash(token))).toEqual(record);
    expect(await deployment.accounts.users.get('new')).toMatchObject({ username: 'new' });
  });

  it('is listed for its user until it is revoked', async () => {
    const of = { username: 'revoker', name: 'laptop', scopes: [] };
    const { record } = await createToken(deployment.accounts, of);
    expect(await listTokens(deployment.accounts, 'revoker')).toEqual([record]);
    await revokeToken(deployment.accounts, record);
    expect(await listTokens(deployment.accounts, 'revoker')).toEqual([]);
    const again = revokeToken(deployment.accounts, record);
    await expect(again).rejects.toThrow(
      new RefusalError('not_found', `revoker has no token with the id "${record.id}"`),
    );
  });

  it.each(['nobody', 'ADMIN'])('is neither listed nor revoked for %s, who is not there', async (username) => {
    const sentence = `There is no user ${username}`;
    await expect(listTokens(deployment.accounts, username)).rejects.toThrow(sentence);
    await expect(revokeToken(deployment.accounts, { username, id: 'x' })).rejects.toThrow(sentence);
  });

  it.each(['', 'a/b', 'x'.repeat(5000)])('is neither listed nor revoked for what is no name', async (username) => {
    await expect(listTokens(deployment.accounts, username)).rejects.toThrow(ValidationError);
    await expect(revokeToken(deployment.accounts, { username, id: 'x' })).rejects.toThrow(ValidationError);
  });
});

describe('a collaborator', () => {
  const isOne = (username: string) => deployment.accounts.collaborators.has(deployment.namespace.id, username);

  it('is made as a user, once, and reaches the namespace until taken off it', async () => {
    const { accounts, namespace } = deployment;
    expect(await addCollaborator(accounts, namespace, 'friend')).toBe(true);
    expect(await addCollaborator(accounts, namespace, 'friend')).toBe(false);
    expect(await isOne('friend')).toBe(true);
    expect(await accounts.users.get('friend')).toMatchObject({ username: 'friend' });
    await removeCollaborator(accounts, namespace, 'friend');
    expect(await isOne('friend')).toBe(false);
    expect(await accounts.users.get('friend')).toMatchObject({ username: 'friend' });
  });

  it('who is none is not taken off', async () => {
    await expect(removeCollaborator(deployment.accounts, deployment.namespace, 'stranger')).rejects.toThrow(
      new RefusalError('not_found', 'stranger is no collaborator of admin/demo'),
    );
  });

  it('belongs to a root: a child is refused by the name of its root', async () => {
    const child = await ensureNamespace(deployment.accounts, { username: 'admin', path: 'demo/a/b' });
    const sentence = 'Collaborators belong to whole trees: name the root, which is admin/demo';
    await expect(addCollaborator(deployment.accounts, child, 'lost')).rejects.toThrow(sentence);
    await expect(removeCollaborator(deployment.accounts, child, 'lost')).rejects.toThrow(sentence);
    expect(await deployment.accounts.users.get('lost')).toBeUndefined();
  });

  it('is not the owner, and has a name', async () => {
    const { accounts, namespace } = deployment;
    await expect(addCollaborator(accounts, namespace, 'admin')).rejects.toThrow('admin owns the namespace');
    await expect(addCollaborator(accounts, namespace, 'a/b')).rejects.toThrow('"a/b" is no user name');
    await expect(removeCollaborator(accounts, namespace, 'x'.repeat(5000))).rejects.toThrow(ValidationError);
  });
});

describe('a namespace that was removed', () => {
  const at = { username: 'eve', path: 'phoenix' };

  it('is told of before, with what goes with it, and leaves nothing that can be reached', async () => {
    const { accounts } = deployment;
    const root = await ensureNamespace(accounts, { ...at, id: 7001 });
    const child = await ensureNamespace(accounts, { ...at, path: 'phoenix/a', id: 7002 });
    await ensureNamespace(accounts, { ...at, path: 'phoenix/a/b', id: 7003 });
    await addCollaborator(accounts, root, 'friend');
    for (const path of ['a', 'b']) await deployment.addWebhook({ payload_url: `http://127.0.0.1:9999/${path}` }, child);
    expect(await whatGoesWith(accounts, root)).toEqual({ namespaces: 3, webhooks: 2 });
    await removeNamespace(accounts, child);
    expect(await whatGoesWith(accounts, root)).toEqual({ namespaces: 1, webhooks: 0 });
    await removeNamespace(accounts, root);
    for (const path of ['phoenix', 'phoenix/a', 'phoenix/a/b']) {
      expect(await accounts.namespaces.byPath('eve', path)).toBeUndefined();
    }
    expect((await accounts.namespaces.list()).filter(({ owner }) => owner.username === 'eve')).toEqual([]);
  });

  it('comes back by its id, without its webhooks and collaborators, and takes new ones', async () => {
    const { accounts } = deployment;
    const child = await ensureNamespace(accounts, { ...at, path: 'phoenix/a', id: 7002 });
    expect(child).toMatchObject({ id: 7002, path: 'phoenix/a' });
    const root = await accounts.namespaces.byPath('eve', 'phoenix');
    expect(root?.id).not.toBe(7001);
    expect(await deployment.webhooks.page(7002, { limit: 1 })).toMatchObject({ rows: [] });
    const added = [
      await deployment.addWebhook({ payload_url: 'http://127.0.0.1:9999/a' }, child),
      await deployment.addWebhook({ payload_url: 'http://127.0.0.1:9999/b' }, child),
    ];
    expect(await deployment.webhooks.page(7002, { limit: 1 })).toMatchObject({ rows: added.slice(0, 1) });
    expect(await deployment.webhooks.page(7002, { limit: 5 })).toMatchObject({ rows: added });
    await ensureNamespace(accounts, { ...at, path: 'other', id: 7001 });
    expect(await listCollaborators(accounts, await ensureNamespace(accounts, { ...at, path: 'other' }))).toEqual([]);
  });

  it('in part, because that was cut, is removed by doing it again', async () => {
    const { accounts } = deployment;
    const paths = ['cut', 'cut/a', 'cut/a/b', 'cut/c'];
    for (let cuts = 0, isCut = true; isCut; cuts++) {
      isCut = false;
      for (const path of paths) await ensureNamespace(accounts, { username: 'eve', path });
      const all = await Promise.all(paths.map((path) => accounts.namespaces.byPath('eve', path)));
      for (const one of all) await deployment.addWebhook({ payload_url: 'http://127.0.0.1:9999/cut' }, one);
      const find = () => accounts.namespaces.byPath('eve', 'cut');
      const remove = async () => removeNamespace(accounts, (await find()) ?? deployment.namespace);
      let calls = 0;
      const undo = intercept(deployment.world.dynamodb, 'TransactWriteItems', async (_, send) => {
        if (calls++ < cuts) return send();
        isCut = true;
        throw new Error('cut');
      });
      await remove().catch(() => undefined);
      undo();
      if (isCut) await remove();
      for (const path of paths) expect(await accounts.namespaces.byPath('eve', path)).toBeUndefined();
      const left = await Promise.all(all.map((one) => deployment.webhooks.all(one?.id ?? 0)));
      expect(left.flat()).toEqual([]);
    }
  });

  it('and is there again is no longer free for another', async () => {
    const sentence = 'A namespace with the id 7002 exists already';
    await expect(ensureNamespace(deployment.accounts, { ...at, path: 'more', id: 7002 })).rejects.toThrow(sentence);
  });
});

it('lists namespaces by the name that commands take', async () => {
  for (const [username, path] of [
    ['zoe', 'a'],
    ['bob', 'x/y'],
  ] as const) {
    await ensureNamespace(deployment.accounts, { username, path });
  }
  const names = (await deployment.accounts.namespaces.list()).map(({ owner, path }) => `${owner.username}/${path}`);
  expect(names.filter((name) => /^(bob|zoe)\//.test(name))).toEqual(['bob/x', 'bob/x/y', 'zoe/a']);
  expect(names).toEqual([...names].sort());
});
