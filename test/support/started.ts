import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { until } from './until.ts';

const run = promisify(execFile);

/** The whole system in a process of its own, as `npm start` starts it, and what it has printed so far. */
export type Started = {
  readonly process: ChildProcess;
  readonly output: () => string;
  /** Waits until it is up. */
  readonly isUp: () => Promise<void>;
  /** Ends it as Ctrl-C does; answers what it ended with. */
  readonly stop: () => Promise<number | null>;
};

/** A command starts in a second or two, on a busy machine in many. */
export const CTL_WITHIN_MS = 120_000;

type Env = Readonly<Record<string, string | undefined>>;

/** Starts it, and waits until it is up. */
export async function startProcess(env: Env): Promise<Started> {
  const started = spawnProcess(env);
  await started.isUp();
  return started;
}

/** Starts it. */
export function spawnProcess(env: Env): Started {
  const child = spawn(process.execPath, ['infra/local/main.ts'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return {
    process: child,
    output: () => output,
    isUp: () =>
      until('the system is up', () => {
        if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}:\n${output}`);
        return output.includes('Ctrl-C stops it');
      }),
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      await ended;
      return child.exitCode;
    },
  };
}

/** Runs a command of the operator's against it; answers all that it printed, whether or not it failed. */
export async function runCtl(env: Env, ...words: string[]): Promise<string> {
  const options = { env: { ...process.env, ...env }, timeout: CTL_WITHIN_MS };
  const { stdout, stderr } = await run(process.execPath, ['infra/ctl.ts', ...words], options).catch(
    (failed: { readonly stdout: string; readonly stderr: string }) => failed,
  );
  return stdout + stderr;
}
