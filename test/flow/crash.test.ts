import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { soak } from '../soak/run.ts';

const EVENTS = 300;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'djinn-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('kill -9, again and again: nothing accepted is lost, and only what was in flight comes twice', async () => {
  // At that rate the events alone take longer than three kills.
  const result = await soak({ folder, events: EVENTS, killEveryMs: 1_500, eventsPerSecond: 50, waitMs: 0 });
  expect(result.violations).toEqual([]);
  expect(result).toMatchObject({ accepted: EVENTS, promised: 1.1 * EVENTS });
  expect(result.kills).toBeGreaterThanOrEqual(3);
  const { succeeded = 0, retrying = 0, ...others } = result.standings;
  expect([succeeded + retrying, others]).toEqual([result.promised, {}]);
  expect(succeeded).toBeGreaterThan(result.promised / 2);
});
