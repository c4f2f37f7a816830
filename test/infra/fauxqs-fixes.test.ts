import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { local } from '../../infra/local/aws.ts';
import { mendFauxqs } from '../../infra/local/fauxqs-fixes.ts';

/** In this thread, and not in its own, so that its statements can be counted. */
let server: FauxqsServer;
let sqs: SQSClient;
let QueueUrl: string;
const folder = mkdtempSync(join(tmpdir(), 'djinn-fauxqs-'));
const statements: string[] = [];

beforeAll(async () => {
  const { exec } = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function (this: DatabaseSync, statement) {
    statements.push(statement);
    return exec.call(this, statement);
  };
  await mendFauxqs();
  server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false, dataDir: folder });
  QueueUrl = server.createQueue('q').queueUrl;
  sqs = new SQSClient(local(`http://127.0.0.1:${server.port}`));
});
beforeEach(forget);
afterAll(async () => {
  sqs.destroy();
  await server.stop();
  rmSync(folder, { recursive: true });
});

const Entries = Array.from({ length: 10 }, (_, index) => ({ Id: `${index}`, MessageBody: `message ${index}` }));
const send = () => sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));

/** What another process finds on the disk. */
function rows(): number {
  const database = new DatabaseSync(join(folder, 'fauxqs.db'), { readOnly: true });
  const row = database.prepare('SELECT count(*) AS count FROM sqs_messages').get();
  database.close();
  return Number(row?.['count']);
}

function forget(): void {
  statements.length = 0;
}

function begun(): readonly string[] {
  return statements.filter((statement) => statement.includes('BEGIN'));
}

it('commits a batch at once, to the disk, before it answers', async () => {
  await send();
  expect(rows()).toBe(10);
  expect(begun()).toEqual(['PRAGMA synchronous = FULL; BEGIN']);
});

it('does not wait for the disk for what is received or deleted', async () => {
  await send();
  forget();
  const before = rows();
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  const deleted = Messages.map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle }));
  await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: deleted }));
  expect(rows()).toBe(before - Messages.length);
  expect(begun()).toEqual(Array(2).fill('PRAGMA synchronous = NORMAL; BEGIN'));
});

it('takes characters beyond U+FFFF', async () => {
  const { Failed = [] } = await sqs.send(
    new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'emoji', MessageBody: 'done 🎉' }] }),
  );
  expect(Failed).toEqual([]);
});
