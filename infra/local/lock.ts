import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartError } from './start-error.ts';

const LOCK_FILE = 'lock.db';
/** As SQLite numbers what went wrong. */
const BUSY = 5;

/**
 * Makes this process the only one that works on a data folder, until it calls what is returned or ends, however it does: the
 * lock is the operating system's, on a file, so that a killed process leaves none behind. Throws StartError where another
 * process has it, or the file is no use.
 */
export function lockFolder(folder: string): () => void {
  // Not at once refused: a command may look for a moment whether it is locked.
  const database = attempt(folder, 'PRAGMA busy_timeout = 200; BEGIN EXCLUSIVE');
  if (database !== undefined) return () => database.close();
  throw new StartError(`Another process runs on ${folder}: stop it, or set DATA_DIR to another folder`);
}

/** Whether a process has locked a data folder, as far as can be told. */
export function isLocked(folder: string): boolean {
  try {
    const database = attempt(folder, 'PRAGMA busy_timeout = 0; SELECT * FROM sqlite_schema', { readOnly: true });
    database?.close();
    return database === undefined;
  } catch {
    return false;
  }
}

/** The file, with what was to be done to it done; undefined where another process has it. */
function attempt(folder: string, statements: string, options = {}): DatabaseSync | undefined {
  const file = join(folder, LOCK_FILE);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, options);
    database.exec(statements);
    return database;
  } catch (cause) {
    database?.close();
    const { errcode, message } = cause as Error & { readonly errcode?: number };
    if (errcode === BUSY) return undefined;
    throw new StartError(`${file} cannot be locked (${message}): remove it, for nothing is kept in it`, { cause });
  }
}
