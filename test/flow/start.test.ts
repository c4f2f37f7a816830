import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Arrival } from '../../infra/local/arrival.ts';
import { enginePath, startDynamoDb } from '../../infra/local/dynamodb.ts';
import { freePort } from '../../infra/local/free-port.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);

const children: ChildProcess[] = [];
let folder: string;
let port: number;

type Started = { readonly process: ChildProcess; readonly output: () => string };

function start(overrides: Readonly<Record<string, string>> = {}): Started {
  const env = { ...process.env, PORT: port.toString(), DATA_DIR: join(folder, 'data'), ...overrides };
  const child = spawn(process.execPath, ['infra/local/main.ts'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return { process: child, output: () => output };
}

async function isUp(started: Started): Promise<void> {
  await until('the system is up', () => started.output().includes('Ctrl-C stops it'));
}

async function stop(started: Started): Promise<number | null> {
  const ended = once(started.process, 'exit');
  started.process.kill('SIGINT');
  await ended;
  return started.process.exitCode;
}

async function ctl(...words: string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const env = { ...process.env, DATA_DIR: join(folder, 'data') };
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
  return (await (await fetch(`http://127.0.0.1:${port}/inbox.json`)).json()) as readonly Arrival[];
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'djinn-'));
  port = await freePort();
});
afterAll(() => {
  // Of a test that failed nothing may be left that runs.
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

describe('the first start', () => {
  let started: Started;
  beforeAll(async () => {
    started = start();
    await isUp(started);
  });
  afterAll(() => {
    started.process.kill('SIGKILL');
  });

  it('prints a token once, and keeps it for its owner alone', async () => {
    const file = join(folder, 'data', 'token');
    const token = readFileSync(file, 'utf8').trim();
    expect(started.output()).toContain(token);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const response = await fetch(`http://127.0.0.1:${port}/n/admin/demo/-/webhooks`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await response.json()).toMatchObject([{ payload_url: `http://localhost:${port}/inbox`, has_secret: true }]);
  });

  it('is answered by what it says to type next: the event arrives, signed', async () => {
    await ctl('event', 'emit', 'build.finished');
    await until('the event arrives', async () => (await inbox()).length === 1);
    expect(await inbox()).toMatchObject([{ signature: 'valid', standardSignature: 'valid', status: 204 }]);
    const page = await (await fetch(`http://127.0.0.1:${port}/inbox`)).text();
    expect(page).toContain('signature valid');
  });

  it('tells browsers to run and keep nothing of its pages, those of this machine alone included', async () => {
    for (const path of ['/inbox', '/inbox.json', '/health', '/docs', '/user', '/no/such/page']) {
      const { headers } = await fetch(`http://127.0.0.1:${port}${path}`);
      expect(headers.get('content-security-policy'), path).toMatch(/^default-src 'none'; (?!.*(script|unsafe))/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.has('strict-transport-security'), 'not on http').toBe(false);
    }
  });

  it('takes payloads from a file, byte for byte', async () => {
    const file = join(folder, 'payload.json');
    writeFileSync(file, '{ "id": 9007199254740993 }\n');
    await ctl('namespace', 'add', 'admin/other', '--id', '77');
    await ctl('event', 'emit', 'cron', '--file', file);
    await until('the event arrives', async () => (await inbox())[0]?.body === '{ "id": 9007199254740993 }');
  });

  it('takes payloads from a pipe, however slow its other end is', async () => {
    const command = `(sleep 1; echo '{ "id":'; sleep 1; echo ' 11 }') | "${process.execPath}" infra/ctl.ts event emit cron --file -`;
    await run('/bin/sh', ['-c', command], { env: { ...process.env, DATA_DIR: join(folder, 'data') } });
    await until('the event arrives', async () => (await inbox())[0]?.body === '{ "id":\n 11 }');
  });

  it('has plain words for wrong commands', async () => {
    expect(await ctlFails('event', 'emit', 'build.exploded')).toMatch(/^Unknown event type "build.exploded"/);
    expect(await ctlFails('event', 'emit', 'cron', '--namespace', 'admin/none')).toMatch(/^No namespace admin\/none/);
    expect(await ctlFails('event', 'emit', 'cron', '--file', join(folder, 'none'))).toMatch(
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
    const second = start({ PORT: (await freePort()).toString() });
    await once(second.process, 'exit');
    expect(second.output()).toMatch(/^Another process runs on .*: stop it, or set DATA_DIR to another folder\n$/);
    const third = start({ DATA_DIR: join(folder, 'elsewhere') });
    await once(third.process, 'exit');
    expect(third.output()).toBe(`Port ${port} is in use: set PORT to a free one\n`);
    expect(third.process.exitCode).toBe(1);
  });

  it('stops at Ctrl-C, and the next start has everything but the token to print', async () => {
    const token = readFileSync(join(folder, 'data', 'token'), 'utf8').trim();
    expect(await stop(started)).toBe(0);
    expect(await ctlFails('event', 'emit', 'cron')).toMatch(/^No system runs on .*: start it with npm start/);
    started = start();
    await isUp(started);
    expect(started.output()).not.toContain(token);
    await ctl('event', 'emit', 'images');
    await until('the event arrives', async () => (await inbox()).length === 1);
  });
});

describe('a start that cannot be', () => {
  it.each([
    [
      'a folder that cannot be written',
      { DATA_DIR: '/dev/null/data' },
      /^The folder .* cannot be written: set DATA_DIR/,
    ],
    ['a port that is none', { PORT: '80a' }, /^PORT must be a number from 1 to 65535, not "80a"\n$/],
    [
      'a public URL that is none',
      { PUBLIC_URL: 'ci.example' },
      /^PUBLIC_URL must be a URL such as .*, not ci.example\n$/,
    ],
    [
      'a DynamoDB that does not answer',
      { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9' },
      /^No DynamoDB answers at http:\/\/127.0.0.1:9: start it, or unset AWS_ENDPOINT_URL_DYNAMODB\n$/,
    ],
  ])('says in one sentence what to do: %s', async (_, overrides, sentence) => {
    const failing = start({ DATA_DIR: join(folder, 'failing'), ...overrides });
    await once(failing.process, 'exit');
    expect(failing.output()).toMatch(sentence);
    expect(failing.process.exitCode).toBe(1);
  });

  it('does not make a new key where that of the database is lost, and says what to do of a damaged database', async () => {
    const lost = join(folder, 'lost');
    mkdirSync(lost);
    writeFileSync(join(lost, 'dynamodb.db'), 'x'.repeat(8_192));
    const again = async () => {
      const failing = start({ DATA_DIR: lost, PORT: `${await freePort()}` });
      await once(failing.process, 'exit');
      expect(failing.process.exitCode).toBe(1);
      return failing.output();
    };
    expect(await again()).toMatch(/^\S+\/kms\.key is missing, which alone opens the secrets.*\n$/);
    writeFileSync(join(lost, 'kms.key'), Buffer.alloc(32).toString('base64'));
    const startedMs = Date.now();
    expect(await again()).toMatch(/^The bundled DynamoDB did not start: .*\n$/);
    expect(Date.now() - startedMs, 'it is not waited for').toBeLessThan(9_000);
  });

  it('says what to do on a platform without the bundled engine', () => {
    const missing = () => {
      throw new Error('Cannot find module');
    };
    expect(() => enginePath(missing)).toThrow(/start a DynamoDB Local and set AWS_ENDPOINT_URL_DYNAMODB to its URL/);
  });
});

it('takes any DynamoDB that it is pointed at', async () => {
  const elsewhere = await startDynamoDb({});
  const started = start({ DATA_DIR: join(folder, 'pointed'), AWS_ENDPOINT_URL_DYNAMODB: elsewhere.endpoint });
  await isUp(started);
  expect(await stop(started)).toBe(0);
  await elsewhere.stop();
});

it('takes the bundled one where the variable that would name another is empty', async () => {
  const started = start({
    DATA_DIR: join(folder, 'unnamed'),
    PORT: `${await freePort()}`,
    AWS_ENDPOINT_URL_DYNAMODB: '',
  });
  await isUp(started);
  expect(await stop(started)).toBe(0);
});

it('finishes what it does where a shell hands Ctrl-C on, so that it comes twice', async () => {
  const started = start({ DATA_DIR: join(folder, 'twice'), PORT: `${await freePort()}` });
  await isUp(started);
  const ended = once(started.process, 'exit');
  started.process.kill('SIGINT');
  await until('it heard', () => started.output().includes('Stopping: '));
  started.process.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
});

describe('another start', () => {
  const of = async () => ({ DATA_DIR: join(folder, 'moved'), PORT: `${await freePort()}` });
  const urls = async ({ DATA_DIR, PORT }: Readonly<Record<'DATA_DIR' | 'PORT', string>>) => {
    const authorization = `Bearer ${readFileSync(join(DATA_DIR, 'token'), 'utf8').trim()}`;
    const of = `http://127.0.0.1:${PORT}/n/admin/demo/-/webhooks`;
    const webhooks = (await (await fetch(of, { headers: { authorization } })).json()) as { payload_url: string }[];
    return webhooks.map(({ payload_url: url }) => url);
  };

  it('on another port has the demo webhook follow the inbox, unless somebody has pointed it elsewhere', async () => {
    const first = await of();
    let started = start(first);
    await isUp(started);
    await stop(started);
    const second = await of();
    started = start(second);
    await isUp(started);
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
    await stop(started);
    const third = await of();
    started = start(third);
    await isUp(started);
    expect(await urls(third)).toEqual([elsewhere]);
    await stop(started);
  });
});

it('ends with a sentence where its database does, and the next start goes on', async () => {
  const DATA_DIR = join(folder, 'lost-engine');
  const of = { DATA_DIR, PORT: `${await freePort()}` };
  let started = start(of);
  await isUp(started);
  const ended = once(started.process, 'exit');
  const { stdout: engine } = await run('pgrep', ['-f', `^[^ ]*/dynoxide serve .*${DATA_DIR}/`]);
  process.kill(Number(engine), 'SIGKILL');
  expect(await ended).toEqual([1, null]);
  expect(started.output()).toMatch(/\nThe database has ended, .*: start again, which resumes all that was accepted\n$/);
  started = start(of);
  await isUp(started);
  expect(await stop(started)).toBe(0);
});

it('leaves no engine behind when it is killed', async () => {
  const file = join(folder, 'orphan.db');
  const script = `import('./infra/local/dynamodb.ts').then(({ startDynamoDb }) => startDynamoDb({ file: ${JSON.stringify(file)} })).then(({ endpoint }) => console.log(endpoint))`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGKILL');
  await until('the engine is gone', () => isFree(Number(new URL(line.toString().trim()).port)));
});

async function isFree(wanted: number): Promise<boolean> {
  const server = createServer().listen(wanted, '127.0.0.1');
  const free = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  server.close();
  return free;
}
