import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../infra/local/free-port.ts';
import { until } from './until.ts';

/** What `npm start` runs, as a process that can be killed, on a data folder of its own. */
export type WholeSystem = {
  readonly url: string;
  /** Of its process; undefined where it does not run. */
  readonly pid: () => number | undefined;
  readonly port: number;
  /** Starts the process, and waits until it is up where `untilUp` says so. */
  readonly start: (options?: { readonly untilUp: boolean }) => Promise<void>;
  /** Ends it with `kill -9`. */
  readonly kill: () => Promise<void>;
  /** Ends it as Ctrl-C does. */
  readonly stop: () => Promise<void>;
  /** Messages of all queues, in whatever state: what is still to be done, but for retries that are due later. */
  readonly messagesLeft: () => Promise<number>;
  /** What a command of the command line prints as JSON, whatever it ends with. */
  readonly ctl: (...words: readonly string[]) => Promise<unknown>;
};

type Health = {
  readonly queues: readonly {
    readonly waiting: number;
    readonly in_flight: number;
    readonly delayed: number;
  }[];
};

const UP_WITHIN_MS = 60_000;
const OUTPUT_MAX_BYTES = 64 * 1024 * 1024;

/** What is run: what `npm start` runs, or the same without the disk. */
export type Program = 'infra/local/main.ts' | 'test/support/system-in-memory.ts';

/** A system on a folder, not started yet. What it says goes to `system.log` in that folder. */
export async function wholeSystem(folder: string, program: Program = 'infra/local/main.ts'): Promise<WholeSystem> {
  const port = await freePort();
  const env = { ...process.env, PORT: port.toString(), DATA_DIR: join(folder, 'data') };
  let running: ChildProcess | undefined;
  // Of a test that is cut short nothing may be left that runs.
  process.once('exit', () => running?.kill('SIGKILL'));
  const end = async (signal: NodeJS.Signals) => {
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill(signal);
    await ended;
  };
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    pid: () => running?.pid,
    async start({ untilUp } = { untilUp: true }) {
      const output = openSync(join(folder, 'system.log'), 'a');
      const started = spawn(process.execPath, [program], { env, stdio: ['ignore', output, output] });
      closeSync(output);
      running = started;
      if (untilUp) await until('the system is up', () => isUp(started, port), UP_WITHIN_MS);
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGINT'),
    async messagesLeft() {
      const { queues } = (await (await fetch(`http://127.0.0.1:${port}/health`)).json()) as Health;
      return queues.reduce((sum, { waiting, in_flight: inFlight, delayed }) => sum + waiting + inFlight + delayed, 0);
    },
    async ctl(...words) {
      const parameters = ['infra/ctl.ts', ...words, '--json'];
      const options = { env, maxBuffer: OUTPUT_MAX_BYTES };
      const { stdout } = await promisify(execFile)(process.execPath, parameters, options).catch(
        (failed: { readonly stdout: string; readonly stderr: string }) => {
          if (failed.stdout === '') throw new Error(`ctl ${words.join(' ')}: ${failed.stderr}`);
          return failed;
        },
      );
      return JSON.parse(stdout) as unknown;
    },
  };
}

async function isUp({ exitCode, signalCode }: ChildProcess, port: number): Promise<boolean> {
  const end = exitCode ?? signalCode;
  if (end !== null) throw new Error(`The system did not start: it ended with ${end}, and not by our doing`);
  try {
    return (await fetch(`http://127.0.0.1:${port}/health`)).ok;
  } catch {
    return false;
  }
}
