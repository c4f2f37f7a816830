import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { local } from '../../infra/local/aws.ts';
import { freePort } from '../../infra/local/free-port.ts';
import { deliveryOf, type Receiver, startReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const EVENTS = 400;
const KILLS = 3;
/** Five batches of ten can be on their way when the process is killed. */
const IN_FLIGHT_MAX = 50;

let receiver: Receiver;
let folder: string;
let port: number;
let running: ChildProcess | undefined;

beforeEach(async () => {
  receiver = await startReceiver();
  folder = mkdtempSync(join(tmpdir(), 'djinn-'));
  port = await freePort();
});
afterEach(async () => {
  running?.kill('SIGKILL');
  await receiver.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  const env = { ...process.env, PORT: port.toString(), DATA_DIR: folder };
  running = spawn(process.execPath, ['infra/local/main.ts'], { env, stdio: 'ignore' });
  await until('the system is up', async () => (await health()) === 200);
}

async function health(): Promise<number> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/health`)).status;
  } catch {
    return 0;
  }
}

async function kill(): Promise<void> {
  const ended = running && once(running, 'exit');
  running?.kill('SIGKILL');
  await ended;
}

/** What an operator is told of the namespace. */
async function audit(): Promise<{ readonly succeeded: number }> {
  const words = ['infra/ctl.ts', 'audit', 'admin/demo', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, words, { env: { ...process.env, DATA_DIR: folder } });
  return JSON.parse(stdout) as { readonly succeeded: number };
}

/** Puts ten events, as a producer does that retries: the same ids until the bus has answered. */
async function putTen(): Promise<void> {
  const bus = new EventBridgeClient({ ...local(`http://127.0.0.1:${port}`), maxAttempts: 1 });
  const created_at = new Date().toISOString();
  const Entries = Array.from({ length: 10 }, () => ({
    Source: 'djinn-ci',
    DetailType: 'build.finished',
    Detail: JSON.stringify({ namespace_id: 1, id: randomUUID(), created_at, payload: { id: 1 } }),
  }));
  for (;;) {
    try {
      const { FailedEntryCount } = await bus.send(new PutEventsCommand({ Entries }));
      if (FailedEntryCount === 0) break;
    } catch {
      // The system is down; it will be up again.
    }
    await sleep(50);
  }
  bus.destroy();
}

it('kill -9, again and again: nothing accepted is lost, and only what was in flight comes twice', async () => {
  await start();
  const token = readFileSync(join(folder, 'token'), 'utf8').trim();
  const created = await fetch(`http://127.0.0.1:${port}/n/admin/demo/-/webhooks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ payload_url: receiver.url, secret: 's3cret' }),
  });
  expect(created.status).toBe(201);
  const emitting = (async () => {
    for (let emitted = 0; emitted < EVENTS; emitted += 10) await putTen();
  })();
  for (let killed = 1; killed <= KILLS; killed++) {
    await until('some more are delivered', () => receiver.received.length >= (killed * EVENTS) / (KILLS + 2));
    await kill();
    await start();
  }
  await emitting;
  const deliveries = () => new Set(receiver.received.map(deliveryOf));
  await until('all are delivered', () => deliveries().size === EVENTS);
  expect(receiver.received.length - EVENTS).toBeLessThanOrEqual(KILLS * IN_FLIGHT_MAX);
  // The namespace's first webhook is the one that points at the inbox.
  await until('all of that is in the log', async () => (await audit()).succeeded === 2 * EVENTS);
  expect(await audit()).toMatchObject({ events: EVENTS, matching: 2 * EVENTS, violation_count: 0 });
}, 120_000);
