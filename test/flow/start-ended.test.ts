import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enginePath } from '../../infra/local/dynamodb.ts';
import { freePort } from '../../infra/local/free-port.ts';
import { openStarts, type Starts } from '../support/starts.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);

let starts: Starts;

beforeAll(async () => {
  starts = await openStarts();
});
afterAll(() => starts.stop());

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
    const failing = starts.start({ DATA_DIR: join(starts.folder, 'failing'), ...overrides });
    await once(failing.process, 'exit');
    expect(failing.output()).toMatch(sentence);
    expect(failing.process.exitCode).toBe(1);
  });

  it('does not make a new key where that of the database is lost, and says what to do of a damaged database', async () => {
    const lost = join(starts.folder, 'lost');
    mkdirSync(lost);
    writeFileSync(join(lost, 'dynamodb.db'), 'x'.repeat(8_192));
    const again = async () => {
      const failing = starts.start({ DATA_DIR: lost, PORT: `${await freePort()}` });
      await once(failing.process, 'exit');
      expect(failing.process.exitCode).toBe(1);
      return failing.output();
    };
    expect(await again()).toMatch(/^\S+\/kms\.key is missing, which alone opens the secrets.*\n$/);
    writeFileSync(join(lost, 'kms.key'), Buffer.alloc(32).toString('base64'));
    // It has ended, and is not waited for.
    expect(await again()).toMatch(/^The bundled DynamoDB did not start: .*\n$/);
  });

  it('says what to do on a platform without the bundled engine', () => {
    const missing = () => {
      throw new Error('Cannot find module');
    };
    expect(() => enginePath(missing)).toThrow(/start a DynamoDB Local and set AWS_ENDPOINT_URL_DYNAMODB to its URL/);
  });
});

it('finishes what it does where a shell hands Ctrl-C on, so that it comes twice', async () => {
  const started = starts.start({ DATA_DIR: join(starts.folder, 'twice'), PORT: `${await freePort()}` });
  await started.isUp();
  const ended = once(started.process, 'exit');
  started.process.kill('SIGINT');
  await until('it heard', () => started.output().includes('Stopping: '));
  started.process.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
});

it('ends with a sentence where its database does, and the next start goes on', async () => {
  const DATA_DIR = join(starts.folder, 'lost-engine');
  const of = { DATA_DIR, PORT: `${await freePort()}` };
  let started = starts.start(of);
  await started.isUp();
  const ended = once(started.process, 'exit');
  const { stdout: engine } = await run('pgrep', ['-f', `^[^ ]*/dynoxide serve .*${DATA_DIR}/`]);
  process.kill(Number(engine), 'SIGKILL');
  expect(await ended).toEqual([1, null]);
  expect(started.output()).toMatch(/\nThe database has ended, .*: start again, which resumes all that was accepted\n$/);
  started = starts.start(of);
  await started.isUp();
  expect(await started.stop()).toBe(0);
});

it('leaves no engine behind when it is killed', async () => {
  const file = join(starts.folder, 'orphan.db');
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
