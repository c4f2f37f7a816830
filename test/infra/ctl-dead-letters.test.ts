import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { PurgeQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { local } from '../../infra/local/aws.ts';
import { readRunFile } from '../../infra/local/data-dir.ts';
import { freePort } from '../../infra/local/free-port.ts';
import { CTL_WITHIN_MS, type Started, startProcess } from '../support/started.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const NONE = 'There are no dead letters of events.\n';

let env: NodeJS.ProcessEnv;
let url: string;
let system: Started;
let sqs: SQSClient;
let deadLetterUrl: string;

beforeAll(async () => {
  const [folder, port] = [mkdtempSync(join(tmpdir(), 'djinn-letters-')), await freePort()];
  env = { ...process.env, DATA_DIR: folder, PORT: port.toString() };
  url = `http://localhost:${port}`;
  system = await startProcess(env);
  const { endpoints, queueUrls } = readRunFile(folder);
  sqs = new SQSClient(local(endpoints.sqs));
  deadLetterUrl = queueUrls['events-dead-letter'];
});
afterEach(async () => {
  await sqs.send(new PurgeQueueCommand({ QueueUrl: deadLetterUrl }));
});
afterAll(() => {
  sqs.destroy();
  system.process.kill('SIGKILL');
  rmSync(env['DATA_DIR'] ?? '', { recursive: true, force: true });
});

type Answer = { readonly code: number; readonly stdout: string; readonly stderr: string };
type Facts = { readonly id: string; readonly excerpt: string };

async function letters(verb: string, ...words: string[]): Promise<Answer> {
  const parameters = ['infra/ctl.ts', 'dead-letters', verb, ...words];
  return run(process.execPath, parameters, { env, timeout: CTL_WITHIN_MS }).then(
    (printed) => ({ code: 0, ...printed }),
    (failed: Answer) => failed,
  );
}

const ofEvents = (verb: string, ...words: string[]) => letters(verb, '--queue', 'events', ...words);

async function listed(): Promise<readonly Facts[]> {
  const { stdout } = await ofEvents('list', '--json');
  return JSON.parse(stdout) as readonly Facts[];
}

/** Puts events of an unknown type on the bus, and waits until they are dead letters. */
async function putUnreadable(count = 1): Promise<void> {
  const Detail = JSON.stringify({ namespace_id: 1, payload: { text: 'x'.repeat(500) } });
  const Entries = Array.from({ length: count }, () => ({ Source: 'djinn-ci', DetailType: 'push', Detail }));
  const headers = { 'x-amz-target': 'AWSEvents.PutEvents' };
  expect((await fetch(url, { method: 'POST', headers, body: JSON.stringify({ Entries }) })).status).toBe(200);
  await until('all are given up', async () => (await listed()).length === count);
  // Looked at, they are back after a second.
  await sleep(1_100);
}

it('list shows them, by what matters in them, and says in words where there are none', async () => {
  const none = 'There are no dead letters of events or deliveries.\n';
  expect((await letters('list')).stdout).toBe(none);
  expect(await letters('redrive')).toEqual({ code: 0, stdout: none, stderr: '' });
  expect(await listed()).toEqual([]);
  await putUnreadable();
  expect((await letters('list')).stdout).toMatch(
    /^QUEUE +ID .*\nevents .* Unknown event type: "push" +push in namespace 1: \{"namespace_id":1,"payload":\{"text":"x+\n$/,
  );
});

it('have plain words for what is no limit and no queue', async () => {
  expect((await letters('list', '--limit', '1001')).stderr).toMatch(/A limit is a whole number from 1 to 1000/);
  expect((await letters('list', '--queue', 'dead')).stderr).toMatch(/Allowed choices are events, deliveries/);
  expect((await letters('show', '--id', 'x')).stderr).toMatch(/required option '--queue <queue>' not specified/);
});

it('what somebody has in hand is not taken for nothing', async () => {
  await putUnreadable();
  const command = new ReceiveMessageCommand({ QueueUrl: deadLetterUrl, VisibilityTimeout: 300 });
  expect((await sqs.send(command)).Messages).toHaveLength(1);
  const note = "1 more of events are in somebody's hands: run it again in 5 minutes.\n";
  expect(await ofEvents('redrive')).toMatchObject({ code: 1, stdout: `Sent 0 back to events\n${note}`, stderr: '' });
  const facts = await ofEvents('redrive', '--json');
  expect(facts).toMatchObject({ code: 1, stderr: note });
  expect(JSON.parse(facts.stdout)).toEqual([{ queue: 'events', redriven: 0, left: 0, in_flight: 1 }]);
  const inHand = "1 more of events are in somebody's hands, for some minutes at most.\n";
  expect(await ofEvents('list')).toEqual({ code: 0, stdout: inHand, stderr: '' });
  expect(await ofEvents('list', '--json')).toEqual({ code: 0, stdout: '[]\n', stderr: inHand });
});

it('redrive ends, though what nobody can read is a dead letter again at once and the clock here is wrong', async () => {
  await putUnreadable(3);
  const skew = 'data:text/javascript,const/**/now=Date.now;Date.now=()=>now()+3e5';
  const { stdout } = await run(process.execPath, ['--import', skew, 'infra/ctl.ts', 'dead-letters', 'redrive'], {
    env,
  });
  expect(stdout).toMatch(/^Sent 3 back to events(; [123] came only now and stay)?\nSent 0 back to deliveries\n$/);
  await until('they are back', async () => (await listed()).length === 3);
});

const NOT_THERE = 'Not found: none. It was deleted before, or somebody has it in hand: see dead-letters list\n';

it('delete, where it is not meant yet, says what would go, and of which ids there is nothing', async () => {
  await putUnreadable(1);
  const [{ id = '' } = {}] = await listed();
  await sleep(1_100);
  expect(await ofEvents('delete', '--id', 'none')).toMatchObject({ code: 1, stdout: '', stderr: NOT_THERE });
  await sleep(1_100);
  expect(await ofEvents('delete', '--id', id, '--id', 'none')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: `1 dead letter of events would go, for good. Add --yes to delete it. ${NOT_THERE}`,
  });
  await sleep(1_100);
  expect(await ofEvents('delete', '--id', id)).toMatchObject({
    code: 1,
    stdout: '',
    stderr: '1 dead letter of events would go, for good. Add --yes to delete it\n',
  });
});

it('show prints one as it is, and delete takes it away where that is meant', async () => {
  await putUnreadable(2);
  const [{ id = '' } = {}, other] = await listed();
  await sleep(1_100);
  const shown = await ofEvents('show', '--id', id);
  expect(shown.stderr).toMatch(/^Sent \S+Z, received \d+ times\. Unknown event type: "push":\n$/);
  expect(JSON.parse(shown.stdout)).toMatchObject({ 'detail-type': 'push', detail: { namespace_id: 1 } });
  await sleep(1_100);
  const facts = JSON.parse((await ofEvents('show', '--id', id, '--json')).stdout) as object;
  expect(facts).toMatchObject({ id, reason: 'Unknown event type: "push"', body: shown.stdout.trimEnd() });
  await sleep(1_100);
  expect(await ofEvents('delete', '--id', id, '--id', 'none', '--yes')).toMatchObject({
    code: 1,
    stdout: 'Deleted 1 of events\n',
    stderr: NOT_THERE,
  });
  await sleep(1_100);
  expect((await listed()).map((one) => one.id)).toEqual([other?.id]);
  await sleep(1_100);
  expect((await ofEvents('show', '--id', id)).stderr).toMatch(/^Not found: \S+\. It was sent back before, /);
  const deleted = await ofEvents('delete', '--id', other?.id ?? '', '--yes', '--json');
  expect(JSON.parse(deleted.stdout)).toEqual({ queue: 'events', deleted: 1, missing: [] });
  expect((await ofEvents('list')).stdout).toBe(NONE);
});
