import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartError } from './start-error.ts';

/**
 * Makes this process the only one that works on a data folder, until it calls what is returned or ends, however it does: the
 * lock is the operating system's, on a file, so that a killed process leaves none behind. Throws StartError where another
 * process has it.
 */
export function lockFolder(folder: string): () => void {
  const database = new DatabaseSync(join(folder, 'lock.db'));
  try {
    database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw new StartError(`Another process runs on ${folder}: stop it, or set DATA_DIR to another folder`, { cause });
  }
  return () => database.close();
}
