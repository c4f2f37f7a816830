import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RetryDeps, sendDue } from '../../functions/actions/retry.ts';
import { readMessage } from '../../functions/domain/delivery-message.ts';
import { retryDeps } from '../../functions/runtime/deps.ts';
import { failedAttempt } from '../support/attempt.ts';
import { type Deployment, deploy } from '../support/deployment.ts';

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy();
});
afterAll(() => deployment.stop());

/** Records so many failed attempts, whose successors are due so much later than now. */
async function failedAttempts(count: number, dueInMs: number): Promise<void> {
  const dueAtMs = deployment.clock.nowMs + dueInMs;
  const recordings = Array.from({ length: count }, () => ({
    dueAtMs,
    attempt: failedAttempt({ nextAttemptAt: new Date(dueAtMs).toISOString() }),
  }));
  await deployment.attempts.record(recordings);
}

it('sends what is due once, even where two runs overlap', async () => {
  await failedAttempts(230, -1000);
  const deps = retryDeps(deployment.engines.settings, deployment.world);
  const sent = await Promise.all([sendDue(deps), sendDue(deps)]);
  expect(sent[0] + sent[1]).toBe(230);
  expect((await deployment.inspect('deliveries')).ready).toHaveLength(230);
  expect(await sendDue(deps)).toBe(0);
});

it('sends no more in a run than it may, the oldest of all shards first, and says whose they were', async () => {
  const before = (await deployment.inspect('deliveries')).ready.length;
  const full: unknown[] = [];
  const onFull: RetryDeps['onFull'] = (busiest) => full.push(busiest);
  const deps = { ...retryDeps(deployment.engines.settings, deployment.world), retriesPerRun: 100, onFull };
  await failedAttempts(150, -1_000);
  await failedAttempts(100, -2_000);
  const oldest = new Set<string>();
  for await (const page of deployment.attempts.due(deployment.clock.nowMs - 2_000)) {
    for (const { deliveryId } of page) oldest.add(deliveryId);
  }
  expect(await sendDue(deps)).toBe(100);
  const first = (await deployment.inspect('deliveries')).ready.slice(before);
  expect(new Set(first.map((body) => readMessage(body)?.deliveryId))).toEqual(oldest);
  expect(full).toEqual([[{ webhookId: 1, retries: 100 }]]);
  expect([await sendDue(deps), await sendDue(deps), await sendDue(deps)]).toEqual([100, 50, 0]);
  expect(full).toHaveLength(2);
  expect((await deployment.inspect('deliveries')).ready).toHaveLength(before + 250);
});

it('sends what comes due within the minute with the rest of its delay, and leaves the others', async () => {
  await failedAttempts(1, 42_000);
  await failedAttempts(1, 61_000);
  const delays: (number | undefined)[] = [];
  const deps = retryDeps(deployment.engines.settings, deployment.world);
  const deliveries: typeof deps.deliveries = {
    async send(messages) {
      delays.push(...messages.map(({ delaySeconds }) => delaySeconds));
      return messages.map(() => true);
    },
  };
  expect(await sendDue({ ...deps, deliveries })).toBe(1);
  expect(delays).toEqual([42]);
});

it('sends what it could claim, whatever became of the others, and then says so', async () => {
  const before = (await deployment.inspect('deliveries')).ready.length;
  await failedAttempts(5, -1_000);
  const deps = retryDeps(deployment.engines.settings, deployment.world);
  let claims = 0;
  const claim: RetryDeps['attempts']['claim'] = async (due, untilMs) => {
    claims += 1;
    if (claims === 2) throw new Error('slow down');
    return deps.attempts.claim(due, untilMs);
  };
  await expect(sendDue({ ...deps, attempts: { ...deps.attempts, claim } })).rejects.toThrow('slow down');
  expect((await deployment.inspect('deliveries')).ready).toHaveLength(before + 4);
  expect(await sendDue(deps)).toBe(1);
});

it('undertakes no more in a run than it may send, though the queue takes nothing: the others stay due for the next run', async () => {
  await failedAttempts(250, -1_000);
  const deps = retryDeps(deployment.engines.settings, deployment.world);
  const deliveries: RetryDeps['deliveries'] = { send: async (messages) => messages.map(() => false) };
  let claims = 0;
  const claim: RetryDeps['attempts']['claim'] = (due, untilMs) => {
    claims += 1;
    return deps.attempts.claim(due, untilMs);
  };
  const attempts = { ...deps.attempts, claim };
  expect(await sendDue({ ...deps, retriesPerRun: 100, attempts, deliveries })).toBe(0);
  expect(claims).toBe(100);
  expect(await sendDue(deps)).toBe(150);
});
