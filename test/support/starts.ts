import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../infra/local/free-port.ts';
import { type Started, spawnProcess } from './started.ts';

/** Starts of the whole system, each in a process of its own, on folders below one that is theirs. */
export type Starts = Awaited<ReturnType<typeof openStarts>>;

export async function openStarts() {
  const folder = mkdtempSync(join(tmpdir(), 'djinn-'));
  const port = await freePort();
  const all: Started[] = [];
  return {
    folder,
    port,
    /** Starts one, on this port and `data` in this folder unless told otherwise. Does not wait until it is up. */
    start(overrides: Readonly<Record<string, string>> = {}): Started {
      const started = spawnProcess({ PORT: port.toString(), DATA_DIR: join(folder, 'data'), ...overrides });
      all.push(started);
      return started;
    },
    stop() {
      // Of a test that failed nothing may be left that runs.
      for (const { process } of all) process.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
