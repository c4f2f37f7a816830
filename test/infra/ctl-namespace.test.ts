import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Operator, startOperator, type TokenFacts } from '../support/operator.ts';

let operator: Operator;
beforeAll(async () => {
  operator = await startOperator();
});
afterAll(() => operator.stop());

describe('namespace', () => {
  it('list shows what add made, each by the name that commands take', async () => {
    const added = { namespace: 'zoe/web', id: 77, owner: 'zoe', path: 'web', visibility: 'private' };
    expect(await operator.facts('namespace', 'add', 'zoe/web', '--id', '77')).toEqual({
      ...added,
      webhooks_url: `${operator.url}/n/zoe/web/-/webhooks`,
    });
    const listed = await operator.facts<readonly { readonly namespace: string }[]>('namespace', 'list');
    expect(listed.map(({ namespace }) => namespace)).toEqual(['admin/demo', 'zoe/web']);
    expect(listed[1]).toEqual(added);
    const { stdout } = await operator.ctl('namespace', 'list');
    expect(stdout).toMatch(
      /^NAMESPACE +ID +OWNER +VISIBILITY\nadmin\/demo +1 +admin +private\nzoe\/web +77 +zoe +private\n$/,
    );
  });
});

describe('namespace index', () => {
  it('says how many it has let be listed, as often as it is asked', async () => {
    await operator.ctl('collaborator', 'add', 'zoe/web', 'indexed');
    for (const _ of [1, 2]) {
      expect(await operator.facts('namespace', 'index')).toEqual({ namespaces: 2, collaborators: 1 });
      expect((await operator.ctl('namespace', 'index')).stdout).toBe(
        'The console lists 2 namespaces and 1 collaborator\n',
      );
    }
  });
});

describe('namespace remove', () => {
  it('says what would go, and does it only where that is meant', async () => {
    await operator.ctl('namespace', 'add', 'rita/web/shop');
    const { token } = await operator.facts<TokenFacts>('token', 'create', 'rita');
    const webhooks = '/n/rita/web/shop/-/webhooks';
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ payload_url: `${operator.url}/inbox` });
    expect((await fetch(`${operator.url}${webhooks}`, { method: 'POST', headers, body })).status).toBe(201);
    const what = '2 namespaces and 1 webhook';
    const refusal = `${what} would go with rita/web, for good. Add --yes to remove them\n`;
    expect(await operator.failure('namespace', 'remove', 'rita/web')).toBe(refusal);
    expect(await operator.failure('namespace', 'remove', 'rita/web', '--json')).toBe(refusal);
    expect(await operator.status(token, webhooks)).toBe(200);
    expect((await operator.ctl('namespace', 'remove', 'rita/web', '--yes')).stdout).toBe(`Removed rita/web: ${what}\n`);
    expect(await operator.status(token, webhooks)).toBe(404);
    expect(await operator.failure('namespace', 'remove', 'rita/web', '--yes')).toBe('No namespace rita/web\n');
  });

  it('is undone by adding the id again', async () => {
    await operator.ctl('namespace', 'add', 'rita/back', '--id', '4711');
    expect(await operator.facts('namespace', 'remove', 'rita/back', '--yes')).toEqual({
      namespace: 'rita/back',
      removed: true,
      namespaces: 1,
      webhooks: 0,
    });
    expect(await operator.facts('namespace', 'add', 'rita/back', '--id', '4711')).toMatchObject({ id: 4711 });
    const { token } = await operator.facts<TokenFacts>('token', 'create', 'rita');
    expect(await operator.status(token, '/n/rita/back')).toBe(200);
  });
});

describe('collaborator', () => {
  it('add lets a user in, and remove shuts them out', async () => {
    const { token } = await operator.facts<TokenFacts>('token', 'create', 'friend');
    expect(await operator.status(token)).toBe(404);
    const both = ['admin/demo', 'friend'];
    expect((await operator.ctl('collaborator', 'add', ...both)).stdout).toBe(
      'friend is now a collaborator of admin/demo\n',
    );
    expect(await operator.status(token)).toBe(200);
    expect(await operator.facts('collaborator', 'add', ...both)).toEqual({
      namespace: 'admin/demo',
      collaborator: 'friend',
      added: false,
    });
    const since = expect.stringMatching(/Z$/);
    expect(await operator.facts('collaborator', 'list', 'admin/demo')).toEqual([
      { collaborator: 'friend', created_at: since },
    ]);
    expect((await operator.ctl('collaborator', 'list', 'admin/demo')).stdout).toMatch(
      /^COLLABORATOR {2}SINCE\nfriend +\S+Z\n$/,
    );
    const removed = { namespace: 'admin/demo', collaborator: 'friend', removed: true };
    expect(await operator.facts('collaborator', 'remove', ...both)).toEqual(removed);
    expect(await operator.status(token)).toBe(404);
    expect(await operator.facts('collaborator', 'list', 'admin/demo')).toEqual([]);
    expect(await operator.failure('collaborator', 'remove', ...both)).toBe('friend is no collaborator of admin/demo\n');
  });

  it('says what is wrong with the namespace', async () => {
    expect(await operator.failure('collaborator', 'add', 'admin/none', 'friend')).toMatch(
      /^No namespace admin\/none: add it with/,
    );
    for (const verb of ['list', 'remove']) {
      const words = verb === 'list' ? ['admin/none'] : ['admin/none', 'friend'];
      expect(await operator.failure('collaborator', verb, ...words)).toBe('No namespace admin/none\n');
    }
    expect(await operator.failure('webhook', 'list', 'admin/none')).toBe('No namespace admin/none\n');
    expect(await operator.failure('event', 'emit', 'cron', '--namespace', 'admin/none')).toMatch(/: add it with npm/);
    await operator.ctl('namespace', 'add', 'kim/root/child');
    for (const verb of ['add', 'remove']) {
      expect(await operator.failure('collaborator', verb, 'kim/root/child', 'friend')).toMatch(
        /the root, which is kim\/root\n$/,
      );
    }
    expect(await operator.failure('collaborator', 'list', 'kim/root/child')).toMatch(/the root, which is kim\/root\n$/);
  });
});
