import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Arrival } from '../../infra/local/arrival.ts';
import { startDynamoDb } from '../../infra/local/dynamodb.ts';
import { freePort } from '../../infra/local/free-port.ts';
import type { Started } from '../support/started.ts';
import { openStarts, type Starts } from '../support/starts.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);

let starts: Starts;

beforeAll(async () => {
  starts = await openStarts();
});
afterAll(() => starts.stop());

async function ctl(...words: string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const env = { ...process.env, DATA_DIR: join(starts.folder, 'data') };
  return run(process.execPath, ['infra/ctl.ts', ...words], { env });
}

/** What a command prints when it fails. */
async function ctlFails(...words: string[]): Promise<string> {
  return ctl(...words).then(
    () => expect.unreachable('the command did not fail'),
    (error: { readonly stderr: string }) => error.stderr,
  );
}

async function inbox(): Promise<readonly Arrival[]> {
  return (await (await fetch(`http://127.0.0.1:${starts.port}/inbox.json`)).json()) as readonly Arrival[];
}

describe('the first start', () => {
  let started: Started;
  beforeAll(async () => {
    started = starts.start();
    await started.isUp();
  });
  afterAll(() => {
    started.process.kill('SIGKILL');
  });

  it('prints a token once, and keeps it for its owner alone', async () => {
    const file = join(starts.folder, 'data', 'token');
    const token = readFileSync(file, 'utf8').trim();
    expect(started.output()).toContain(token);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const response = await fetch(`http://127.0.0.1:${starts.port}/n/admin/demo/-/webhooks`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await response.json()).toMatchObject([
      { payload_url: `http://localhost:${starts.port}/inbox`, has_secret: true },
    ]);
  });

  it('is answered by what it says to type next: the event arrives, signed', async () => {
    await ctl('event', 'emit', 'build.finished');
    await until('the event arrives', async () => (await inbox()).length === 1);
    expect(await inbox()).toMatchObject([{ signature: 'valid', standardSignature: 'valid', status: 204 }]);
    const page = await (await fetch(`http://127.0.0.1:${starts.port}/inbox`)).text();
    expect(page).toContain('signature valid');
  });

  it('tells browsers to run and keep nothing of its pages, those of this machine alone included', async () => {
    for (const path of ['/inbox', '/inbox.json', '/health', '/docs', '/user', '/no/such/page']) {
      const { headers } = await fetch(`http://127.0.0.1:${starts.port}${path}`);
      expect(headers.get('content-security-policy'), path).toMatch(/^default-src 'none'; (?!.*(script|unsafe))/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.has('strict-transport-security'), 'not on http').toBe(false);
    }
  });

  it('takes payloads from a file, byte for byte', async () => {
    const file = join(starts.folder, 'payload.json');
    writeFileSync(file, '{ "id": 9007199254740993 }\n');
    await ctl('namespace', 'add', 'admin/other', '--id', '77');
    await ctl('event', 'emit', 'cron', '--file', file);
    await until('the event arrives', async () => (await inbox())[0]?.body === '{ "id": 9007199254740993 }');
  });

  it('takes payloads from a pipe, however slow its other end is', async () => {
    const command = `(sleep 1; echo '{ "id":'; sleep 1; echo ' 11 }') | "${process.execPath}" infra/ctl.ts event emit cron --file -`;
    await run('/bin/sh', ['-c', command], { env: { ...process.env, DATA_DIR: join(starts.folder, 'data') } });
    await until('the event arrives', async () => (await inbox())[0]?.body === '{ "id":\n 11 }');
  });

  it('has plain words for wrong commands', async () => {
    expect(await ctlFails('event', 'emit', 'build.exploded')).toMatch(/^Unknown event type "build.exploded"/);
    expect(await ctlFails('event', 'emit', 'cron', '--namespace', 'admin/none')).toMatch(/^No namespace admin\/none/);
    expect(await ctlFails('event', 'emit', 'cron', '--file', join(starts.folder, 'none'))).toMatch(
      /\/none cannot be read: ENOENT\n$/,
    );
    expect(await ctlFails('namespace', 'add', 'admin')).toMatch(/^Name the namespace as <username>\/<path>/);
    expect(await ctlFails('namespace', 'add', 'admin/again', '--id', '77')).toMatch(/with the id 77 exists already/);
    expect(await ctlFails('token', 'create', 'admin', '--scopes', 'webhook:fly')).toMatch(
      /^Unknown scope "webhook:fly"/,
    );
    expect(await ctlFails('token', 'create', 'admin', '--scopes', ' ')).toMatch(
      /^A token of no scope is good for nothing/,
    );
  });

  it('keeps a second one away from its folder and its port', async () => {
    const second = starts.start({ PORT: (await freePort()).toString() });
    await once(second.process, 'exit');
    expect(second.output()).toMatch(/^Another process runs on .*: stop it, or set DATA_DIR to another folder\n$/);
    const third = starts.start({ DATA_DIR: join(starts.folder, 'elsewhere') });
    await once(third.process, 'exit');
    expect(third.output()).toBe(`Port ${starts.port} is in use: set PORT to a free one\n`);
    expect(third.process.exitCode).toBe(1);
  });

  it('stops at Ctrl-C, and the next start has everything but the token to print', async () => {
    const token = readFileSync(join(starts.folder, 'data', 'token'), 'utf8').trim();
    expect(await started.stop()).toBe(0);
    expect(await ctlFails('event', 'emit', 'cron')).toMatch(/^No system runs on .*: start it with npm start/);
    started = starts.start();
    await started.isUp();
    expect(started.output()).not.toContain(token);
    await ctl('event', 'emit', 'images');
    await until('the event arrives', async () => (await inbox()).length === 1);
  });
});

it('takes any DynamoDB that it is pointed at', async () => {
  const elsewhere = await startDynamoDb({});
  const started = starts.start({
    DATA_DIR: join(starts.folder, 'pointed'),
    PORT: `${await freePort()}`,
    AWS_ENDPOINT_URL_DYNAMODB: elsewhere.endpoint,
  });
  await started.isUp();
  expect(await started.stop()).toBe(0);
  await elsewhere.stop();
});

it('takes the bundled one where the variable that would name another is empty', async () => {
  const started = starts.start({
    DATA_DIR: join(starts.folder, 'unnamed'),
    PORT: `${await freePort()}`,
    AWS_ENDPOINT_URL_DYNAMODB: '',
  });
  await started.isUp();
  expect(await started.stop()).toBe(0);
});

describe('another start', () => {
  const of = async () => ({ DATA_DIR: join(starts.folder, 'moved'), PORT: `${await freePort()}` });
  const urls = async ({ DATA_DIR, PORT }: Readonly<Record<'DATA_DIR' | 'PORT', string>>) => {
    const authorization = `Bearer ${readFileSync(join(DATA_DIR, 'token'), 'utf8').trim()}`;
    const of = `http://127.0.0.1:${PORT}/n/admin/demo/-/webhooks`;
    const webhooks = (await (await fetch(of, { headers: { authorization } })).json()) as { payload_url: string }[];
    return webhooks.map(({ payload_url: url }) => url);
  };

  it('on another port has the demo webhook follow the inbox, unless somebody has pointed it elsewhere', async () => {
    const first = await of();
    let started = starts.start(first);
    await started.isUp();
    await started.stop();
    const second = await of();
    started = starts.start(second);
    await started.isUp();
    expect(await urls(second)).toEqual([`http://localhost:${second.PORT}/inbox`]);
    const env = { ...process.env, ...second };
    await run(process.execPath, ['infra/ctl.ts', 'event', 'emit', 'cron'], { env });
    const arrived = async () =>
      (await (await fetch(`http://127.0.0.1:${second.PORT}/inbox.json`)).json()) as readonly Arrival[];
    await until('the event arrives', async () => (await arrived()).length === 1);
    expect(await arrived()).toMatchObject([{ signature: 'valid', status: 204 }]);
    const headers = {
      authorization: `Bearer ${readFileSync(join(second.DATA_DIR, 'token'), 'utf8').trim()}`,
      'content-type': 'application/json',
    };
    const elsewhere = `http://localhost:${second.PORT}/inbox?status=503`;
    const body = JSON.stringify({ payload_url: elsewhere });
    await fetch(`http://127.0.0.1:${second.PORT}/n/admin/demo/-/webhooks/1`, { method: 'PATCH', headers, body });
    await started.stop();
    const third = await of();
    started = starts.start(third);
    await started.isUp();
    expect(await urls(third)).toEqual([elsewhere]);
    await started.stop();
  });
});
