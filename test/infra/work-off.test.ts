import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { beginRecovery, cancelRecovery, type RecoveryDeps } from '../../functions/actions/recoveries.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import type { Webhook } from '../../functions/domain/webhook.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { workOff } from '../../infra/ctl/work-off.ts';
import { failedAttempt } from '../support/attempt.ts';
import { type Deployment, deploy } from '../support/deployment.ts';

let deployment: Deployment;
let deps: RecoveryDeps;
let webhook: Webhook;
let urls = 0;

beforeAll(async () => {
  deployment = await deploy();
  deps = { ...apiDeps(deployment.engines.settings, deployment.world), deliveriesPerPage: 2, deliveriesPerRun: 3 };
});
beforeEach(async () => {
  urls += 1;
  webhook = await deployment.addWebhook({ payload_url: `https://receiver.example/${urls}` });
  const recordings = Array.from({ length: 7 }, (_, minute) => {
    const [eventId, eventCreatedAt] = [randomUUID(), `2026-11-23T11:0${minute}:00.000Z`];
    const id = deliveryId({ id: eventId, createdAt: eventCreatedAt }, webhook.id);
    const of = { deliveryId: id, webhookId: webhook.id, namespaceId: webhook.namespaceId, eventId, eventCreatedAt };
    return { attempt: failedAttempt({ ...of, startedAt: eventCreatedAt, status: 'dead', nextAttemptAt: undefined }) };
  });
  await deployment.attempts.record(recordings);
});
afterAll(() => deployment.stop());

const of = () => ({ namespace: deployment.namespace, webhookId: webhook.id });
const begin = () => beginRecovery(deps, of(), { since: '2026-11-23T10:00:00Z' });
const sent = async () =>
  (await deployment.inspect('deliveries')).ready.filter(
    (body) => (JSON.parse(body) as { webhook: number }).webhook === webhook.id,
  ).length;

it('works a recovery off, page by page, and rests where the minute has had its share', async () => {
  const [counts, rests]: [number[], number[]] = [[], []];
  const ended = await workOff(deps, await begin(), {
    onPage: ({ deliveriesRedelivered }) => {
      counts.push(deliveriesRedelivered);
      deployment.clock.nowMs += 1000;
    },
    signal: new AbortController().signal,
    rest: async (ms) => {
      rests.push(ms);
      deployment.clock.nowMs += ms;
    },
  });
  expect(ended).toMatchObject({ status: 'finished', deliveriesRead: 7, deliveriesRedelivered: 7 });
  expect(counts).toEqual([2, 3, 5, 6, 7]);
  expect(rests).toEqual([58_000, 58_000]);
  expect(await sent()).toBe(7);
});

it('leaves it to the schedule, at once, where it is interrupted', async () => {
  const interrupted = new AbortController();
  const left = await workOff(deps, await begin(), {
    onPage: () => interrupted.abort(),
    signal: interrupted.signal,
    rest: async () => undefined,
  });
  expect(left).toMatchObject({ status: 'running', deliveriesRedelivered: 2 });
  await deployment.handlers.recover({});
  expect(await deps.recoveries.find(left, deployment.clock.nowMs)).toMatchObject({ status: 'finished' });
  expect(await sent()).toBe(7);
});

it('stops where somebody cancels it', async () => {
  const begun = await begin();
  const ended = await workOff(deps, begun, {
    onPage: () => undefined,
    signal: new AbortController().signal,
    rest: () => cancelRecovery(deps, { ...of(), recoveryId: begun.id }),
  });
  expect(ended).toMatchObject({ status: 'cancelled', deliveriesRedelivered: 3 });
});
