import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  dataDir,
  makeDataDir,
  type RunFile,
  readDataFile,
  readRunFile,
  removeRunFile,
  writeDataFile,
  writeRunFile,
} from '../../infra/local/data-dir.ts';
import { lockFolder } from '../../infra/local/lock.ts';
import { StartError } from '../../infra/local/start-error.ts';

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'data-'));
  folder = join(parent, 'deep', 'data');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(parent, { recursive: true });
});

function modeOf(file: string): string {
  return (statSync(file).mode & 0o777).toString(8);
}

describe('the folder', () => {
  it.each([
    ['/var/data', '/var/data'],
    ['data', resolve('data')],
    ['', resolve('.local')],
    [undefined, resolve('.local')],
  ])('is named by DATA_DIR: %s', (variable, expected) => {
    vi.stubEnv('DATA_DIR', variable);
    expect(dataDir()).toBe(expected);
  });

  it('is made for its owner only, as often as is asked for', () => {
    makeDataDir(folder);
    makeDataDir(folder);
    expect([modeOf(folder), modeOf(join(folder, 'sqs'))]).toEqual(['700', '700']);
  });

  it('is refused with a sentence where it cannot be made', () => {
    writeFileSync(join(parent, 'deep'), 'a file');
    const sentence = `The folder ${folder} cannot be written: set DATA_DIR to one that can`;
    expect(() => makeDataDir(folder)).toThrow(new StartError(sentence));
    expect(() => makeDataDir(folder)).toThrow(StartError);
  });
});

describe('a file', () => {
  beforeEach(() => makeDataDir(folder));

  it('is read as it was written, and undefined where there is none', () => {
    expect(readDataFile(folder, 'token')).toBeUndefined();
    writeDataFile(folder, 'token', 'one');
    writeDataFile(folder, 'token', 'two');
    expect(readDataFile(folder, 'token')).toBe('two');
    expect(readdirSync(folder).toSorted()).toEqual(['sqs', 'token']);
  });

  it("is its owner's only, even where it, or what a crash left of it, was not", () => {
    for (const name of ['token', 'token.new']) {
      writeFileSync(join(folder, name), 'old');
      chmodSync(join(folder, name), 0o666);
    }
    writeDataFile(folder, 'token', 'new');
    expect(modeOf(join(folder, 'token'))).toBe('600');
    expect(readDataFile(folder, 'token')).toBe('new');
    expect(existsSync(join(folder, 'token.new'))).toBe(false);
  });
});

describe('what a running system says of itself', () => {
  const run: RunFile = {
    pid: process.pid,
    url: 'http://localhost:8080',
    endpoints: {
      dynamodb: 'http://127.0.0.1:1',
      sqs: 'http://127.0.0.1:2',
      kms: 'http://127.0.0.1:3',
      eventbridge: 'http://127.0.0.1:4',
    },
    settings: {
      TABLE_NAME: 'table',
      KMS_KEY_ID: 'alias/key',
      DELIVERIES_QUEUE_URL: 'http://127.0.0.1:2/deliveries',
      EVENTS_DEAD_LETTER_QUEUE_URL: 'http://127.0.0.1:2/dead',
      EVENT_BUS_NAME: 'bus',
      ALLOWED_NETWORKS: '',
      ALLOW_INSECURE_TLS: 'false',
      PUBLIC_URL: '',
    },
    queueUrls: {
      events: 'http://127.0.0.1:2/events',
      deliveries: 'http://127.0.0.1:2/deliveries',
      'events-dead-letter': 'http://127.0.0.1:2/dead',
      'deliveries-dead-letter': 'http://127.0.0.1:2/dead-deliveries',
    },
  };
  const sentence = () => new StartError(`No system runs on ${folder}: start it with npm start, in another terminal`);

  beforeEach(() => makeDataDir(folder));

  it('is read while it runs', () => {
    writeRunFile(folder, run);
    const unlock = lockFolder(folder);
    expect(readRunFile(folder)).toEqual(run);
    expect(modeOf(join(folder, 'run.json'))).toBe('600');
    unlock();
  });

  it('is nothing where none ever ran, or the one that did has ended, though its process id is that of another now', () => {
    expect(() => readRunFile(folder)).toThrow(sentence());
    writeRunFile(folder, run);
    expect(() => readRunFile(folder)).toThrow(sentence());
  });

  it.each(['', '{"pid":', undefined])('is nothing yet, or no more, where it cannot be read: %s', (text) => {
    const unlock = lockFolder(folder);
    writeRunFile(folder, run);
    removeRunFile(folder);
    removeRunFile(folder);
    if (text !== undefined) writeFileSync(join(folder, 'run.json'), text);
    const what = `The system on ${folder} is only starting, or its run.json is lost`;
    const remedy = 'try again, and if that does not help, stop it and start it again';
    expect(() => readRunFile(folder)).toThrow(new StartError(`${what}: ${remedy}`));
    unlock();
  });
});
