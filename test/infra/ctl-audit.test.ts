import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ensureNamespace } from '../../functions/actions/accounts.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import { makeDataDir, writeRunFile } from '../../infra/local/data-dir.ts';
import { lockFolder } from '../../infra/local/lock.ts';
import { failedAttempt } from '../support/attempt.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { CTL_WITHIN_MS } from '../support/started.ts';

const run = promisify(execFile);
const HOUR = 3_600_000;

let deployment: Deployment;
let folder: string;
let unlock: () => void;
let namespace: { readonly id: number; readonly name: string };
let namespaces = 0;

beforeAll(async () => {
  deployment = await deploy();
  folder = mkdtempSync(join(tmpdir(), 'djinn-audit-'));
  makeDataDir(folder);
  unlock = lockFolder(folder);
  const { endpoints, settings, queueUrls } = deployment.engines;
  writeRunFile(folder, { pid: process.pid, url: 'http://127.0.0.1:1', endpoints, settings, queueUrls });
});
beforeEach(async () => {
  namespaces += 1;
  const path = `audited-${namespaces}`;
  const { id } = await ensureNamespace(deployment.accounts, { username: 'admin', path });
  namespace = { id, name: `admin/${path}` };
});
afterAll(async () => {
  unlock();
  rmSync(folder, { recursive: true });
  await deployment.stop();
});

type Answer = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** What the command answers, by the machine's own clock. */
async function ctl(...words: string[]): Promise<Answer> {
  const options = { env: { ...process.env, DATA_DIR: folder }, timeout: CTL_WITHIN_MS };
  return run(process.execPath, ['infra/ctl.ts', 'audit', ...words], options).then(
    (printed) => ({ code: 0, ...printed }),
    (failed: Answer) => failed,
  );
}

/** An event that came so many hours ago, for webhook 7, with its delivery's first attempt where it has a status. */
async function event(hoursAgo: number, status?: 'succeeded' | 'retrying'): Promise<string> {
  const [id, createdAt] = [randomUUID(), new Date(Date.now() - hoursAgo * HOUR).toISOString()];
  const of = { id, type: 'cron', createdAt, payload: '{}', namespaceId: namespace.id } as const;
  const verdicts = { sent: [7] };
  await deployment.events.open([{ event: of, verdicts, receivedAt: createdAt, openedBy: 'test' }]);
  const key = { eventId: id, eventCreatedAt: createdAt, namespaceId: namespace.id, webhookId: 7 };
  const attempt = failedAttempt({ ...key, deliveryId: deliveryId(of, 7), nextAttemptAt: undefined });
  if (status !== undefined)
    await deployment.attempts.record([{ attempt: { ...attempt, startedAt: createdAt, status } }]);
  return attempt.deliveryId;
}

it('says that every delivery is accounted for, in words and as facts', async () => {
  for (const hours of [1, 2, 3]) await event(hours, 'succeeded');
  await event(1);
  const { code, stdout, stderr } = await ctl(namespace.name);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(
    /^admin\/audited-1: 4 events from \S+Z until \S+Z\nSTATUS +DELIVERIES\nsucceeded +3\ndead +0\n/,
  );
  expect(stdout).toMatch(/\nqueued +1 +not attempted yet; the oldest event came \S+Z\n/);
  expect(stdout).toMatch(/\nall +4\nEvery delivery is accounted for\.\n$/);
  const some = await ctl(namespace.name, '--since', '3h', '--until', '2h', '--json');
  expect(JSON.parse(some.stdout)).toMatchObject({ namespace: namespace.name, events: 1, matching: 1, succeeded: 1 });
});

it('says what is lost and what to do about it, and ends with 2', async () => {
  const [missing, stuck] = [await event(7), await event(1, 'retrying')];
  const { code, stdout } = await ctl(namespace.name);
  expect(code).toBe(2);
  expect(stdout).toMatch(/\n2 found that must not be:\nWHAT +WEBHOOK +DELIVERY +EVENT\n/);
  expect(stdout).toMatch(new RegExp(`\nstuck +7 +${stuck} +\\S+\nmissing +7 +${missing} +\\S+\n`));
  expect(stdout).toMatch(
    /\nstuck: waits for a retry that nobody will make\..*\nmissing: no attempt in the 6 hours since /,
  );
  const facts = await ctl(namespace.name, '--json');
  expect(facts.code).toBe(2);
  expect(JSON.parse(facts.stdout)).toMatchObject({
    missing: 1,
    stuck: 1,
    violation_count: 2,
    violations: [
      { kind: 'stuck', webhook_id: 7, delivery_id: stuck },
      { kind: 'missing', webhook_id: 7, delivery_id: missing },
    ],
  });
});

it('tells how far it is where nobody watches, a line for a hundred events', async () => {
  for (let count = 0; count < 101; count++) await event(1 + count / 1000, 'succeeded');
  expect(await ctl(namespace.name)).toMatchObject({ code: 0, stderr: '100 events audited\n' });
});

it('ends as it would where nobody reads what it says, or how far it is', async () => {
  for (let count = 0; count < 301; count++) await event(1 + count / 1000, 'succeeded');
  const command = `"${process.execPath}" infra/ctl.ts audit ${namespace.name} > >(true) 2>&1; echo "ended with $?" >&2`;
  const { stderr } = await run('/bin/bash', ['-c', command], { env: { ...process.env, DATA_DIR: folder } });
  expect(stderr).toBe('ended with 0\n');
});

it('says what is wrong with its words', async () => {
  const wrong = async (...words: string[]) => {
    const { code, stdout, stderr } = await ctl(...words);
    expect([code, stdout]).toEqual([1, '']);
    return stderr;
  };
  expect(await wrong(namespace.name, '--since', 'soon')).toBe(
    '"soon" is no time: write 24h or 7d, or a time such as 2026-11-23T12:00:00Z\n',
  );
  expect(await wrong(namespace.name, '--since', '1h', '--until', '2h')).toBe('--until must be after --since\n');
  expect(await wrong('admin/none')).toBe('No namespace admin/none\n');
});
