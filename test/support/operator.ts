import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { freePort } from '../../infra/local/free-port.ts';
import { startProcess } from './started.ts';

const run = promisify(execFile);

/** A token as `token create` prints it. */
export type TokenFacts = { readonly id: string; readonly token: string; readonly expires_at: string | null };

type Printed = { readonly stdout: string; readonly stderr: string };

/** The whole system in a process and a folder of its own, and the operator's commands on it. */
export type Operator = Awaited<ReturnType<typeof startOperator>>;

export async function startOperator() {
  const [folder, port] = [mkdtempSync(join(tmpdir(), 'djinn-ctl-')), await freePort()];
  const env = { ...process.env, DATA_DIR: folder, PORT: port.toString() };
  const url = `http://localhost:${port}`;
  const system = await startProcess(env);
  const ctl = (...words: string[]): Promise<Printed> =>
    run(process.execPath, ['infra/ctl.ts', ...words], { env, timeout: 30_000 });
  return {
    env,
    url,
    ctl,
    /** What a command with `--json` prints: one JSON value, and no word beside it. */
    async facts<T>(...words: string[]): Promise<T> {
      const { stdout, stderr } = await ctl(...words, '--json');
      expect(stderr).toBe('');
      return JSON.parse(stdout) as T;
    },
    /** What a command prints when it fails: one sentence, without a stack. */
    failure: (...words: string[]): Promise<string> =>
      ctl(...words).then(
        () => expect.unreachable('the command did not fail'),
        ({ code, stdout, stderr }: Printed & { readonly code: number }) => {
          expect([code, stdout]).toEqual([1, '']);
          return stderr;
        },
      ),
    /** What the API answers to a token. */
    async status(token: string, path = '/n/admin/demo/-/webhooks'): Promise<number> {
      const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
      await response.arrayBuffer();
      return response.status;
    },
    stop() {
      system.process.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
