import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type BuryDeps, buryAll } from '../../functions/actions/bury.ts';
import type { AttemptKey } from '../../functions/domain/delivery.ts';
import { writeMessage } from '../../functions/domain/delivery-message.ts';
import { deadLetterDeps } from '../../functions/runtime/deps.ts';
import { failedAttempt } from '../support/attempt.ts';
import { type Deployment, deploy } from '../support/deployment.ts';

let deployment: Deployment;
let deps: BuryDeps;
const unreadable: string[] = [];
const buried: AttemptKey[] = [];

beforeAll(async () => {
  deployment = await deploy();
  deps = {
    ...deadLetterDeps(deployment.engines.settings, deployment.world),
    onUnreadable: (body) => unreadable.push(body),
    onBuried: (key) => buried.push(key),
  };
});
afterAll(() => deployment.stop());
beforeEach(() => buried.splice(0));

it('closes the delivery of a dead letter, and takes the attempt before it out of what is due', async () => {
  const first = failedAttempt();
  await deployment.attempts.record([{ attempt: first, dueAtMs: deployment.clock.nowMs }]);
  expect(await buryAll(deps, [writeMessage({ ...first, number: 2 })])).toEqual([true]);
  const delivery = await deployment.attempts.delivery(1, first.deliveryId, deployment.clock.nowMs);
  expect(delivery).toMatchObject([
    { number: 1, status: 'retrying' },
    { number: 2, status: 'dead', error: { class: 'internal' } },
  ]);
  for await (const page of deployment.attempts.due(Number.MAX_SAFE_INTEGER)) expect(page).toEqual([]);
  // By which an operator finds the webhook, to have its deliveries made again.
  expect(buried).toMatchObject([
    { deliveryId: first.deliveryId, number: 2, webhookId: 1, namespaceId: first.namespaceId },
  ]);
});

it('leaves alone a delivery that went on in the meantime', async () => {
  const succeeded = failedAttempt({ status: 'succeeded', nextAttemptAt: undefined });
  await deployment.attempts.record([{ attempt: succeeded }]);
  expect(await buryAll(deps, [writeMessage(succeeded)])).toEqual([true]);
  const delivery = await deployment.attempts.delivery(1, succeeded.deliveryId, deployment.clock.nowMs);
  expect(delivery).toMatchObject([{ status: 'succeeded' }]);
  expect(buried).toEqual([]);
});

it('keeps what it cannot close: a letter that names no delivery, and one that the table does not take', async () => {
  expect(await buryAll(deps, ['{}', writeMessage(failedAttempt())])).toEqual([false, true]);
  expect(unreadable).toEqual(['{}']);
  const record: BuryDeps['attempts']['record'] = async (recordings) => recordings.map(() => 'failed');
  const throttled = { ...deps, attempts: { ...deps.attempts, record } };
  expect(await buryAll(throttled, [writeMessage(failedAttempt())])).toEqual([false]);
});

it('two letters of one attempt in one batch end it once, and keep no neighbour from its end', async () => {
  const [twice, neighbour] = [failedAttempt(), failedAttempt()];
  const bodies = [twice, twice, neighbour].map(writeMessage);
  expect(await buryAll(deps, bodies)).toEqual([true, true, true]);
  expect(buried.map(({ deliveryId }) => deliveryId)).toEqual([twice.deliveryId, neighbour.deliveryId]);
  const delivery = await deployment.attempts.delivery(1, twice.deliveryId, deployment.clock.nowMs);
  expect(delivery).toMatchObject([{ status: 'dead', error: { class: 'internal' } }]);
});
