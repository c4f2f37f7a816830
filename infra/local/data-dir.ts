import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import type { QueueName } from '../queues.ts';
import type { Endpoints, Settings } from './engines.ts';
import { isLocked } from './lock.ts';
import { StartError } from './start-error.ts';

/** Where data are kept unless `DATA_DIR` says otherwise. */
export const DATA_FOLDER = '.local';

/** What a running system tells other processes of this machine about itself. */
export type RunFile = {
  readonly pid: number;
  readonly url: string;
  readonly endpoints: Endpoints;
  readonly settings: Settings;
  readonly queueUrls: Readonly<Record<QueueName, string>>;
};

/** The folder that everything is kept under: `DATA_DIR`, or `.local`. */
export function dataDir(): string {
  return resolve(process.env['DATA_DIR'] || DATA_FOLDER);
}

/** Makes the folder, readable by its owner only. Throws StartError where that cannot be done. */
export function makeDataDir(folder: string): void {
  try {
    mkdirSync(join(folder, 'sqs'), { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new StartError(`The folder ${folder} cannot be written: set DATA_DIR to one that can`, { cause });
  }
}

/** Reads a file of the folder; undefined where it does not exist. */
export function readDataFile(folder: string, name: string): string | undefined {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

/** Writes a file of the folder, readable by its owner only, whole or not at all. */
export function writeDataFile(folder: string, name: string, text: string): void {
  const file = join(folder, name);
  writeFileSync(`${file}.new`, `${text}\n`, { mode: 0o600 });
  chmodSync(`${file}.new`, 0o600);
  renameSync(`${file}.new`, file);
}

const RUN_FILE = 'run.json';

export function writeRunFile(folder: string, run: RunFile): void {
  writeDataFile(folder, RUN_FILE, JSON.stringify(run, null, 2));
}

/** Forgets what an earlier system said: nobody may take it for what the one says that is about to start. */
export function removeRunFile(folder: string): void {
  rmSync(join(folder, RUN_FILE), { force: true });
}

/** What the system that runs on a folder said of itself. Throws StartError where none runs, or it has not said it. */
export function readRunFile(folder: string): RunFile {
  // Not by its process id, which may be another's by now.
  if (!isLocked(folder))
    throw new StartError(`No system runs on ${folder}: start it with npm start, in another terminal`);
  try {
    return JSON.parse(readDataFile(folder, RUN_FILE) ?? '') as RunFile;
  } catch (cause) {
    const what = `The system on ${folder} is only starting, or its ${RUN_FILE} is lost`;
    throw new StartError(`${what}: try again, and if that does not help, stop it and start it again`, { cause });
  }
}
