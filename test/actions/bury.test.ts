import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
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
  await deployment.addWebhook({ payload_url: 'https://receiver.example/' });
  const { onBuried: logged, ...real } = deadLetterDeps(deployment.engines.settings, deployment.world);
  deps = {
    ...real,
    onUnreadable: (body) => unreadable.push(body),
    onBuried(key) {
      buried.push(key);
      logged(key);
    },
  };
});
afterAll(() => deployment.stop());
beforeEach(() => {
  buried.length = 0;
  deployment.notices.length = 0;
});

const log = ({ webhookId, deliveryId }: AttemptKey) =>
  deployment.attempts.delivery(webhookId, deliveryId, deployment.clock.nowMs);
/** An attempt whose retries a user has cancelled. */
const cancelled = () => failedAttempt({ status: 'cancelled', nextAttemptAt: undefined });

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

it('logs what an operator has to know to have the delivery made again: whose it is, and of when its event is', async () => {
  const lines: string[] = [];
  const written = vi.spyOn(process.stderr, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  const attempt = failedAttempt({ eventCreatedAt: '2026-11-20T08:00:00.000Z' });
  await buryAll(deps, [writeMessage(attempt)]).finally(() => written.mockRestore());
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { message: 'A delivery was given up', webhookId: 1, namespaceId: 1, eventCreatedAt: '2026-11-20T08:00:00.000Z' },
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

it('leaves what was held and is cancelled as it is, and tells nobody', async () => {
  const held = failedAttempt({ status: 'held', nextAttemptAt: undefined, request: undefined, response: undefined });
  await deployment.attempts.record([{ attempt: held, dueAtMs: deployment.clock.nowMs }]);
  expect(await deployment.attempts.cancel(held, deployment.clock.nowMs)).toBe(true);
  expect(await buryAll(deps, [writeMessage({ ...held, isReleased: true })])).toEqual([true]);
  expect(await log(held)).toMatchObject([{ status: 'cancelled' }]);
  expect([buried, deployment.notices]).toEqual([[], []]);
});

describe('of what is held', () => {
  const record = async () => {
    const held = failedAttempt({ status: 'held', nextAttemptAt: undefined, request: undefined, response: undefined });
    await deployment.attempts.record([{ attempt: held, dueAtMs: deployment.clock.nowMs }]);
    return held;
  };

  it('a letter of another message leaves it held, has its webhook know of it, and is told to nobody', async () => {
    const held = await record();
    expect(await buryAll(deps, [writeMessage(held)])).toEqual([true]);
    expect(await log(held)).toMatchObject([{ status: 'held' }]);
    expect(await deployment.holds.due(deployment.clock.nowMs)).toMatchObject([{ webhookId: held.webhookId }]);
    expect([buried, deployment.notices]).toEqual([[], []]);
  });

  it('a letter comes again where its webhook cannot be told of it', async () => {
    const held = await record();
    const holds: BuryDeps['holds'] = { note: () => Promise.reject(new Error('Slow down')) };
    expect(await buryAll({ ...deps, holds }, [writeMessage(held)])).toEqual([false]);
    expect(await log(held)).toMatchObject([{ status: 'held' }]);
  });

  it('the letter of a message that releases it ends it', async () => {
    const held = await record();
    expect(await buryAll(deps, [writeMessage({ ...held, isReleased: true })])).toEqual([true]);
    expect(await log(held)).toMatchObject([{ status: 'dead' }]);
    expect(deployment.notices).toMatchObject([{ type: 'delivery.dead' }]);
  });
});

it('one letter of which nothing can be found out keeps no other waiting', async () => {
  const [bad, good] = [failedAttempt({ namespaceId: 7 }), failedAttempt()];
  const failures: unknown[] = [];
  const get: BuryDeps['webhooks']['get'] = (namespaceId, id) =>
    namespaceId === 7 ? Promise.reject(new Error('Slow down')) : deps.webhooks.get(namespaceId, id);
  const slow = { ...deps, webhooks: { get }, onFailure: (error: unknown) => failures.push(error) };
  expect(await buryAll(slow, [bad, good].map(writeMessage))).toEqual([false, true]);
  expect(failures).toMatchObject([{ message: 'Slow down' }]);
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

describe('of a delivery whose retries a user has cancelled', () => {
  it('a letter adds nothing to its end, and is told to nobody', async () => {
    const first = cancelled();
    await deployment.attempts.record([{ attempt: first }]);
    expect(await buryAll(deps, [writeMessage({ ...first, number: 2 })])).toEqual([true]);
    expect(await log(first)).toMatchObject([{ number: 1, status: 'cancelled' }]);
    expect([buried, deployment.notices]).toEqual([[], []]);
  });

  it('a letter hands the end on to an attempt that was under way meanwhile', async () => {
    const first = cancelled();
    const second = failedAttempt({ deliveryId: first.deliveryId, number: 2 });
    await deployment.attempts.record([{ attempt: first }, { attempt: second, dueAtMs: deployment.clock.nowMs }]);
    expect(await buryAll(deps, [writeMessage(second)])).toEqual([true]);
    expect(await log(first)).toMatchObject([{ status: 'cancelled' }, { number: 2, status: 'cancelled' }]);
  });

  it('a letter tells of the attempt that was under way meanwhile, where that ended dead', async () => {
    const first = cancelled();
    const last = failedAttempt({ deliveryId: first.deliveryId, number: 2, status: 'dead', nextAttemptAt: undefined });
    await deployment.attempts.record([{ attempt: first }, { attempt: last }]);
    expect(await buryAll(deps, [writeMessage(last)])).toEqual([true]);
    expect(deployment.notices).toMatchObject([{ type: 'delivery.dead' }]);
  });

  it('the letter of a redelivery is another matter: that ends dead', async () => {
    const first = cancelled();
    await deployment.attempts.record([{ attempt: first }]);
    expect(await buryAll(deps, [writeMessage({ ...first, number: 2, firstOfRun: 2 })])).toEqual([true]);
    expect(await log(first)).toMatchObject([{ status: 'cancelled' }, { number: 2, status: 'dead' }]);
    expect(deployment.notices).toMatchObject([{ type: 'delivery.dead' }]);
  });
});

it('a letter of a webhook that is gone or inactive ends cancelled, as its attempt would have, and is told to nobody', async () => {
  const inactive = await deployment.addWebhook({ payload_url: 'https://other.example/', active: false });
  const letters = [failedAttempt({ webhookId: 99 }), failedAttempt({ webhookId: inactive.id })];
  expect(await buryAll(deps, letters.map(writeMessage))).toEqual([true, true]);
  expect(await Promise.all(letters.map(log))).toMatchObject([
    [{ status: 'cancelled', error: { class: 'webhook_gone' } }],
    [{ status: 'cancelled', error: { class: 'webhook_inactive' } }],
  ]);
  expect([buried, deployment.notices]).toEqual([[], []]);
});
