import { type ChildProcess, execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../infra/local/free-port.ts';
import { startProcess } from '../support/started.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

type TokenFacts = { readonly id: string; readonly token: string; readonly expires_at: string | null };

let env: NodeJS.ProcessEnv;
let url: string;
let system: ChildProcess;

beforeAll(async () => {
  const [folder, port] = [mkdtempSync(join(tmpdir(), 'djinn-ctl-')), await freePort()];
  env = { ...process.env, DATA_DIR: folder, PORT: port.toString() };
  url = `http://localhost:${port}`;
  ({ process: system } = await startProcess(env));
});
afterAll(() => {
  system.kill('SIGKILL');
  rmSync(env['DATA_DIR'] ?? '', { recursive: true, force: true });
});

async function ctl(...words: string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return run(process.execPath, ['infra/ctl.ts', ...words], { env, timeout: 30_000 });
}

/** What a command with `--json` prints: one JSON value, and no word beside it. */
async function facts<T>(...words: string[]): Promise<T> {
  const { stdout, stderr } = await ctl(...words, '--json');
  expect(stderr).toBe('');
  return JSON.parse(stdout) as T;
}

/** What a command prints when it fails: one sentence, without a stack. */
async function failure(...words: string[]): Promise<string> {
  return ctl(...words).then(
    () => expect.unreachable('the command did not fail'),
    ({ code, stdout, stderr }: { readonly code: number; readonly stdout: string; readonly stderr: string }) => {
      expect([code, stdout]).toEqual([1, '']);
      return stderr;
    },
  );
}

async function status(token: string, path = '/n/admin/demo/-/webhooks'): Promise<number> {
  const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  await response.arrayBuffer();
  return response.status;
}

describe('token', () => {
  it('create prints the token alone on standard output, and all of it as JSON', async () => {
    const { stdout, stderr } = await ctl('token', 'create', 'admin');
    expect(stdout).toMatch(/^djinn_\S+\n$/);
    expect(stderr).toMatch(/^A token of admin: webhook:read.* It is shown this once:\n$/);
    const created = await facts<TokenFacts>('token', 'create', 'admin', '--name', 'laptop', '--scopes', 'webhook:read');
    expect(created).toEqual({
      id: expect.stringMatching(UUID),
      name: 'laptop',
      username: 'admin',
      scopes: ['webhook:read'],
      created_at: expect.stringMatching(/Z$/),
      last_used_on: null,
      expires_at: null,
      token: expect.stringMatching(/^djinn_/),
    });
    expect(await status(created.token)).toBe(200);
  });

  it('create takes an expiry', async () => {
    const { expires_at } = await facts<TokenFacts>('token', 'create', 'admin', '--expires', '30d');
    const days = (Date.parse(expires_at ?? '') - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(29.9);
    expect(days).toBeLessThanOrEqual(30);
    const at = '2999-01-31T12:00:00+01:00';
    expect((await ctl('token', 'create', 'admin', '--expires', at)).stderr).toContain('until 2999-01-31T11:00:00.000Z');
    expect(await failure('token', 'create', 'admin', '--expires', 'soon')).toMatch(
      /^"soon" is no time: write 30d, .*\n$/,
    );
    expect(await failure('token', 'create', 'admin', '--expires', '0d')).toMatch(
      / has passed: write a time to come\n$/,
    );
  });

  it('list shows what there is, with the latest use, and nothing that lets anyone in', async () => {
    const { token, ...created } = await facts<TokenFacts>('token', 'create', 'lister', '--name', 'laptop');
    expect(await status(token, '/user')).toBe(200);
    const today = new Date().toISOString().slice(0, 10);
    expect(await facts('token', 'list', 'lister')).toEqual([{ ...created, last_used_on: today }]);
    const { stdout } = await ctl('token', 'list', 'lister');
    expect(stdout).toMatch(/^ID +NAME +SCOPES +CREATED +LAST USED +EXPIRES\n/);
    expect(stdout).toMatch(new RegExp(`\n${created.id}  laptop  webhook:read,.*  ${today}  never\n$`));
    expect(await failure('token', 'list', 'nobody')).toBe('There is no user nobody\n');
  });

  it('revoke works at once, and once', async () => {
    const { id, token } = await facts<TokenFacts>('token', 'create', 'admin');
    expect(await status(token)).toBe(200);
    expect((await ctl('token', 'revoke', 'admin', id)).stdout).toBe(`Revoked the token ${id} of admin\n`);
    expect(await status(token)).toBe(404);
    expect(await failure('token', 'revoke', 'admin', id)).toBe(`admin has no token with the id "${id}"\n`);
    const other = await facts<TokenFacts>('token', 'create', 'admin');
    expect(await facts('token', 'revoke', 'admin', other.id)).toEqual({
      id: other.id,
      username: 'admin',
      revoked: true,
    });
  });
});

describe('namespace', () => {
  it('list shows what add made, each by the name that commands take', async () => {
    const added = { namespace: 'zoe/web', id: 77, owner: 'zoe', path: 'web', visibility: 'private' };
    expect(await facts('namespace', 'add', 'zoe/web', '--id', '77')).toEqual({
      ...added,
      webhooks_url: `${url}/n/zoe/web/-/webhooks`,
    });
    const listed = await facts<readonly { readonly namespace: string }[]>('namespace', 'list');
    expect(listed.map(({ namespace }) => namespace)).toEqual(['admin/demo', 'zoe/web']);
    expect(listed[1]).toEqual(added);
    const { stdout } = await ctl('namespace', 'list');
    expect(stdout).toMatch(
      /^NAMESPACE +ID +OWNER +VISIBILITY\nadmin\/demo +1 +admin +private\nzoe\/web +77 +zoe +private\n$/,
    );
  });
});

describe('namespace index', () => {
  it('says how many it has let be listed, as often as it is asked', async () => {
    await ctl('collaborator', 'add', 'zoe/web', 'indexed');
    for (const _ of [1, 2]) {
      expect(await facts('namespace', 'index')).toEqual({ namespaces: 2, collaborators: 1 });
      expect((await ctl('namespace', 'index')).stdout).toBe('The console lists 2 namespaces and 1 collaborator\n');
    }
  });
});

describe('namespace remove', () => {
  it('says what would go, and does it only where that is meant', async () => {
    await ctl('namespace', 'add', 'rita/web/shop');
    const { token } = await facts<TokenFacts>('token', 'create', 'rita');
    const webhooks = '/n/rita/web/shop/-/webhooks';
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ payload_url: `${url}/inbox` });
    expect((await fetch(`${url}${webhooks}`, { method: 'POST', headers, body })).status).toBe(201);
    const what = '2 namespaces and 1 webhook';
    const refusal = `${what} would go with rita/web, for good. Add --yes to remove them\n`;
    expect(await failure('namespace', 'remove', 'rita/web')).toBe(refusal);
    expect(await failure('namespace', 'remove', 'rita/web', '--json')).toBe(refusal);
    expect(await status(token, webhooks)).toBe(200);
    expect((await ctl('namespace', 'remove', 'rita/web', '--yes')).stdout).toBe(`Removed rita/web: ${what}\n`);
    expect(await status(token, webhooks)).toBe(404);
    expect(await failure('namespace', 'remove', 'rita/web', '--yes')).toMatch(/^No namespace rita\/web/);
  });

  it('is undone by adding the id again', async () => {
    await ctl('namespace', 'add', 'rita/back', '--id', '4711');
    expect(await facts('namespace', 'remove', 'rita/back', '--yes')).toEqual({
      namespace: 'rita/back',
      removed: true,
      namespaces: 1,
      webhooks: 0,
    });
    expect(await facts('namespace', 'add', 'rita/back', '--id', '4711')).toMatchObject({ id: 4711 });
    const { token } = await facts<TokenFacts>('token', 'create', 'rita');
    expect(await status(token, '/n/rita/back')).toBe(200);
  });
});

describe('collaborator', () => {
  it('add lets a user in, and remove shuts them out', async () => {
    const { token } = await facts<TokenFacts>('token', 'create', 'friend');
    expect(await status(token)).toBe(404);
    const both = ['admin/demo', 'friend'];
    expect((await ctl('collaborator', 'add', ...both)).stdout).toBe('friend is now a collaborator of admin/demo\n');
    expect(await status(token)).toBe(200);
    expect(await facts('collaborator', 'add', ...both)).toEqual({
      namespace: 'admin/demo',
      collaborator: 'friend',
      added: false,
    });
    const since = expect.stringMatching(/Z$/);
    expect(await facts('collaborator', 'list', 'admin/demo')).toEqual([{ collaborator: 'friend', created_at: since }]);
    expect((await ctl('collaborator', 'list', 'admin/demo')).stdout).toMatch(/^COLLABORATOR {2}SINCE\nfriend +\S+Z\n$/);
    const removed = { namespace: 'admin/demo', collaborator: 'friend', removed: true };
    expect(await facts('collaborator', 'remove', ...both)).toEqual(removed);
    expect(await status(token)).toBe(404);
    expect(await facts('collaborator', 'list', 'admin/demo')).toEqual([]);
    expect(await failure('collaborator', 'remove', ...both)).toBe('friend is no collaborator of admin/demo\n');
  });

  it('says what is wrong with the namespace', async () => {
    expect(await failure('collaborator', 'add', 'admin/none', 'friend')).toMatch(
      /^No namespace admin\/none: add it with/,
    );
    await ctl('namespace', 'add', 'kim/root/child');
    for (const verb of ['add', 'remove']) {
      expect(await failure('collaborator', verb, 'kim/root/child', 'friend')).toMatch(
        /the root, which is kim\/root\n$/,
      );
    }
    expect(await failure('collaborator', 'list', 'kim/root/child')).toMatch(/the root, which is kim\/root\n$/);
  });
});

describe('webhook', () => {
  type WebhookFacts = {
    readonly id: number;
    readonly last_attempt: { readonly status: string; readonly remote_address: string } | null;
  };
  const lastAttempt = async (id: number) =>
    (await facts<readonly WebhookFacts[]>('webhook', 'list', 'admin/shop')).find((one) => one.id === id)?.last_attempt;

  /** A webhook of its own namespace that always fails, with one delivery that waits for its second attempt. */
  async function failing(): Promise<number> {
    const { token } = await facts<TokenFacts>('token', 'create', 'admin');
    await ctl('namespace', 'add', 'admin/shop');
    const created = await fetch(`${url}/n/admin/shop/-/webhooks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ payload_url: `${url}/inbox?status=500`, events: ['cron'] }),
    });
    const { id } = (await created.json()) as WebhookFacts;
    expect((await ctl('webhook', 'list', 'admin/shop')).stdout).toMatch(/yes +cron +none yet\n$/);
    await ctl('event', 'emit', 'cron', '--namespace', 'admin/shop');
    await until('it was attempted', async () => (await lastAttempt(id))?.status === 'retrying');
    return id;
  }

  it('list shows what became of the last attempt, and recover makes deliveries again', async () => {
    const id = await failing();
    const { stdout } = await ctl('webhook', 'list', 'admin/shop');
    expect(stdout).toMatch(/^ID +URL +ACTIVE +EVENTS +LAST ATTEMPT\n/);
    expect(stdout).toMatch(/ {2}retrying: The receiver answered 500\n$/);
    expect((await lastAttempt(id))?.remote_address).toMatch(/^(127\.0\.0\.1|::1)$/);
    const words = ['webhook', 'recover', 'admin/shop', id.toString(), '--since', '1h'];
    const nothing = await ctl(...words);
    expect(nothing.stderr).toBe('100 %: 1 read, 0 made again\n');
    expect(nothing.stdout).toMatch(/: 0 of 1 deliveries are made again. The recovery \S+ is finished\n$/);
    expect(await facts(...words, '--status', 'retrying')).toMatchObject({
      webhook_id: id,
      status: 'finished',
      filter: { status: 'retrying' },
      deliveries_read: 1,
      deliveries_redelivered: 1,
      progress: 1,
    });
  });

  it('list shows from when on one that was inactive may have missed events, and recover makes all of that', async () => {
    const [{ id = 0 } = {}] = await facts<{ id: number }[]>('webhook', 'list', 'admin/shop');
    const { token } = await facts<TokenFacts>('token', 'create', 'admin');
    for (const active of [false, true]) {
      await fetch(`${url}/n/admin/shop/-/webhooks/${id}`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ active }),
      });
    }
    const [shown] = await facts<{ missed_since: string }[]>('webhook', 'list', 'admin/shop');
    const since = shown?.missed_since ?? '';
    expect((await ctl('webhook', 'list', 'admin/shop')).stdout).toContain(`may have missed events since ${since}`);
    const words = ['webhook', 'recover', 'admin/shop', id.toString(), '--since', since, '--status', 'missed'];
    expect(await facts(...words)).toMatchObject({ status: 'finished', filter: { since, status: 'missed' } });
    expect(await facts('webhook', 'list', 'admin/shop')).toMatchObject([{ missed_since: null }]);
  });

  it('recover says what is wrong', async () => {
    const words = ['webhook', 'recover', 'admin/demo'];
    expect(await failure(...words, '4711', '--since', '1h')).toMatch(/^admin\/demo has no webhook 4711: see/);
    expect(await failure(...words, 'x', '--since', '1h')).toMatch(/^A webhook's id is a whole number/);
    expect(await failure(...words, '1', '--since', 'soon')).toMatch(/^Since must be a time such as/);
    expect(await failure(...words, '1', '--since', '1h', '--status', 'lost')).toMatch(/^Status must be one of/);
  });
});

it('event emit answers as JSON', async () => {
  expect(await facts('event', 'emit', 'cron')).toEqual({
    id: expect.stringMatching(UUID),
    type: 'cron',
    namespace: 'admin/demo',
  });
});

it('token create gives the scope that can forge any event only by name', async () => {
  const scopesOf = async (...words: string[]) =>
    (await facts<{ readonly scopes: readonly string[] }>('token', 'create', 'ci', ...words)).scopes;
  expect(await scopesOf()).not.toContain('event:write_all');
  expect(await scopesOf('--scopes', 'event:write,write_all')).toEqual(['event:write', 'event:write_all']);
  expect((await ctl('token', 'create', '--help')).stdout).toMatch(/event:write_all is\s+given only by name/);
});

describe('what cannot be printed', () => {
  const exitCode = async (command: string) => {
    const script = `"${process.execPath}" infra/ctl.ts ${command}; echo "ended with $?" >&2`;
    return (await run('/bin/bash', ['-c', script], { env, timeout: 30_000 })).stderr;
  };

  it('is no success: a token that is lost is made once more', async () => {
    expect(await exitCode('token create admin --json >/dev/full')).toMatch(
      /^Standard output took not all of the answer \(ENOSPC\): .*\nended with 1\n$/,
    );
    expect(await exitCode('namespace list 2>/dev/full')).toBe('ended with 0\n');
    expect(await exitCode('token create admin 2>/dev/full')).toBe('ended with 1\n');
  });

  it('was not wanted where its reader has gone', async () => {
    expect(await exitCode('namespace list > >(true)')).toBe('ended with 0\n');
    expect(await exitCode('collaborator list admin/none 2> >(true)')).toBe('ended with 1\n');
  });
});
