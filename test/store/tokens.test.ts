import { randomUUID } from 'node:crypto';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenRecord } from '../../functions/domain/token.ts';
import { directoryStore } from '../../functions/store/directory-store.ts';
import { type TokenStore, tokenStore } from '../../functions/store/tokens.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { intercept } from '../support/failing.ts';

let deployment: Deployment;
let tokens: TokenStore;

beforeAll(async () => {
  deployment = await deploy();
  tokens = tokenStore(deployment.table);
});
afterAll(() => deployment.stop());

async function add(differences: Partial<TokenRecord> = {}) {
  const hash = `hash-of-${randomUUID()}`;
  const record: TokenRecord = {
    id: randomUUID(),
    name: 'test',
    username: 'admin',
    scopes: ['webhook:read'],
    createdAt: '2026-11-23T12:00:00.000Z',
    ...differences,
  };
  await tokens.add(hash, record);
  return { hash, record };
}

async function items(of: { readonly hash: string; readonly record: TokenRecord }) {
  const keys = [
    { pk: `TOKEN#${of.hash}`, sk: 'TOKEN' },
    { pk: `USER#${of.record.username}`, sk: `TOKEN#${of.record.id}` },
  ];
  const { db, name } = deployment.table;
  return Promise.all(keys.map(async (Key) => (await db.send(new GetCommand({ TableName: name, Key }))).Item));
}

/** Runs something while DynamoDB refuses every single update in the way that is named. */
async function whileRefusing<T>(name: string, run: () => Promise<T>): Promise<T> {
  const undo = intercept(deployment.world.dynamodb, 'UpdateItem', async () => {
    throw Object.assign(new Error('Refused'), { name });
  });
  return run().finally(undo);
}

describe('a token', () => {
  it('is found by its hash, as it was added, and by no other', async () => {
    const { hash, record } = await add({ expiresAt: '2026-12-23T12:00:00.001Z' });
    expect(await tokens.find(hash)).toEqual(record);
    expect(await tokens.find(`${hash}0`)).toBeUndefined();
  });

  it('is looked up as it is now, not as it was a moment ago', async () => {
    const { hash } = await add();
    const reads: unknown[] = [];
    const undo = intercept(deployment.world.dynamodb, 'GetItem', (input, send) => {
      reads.push((input as { ConsistentRead?: boolean }).ConsistentRead);
      return send();
    });
    await tokens.find(hash).finally(undo);
    expect(reads).toEqual([true]);
  });

  it('is cleared away by DynamoDB after it has expired, not before, and never where it does not', async () => {
    const seconds = Date.parse('2026-12-23T12:00:01Z') / 1000;
    const expiring = await items(await add({ expiresAt: '2026-12-23T12:00:00.001Z' }));
    expect(expiring.map((item) => item?.['expires_at'])).toEqual([seconds, seconds]);
    const lasting = await items(await add());
    expect(lasting.map((item) => item && 'expires_at' in item)).toEqual([false, false]);
  });
});

describe('the day of the latest use', () => {
  it('goes forward only', async () => {
    const { hash } = await add();
    expect((await tokens.find(hash))?.lastUsedOn).toBeUndefined();
    const seen: unknown[] = [];
    for (const day of ['2026-11-23', '2026-11-23', '2026-11-22', '2026-11-24']) {
      await tokens.noteUse(hash, day);
      seen.push((await tokens.find(hash))?.lastUsedOn);
    }
    expect(seen).toEqual(['2026-11-23', '2026-11-23', '2026-11-23', '2026-11-24']);
  });

  it('does not bring back a token that was revoked meanwhile', async () => {
    const added = await add();
    await tokens.revoke('admin', added.record.id);
    await tokens.noteUse(added.hash, '2026-11-23');
    expect(await items(added)).toEqual([undefined, undefined]);
  });

  it.each([
    'TransactionConflictException',
    'ProvisionedThroughputExceededException',
    'RequestLimitExceeded',
    'ThrottlingException',
  ])('may wait at a %s', async (name) => {
    const { hash } = await add();
    await whileRefusing(name, () => tokens.noteUse(hash, '2026-11-23'));
    expect((await tokens.find(hash))?.lastUsedOn).toBeUndefined();
  });

  it('does not hide any other failure', async () => {
    const { hash } = await add();
    await expect(whileRefusing('ValidationException', () => tokens.noteUse(hash, '2026-11-23'))).rejects.toThrow(
      'Refused',
    );
  });
});

describe('the list of tokens', () => {
  it('has those of one user, oldest first, each with its latest use and without its hash', async () => {
    const username = 'lister';
    const second = await add({ username, id: 'a', createdAt: '2026-11-23T12:00:01.000Z' });
    const first = await add({ username, id: 'b', expiresAt: '2026-12-23T12:00:00.000Z' });
    await add({ username: 'lister2' });
    await tokens.noteUse(second.hash, '2026-11-23');
    expect(await tokens.list(username)).toEqual([
      { ...first.record, lastUsedOn: undefined },
      { ...second.record, lastUsedOn: '2026-11-23' },
    ]);
    expect(await tokens.list('nobody')).toEqual([]);
  });

  it('goes on to the last page', async () => {
    const added = [
      await add({ username: 'paged' }),
      await add({ username: 'paged' }),
      await add({ username: 'paged' }),
    ];
    const undo = intercept(deployment.world.dynamodb, 'Query', (input, send) => {
      Object.assign(input as object, { Limit: 1 });
      return send();
    });
    const listed = await tokens.list('paged').finally(undo);
    expect(listed.map(({ id }) => id).sort()).toEqual(added.map(({ record }) => record.id).sort());
  });
});

describe('revoking', () => {
  it('removes both items, once, and no other token', async () => {
    const [revoked, other] = [await add(), await add()];
    expect(await tokens.revoke('admin', revoked.record.id)).toBe(true);
    expect(await items(revoked)).toEqual([undefined, undefined]);
    expect(await tokens.find(other.hash)).toEqual(other.record);
    expect(await tokens.revoke('admin', revoked.record.id)).toBe(false);
  });

  it('is said to have been done by one of two at once', async () => {
    const { record } = await add();
    const both = await Promise.all([tokens.revoke('admin', record.id), tokens.revoke('admin', record.id)]);
    expect(both.filter((done) => done)).toHaveLength(1);
  });

  it('is of a user’s own tokens only', async () => {
    const added = await add();
    expect(await tokens.revoke('other', added.record.id)).toBe(false);
    expect(await tokens.find(added.hash)).toEqual(added.record);
  });

  it('does all or nothing', async () => {
    const added = await add();
    const undo = intercept(deployment.world.dynamodb, 'TransactWriteItems', async () => {
      throw new Error('The line is cut');
    });
    await expect(tokens.revoke('admin', added.record.id).finally(undo)).rejects.toThrow('The line is cut');
    expect((await items(added)).filter((item) => item === undefined)).toEqual([]);
  });
});

it('lists all namespaces, and nothing else of the table, to the last page', async () => {
  const undo = intercept(deployment.world.dynamodb, 'Scan', (input, send) => {
    Object.assign(input as object, { Limit: 1 });
    return send();
  });
  const listed = await directoryStore(deployment.table).list().finally(undo);
  expect(listed).toEqual([deployment.namespace]);
});
