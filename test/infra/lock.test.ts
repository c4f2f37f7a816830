import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFolder } from '../../infra/local/lock.ts';
import { StartError } from '../../infra/local/start-error.ts';

const SCRIPT = `
  import { lockFolder } from ${JSON.stringify(new URL('../../infra/local/lock.ts', import.meta.url).href)};
  lockFolder(process.argv[1]);
  console.log('locked');
  setInterval(() => undefined, 1000);
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Another process that has locked the folder. */
async function otherProcess(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', SCRIPT, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  expect(String(said)).toBe('locked\n');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

describe('the lock of a folder', () => {
  const refusal = () => new StartError(`Another process runs on ${folder}: stop it, or set DATA_DIR to another folder`);

  it('is had once, and free again when it is let go', () => {
    const unlock = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(refusal());
    expect(() => lockFolder(folder)).toThrow(StartError);
    unlock();
    lockFolder(folder)();
  });

  it('is had by one process, and free again when that was killed', async () => {
    const child = await otherProcess();
    try {
      expect(() => lockFolder(folder)).toThrow(refusal());
    } finally {
      await kill(child);
    }
    const unlock = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(refusal());
    unlock();
  });

  it('is of one folder only', () => {
    const other = mkdtempSync(join(tmpdir(), 'lock-'));
    const unlock = [lockFolder(folder), lockFolder(other)];
    for (const one of unlock) one();
    rmSync(other, { recursive: true });
  });
});
