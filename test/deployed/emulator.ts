import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { REGION } from '../../infra/local/aws.ts';
import { freePort } from '../../infra/local/free-port.ts';
import { until } from '../support/until.ts';
import { type Env, run } from './run.ts';

/** An emulator of AWS that runs: nothing is in it, and nothing of it stays. */
export type Emulator = {
  readonly url: string;
  /** What a program needs in its environment to take it for AWS. Nothing else of this process's is in it. */
  readonly env: Env;
  /** What it has said so far; of functions that fail, that is their output, too. */
  readonly log: () => string;
  readonly stop: () => Promise<void>;
};

const REQUIREMENTS = fileURLToPath(new URL('requirements.txt', import.meta.url));
const LAUNCHER = fileURLToPath(new URL('launcher.py', import.meta.url));
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/deployed-test', import.meta.url));
const OLDEST_PYTHON = [3, 11] as const;
const UP_WITHIN_MS = 30_000;

/** Installs the emulator, unless it is there already. Answers the Python that has it; throws with what this machine lacks. */
export async function installEmulator(): Promise<string> {
  const name = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 16);
  const [folder, done] = [join(CACHE, name), join(CACHE, `${name}.done`)];
  const python = join(folder, 'bin', 'python');
  if (existsSync(done)) return python;
  await checkPython();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(CACHE, { recursive: true });
  await needed('its module venv (Debian: python3-venv)', () => run('python3', ['-m', 'venv', folder]));
  const pip = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--require-hashes',
    '-r',
    REQUIREMENTS,
  ];
  await needed('packages from PyPI', () => run(python, pip));
  closeSync(openSync(done, 'w'));
  return python;
}

async function checkPython(): Promise<void> {
  const version = await needed('python3', () => run('python3', ['-c', 'import sys; print(*sys.version_info[:2])']));
  const [major = 0, minor = 0] = version.split(' ').map(Number);
  const [wantedMajor, wantedMinor] = OLDEST_PYTHON;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new Error(`The emulator needs Python ${OLDEST_PYTHON.join('.')} or later, and python3 is ${major}.${minor}`);
}

async function needed<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const sentence = `The emulator needs Python ${OLDEST_PYTHON.join('.')} or later with venv, and PyPI`;
    throw new Error(`${sentence}. This machine did not give it ${what}: ${why}`, { cause });
  }
}

/** Starts it on a free port of loopback. All that it and its functions write is in `folder`. */
export async function startEmulator(python: string, folder: string): Promise<Emulator> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const logFile = join(folder, 'emulator.log');
  const output = openSync(logFile, 'a');
  const child = spawn(python, [LAUNCHER], {
    env: envOf(port, folder),
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  // Rejects where it cannot be started at all.
  await once(child, 'spawn');
  const endAll = () => endGroup(child);
  process.once('exit', endAll);
  await until('the emulator is up', () => isUp(url, child), UP_WITHIN_MS);
  return {
    url,
    env: clientEnv(url, folder),
    log: () => readFileSync(logFile, 'utf8'),
    async stop() {
      const ended = once(child, 'exit');
      const isRunning = child.exitCode === null && child.signalCode === null;
      if (isRunning && child.kill('SIGTERM')) await ended;
      endAll();
      process.off('exit', endAll);
    },
  };
}

/** A clean one, for all of it is in the environment of the functions, too. They run on the first `node` of the path. */
function envOf(port: number, folder: string): Env {
  return {
    PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    HOME: folder,
    TMPDIR: folder,
    BIND_HOST: '127.0.0.1',
    GATEWAY_PORT: port.toString(),
    LAMBDA_EXECUTOR: 'local',
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
  };
}

function clientEnv(url: string, folder: string): Env {
  return {
    PATH: process.env['PATH'] ?? '',
    // Without whatever credentials and profiles this machine has: nothing of this test may reach an account.
    HOME: folder,
    AWS_ENDPOINT_URL: url,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
}

async function isUp(url: string, { exitCode, signalCode }: ChildProcess): Promise<boolean> {
  const end = exitCode ?? signalCode;
  if (end !== null) throw new Error(`The emulator did not start: it ended with ${end}`);
  try {
    return (await fetch(`${url}/_ministack/health`)).ok;
  } catch {
    return false;
  }
}

/** Its workers are of its own process group: none is left behind. */
function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
