import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isLocked, lockFolder } from '../../infra/local/lock.ts';
import { StartError } from '../../infra/local/start-error.ts';

const SCRIPT = `
  import { isLocked, lockFolder } from ${JSON.stringify(new URL('../../infra/local/lock.ts', import.meta.url).href)};
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

  it('is seen by others, who do not take it', async () => {
    expect(isLocked(folder), 'never had').toBe(false);
    const child = await otherProcess();
    expect(isLocked(folder)).toBe(true);
    await kill(child);
    expect(isLocked(folder)).toBe(false);
    const unlock = lockFolder(folder);
    expect(isLocked(folder), 'by this process').toBe(true);
    unlock();
  });

  it.each([
    ['damaged', () => writeFileSync(join(folder, 'lock.db'), 'x'.repeat(4096)), 'file is not a database'],
    ['no file', () => mkdirSync(join(folder, 'lock.db')), 'unable to open database file'],
  ])('says what to do where its file is %s', (_, spoil, reason) => {
    spoil();
    const sentence = `${folder}/lock.db cannot be locked (${reason}): remove it, for nothing is kept in it`;
    expect(() => lockFolder(folder)).toThrow(new StartError(sentence));
    expect(isLocked(folder)).toBe(false);
  });
});
