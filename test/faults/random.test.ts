import { expect, it } from 'vitest';
import { local } from '../../infra/local/aws.ts';
import { createTable, startDynamoDb } from '../../infra/local/dynamodb.ts';
import { comparison } from '../support/chaos/comparison.ts';
import { type Outcome, runSeed } from '../support/chaos/run.ts';

/** How many seeds are run, from 1 on; `SEED` names the only one that is. */
const SEEDS = countOf('SEEDS') ?? 1_000;
const ONLY = countOf('SEED');
const FIRST = ONLY ?? 1;
const LAST = ONLY ?? SEEDS;
const SEED_MS_MAX = 1_000;
/** Seeds that a DynamoDB on the wire takes part in. */
const COMPARED = [1, 2, 3, 4, 5, 6, 7, 8];

/** A number of the environment. What is none would have no seed run at all, and that passes. */
function countOf(name: string): number | undefined {
  const text = process.env[name];
  if (text !== undefined && !/^[1-9]\d*$/.test(text)) throw new Error(`${name} must be a number from 1 on: '${text}'`);
  return text === undefined ? undefined : Number(text);
}

/** What there is to know of a seed that failed: how to replay it, all that happened, and what should not have. */
function report({ seed, trace, violations }: Outcome): string {
  const replay = `SEED=${seed} npm exec -- vitest run test/faults/random.test.ts`;
  return [`Seed ${seed} fails. To replay it: ${replay}`, ...trace, ...violations.map((one) => `!! ${one}`)].join('\n');
}

it(
  'loses nothing, whatever is killed, late, twice, refused or changed meanwhile',
  async () => {
    const failed: Outcome[] = [];
    for (let seed = FIRST; seed <= LAST; seed++) {
      const outcome = await runSeed(seed);
      if (outcome.violations.length > 0) failed.push(outcome);
      if (ONLY !== undefined) process.stdout.write(`${outcome.trace.join('\n')}\n`);
    }
    const [first] = failed;
    if (first !== undefined) expect.fail(`${report(first)}\nSeeds that fail: ${failed.map(({ seed }) => seed)}`);
  },
  60_000 + (LAST - FIRST + 1) * SEED_MS_MAX,
);

it('a seed is replayed exactly', async () => {
  for (const seed of [1, 2, 3]) {
    const [once, again] = [await runSeed(seed), await runSeed(seed)];
    expect(once.trace.length).toBeGreaterThan(100);
    expect(again.trace.join('\n')).toBe(once.trace.join('\n'));
  }
});

it('the table in this process answers as a DynamoDB on the wire does', async () => {
  const engine = await startDynamoDb({});
  try {
    for (const seed of COMPARED) {
      const at = { endpoint: engine.endpoint, tableName: `seed-${seed}` };
      await createTable(local(at.endpoint), at.tableName);
      expect((await runSeed(seed, comparison(at))).violations).toEqual([]);
    }
  } finally {
    await engine.stop();
  }
});
