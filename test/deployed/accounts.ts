import assert from 'node:assert/strict';
import { SETTINGS_OF } from '../../functions/runtime/env.ts';
import { idOf } from '../../infra/pipeline.ts';
import { NAMESPACE } from './arrivals.ts';
import type { Deployed } from './deployed.ts';
import { eventually } from './eventually.ts';
import { functionLogs, isError, isOfTheService } from './function-logs.ts';

/** What the audit must find: what this test has put on the bus, and what came of it. */
const EXPECTED = { events: 19, matching: 21, succeeded: 20, dead: 1, violation_count: 0 };

/** What functions say of the two messages that cannot be handled. */
const OF_THE_POISON = /Decompression failed|A dead letter names no delivery|A delivery was given up/;

/** Some minutes' schedules: each has run once by then, or does not run. */
const SCHEDULED_WITHIN_MS = 120_000;

/** Nothing is lost: what was accepted is what has ended. */
export async function audit({ step, say, operator }: Deployed): Promise<void> {
  await step('Accounting for everything: ctl audit', async () => {
    const report = await operator.ctl<Readonly<Record<string, unknown>>>('audit', NAMESPACE);
    const found = Object.fromEntries(Object.keys(EXPECTED).map((name) => [name, report[name]]));
    assert.deepEqual(found, EXPECTED);
    say(
      `${EXPECTED.events} events, ${EXPECTED.matching} deliveries: ${EXPECTED.succeeded} succeeded, ${EXPECTED.dead} dead`,
    );
  });
}

/** Each function has run, and has logged no error but those that it was made to. What nobody waits for could fail unseen. */
export async function lookAtLogs({ step }: Deployed, url: string): Promise<void> {
  await step('Looking whether all functions have run, and at what they have logged', async () => {
    const names = Object.keys(SETTINGS_OF);
    const idle = async () => {
      const logs = await functionLogs(url);
      const hasRun = (name: string) =>
        logs.some((line) => line.logGroup.includes(`${idOf(name)}FunctionLog`) && isOfTheService(line));
      return names.filter((name) => !hasRun(name));
    };
    await eventually('all functions have run', async () => (await idle()).length === 0, SCHEDULED_WITHIN_MS).catch(
      async (cause: Error) => {
        throw new Error(`${cause.message}: not ${(await idle()).join(', ')}`, { cause });
      },
    );
    const errors = (await functionLogs(url)).filter((line) => isError(line) && !OF_THE_POISON.test(line.text));
    assert.deepEqual(
      errors.map(({ logGroup, text }) => `${logGroup}: ${text}`),
      [],
    );
  });
}
