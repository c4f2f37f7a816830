import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { attemptAll } from '../../functions/actions/attempt.ts';
import type { AttemptKey } from '../../functions/domain/delivery.ts';
import { readMessage } from '../../functions/domain/delivery-message.ts';
import type { Webhook } from '../../functions/domain/webhook.ts';
import { deliverDeps } from '../../functions/runtime/deps.ts';
import { failedAttempt } from '../support/attempt.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { asItIs, batchesOf, emit } from '../support/emit.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';

let deployment: Deployment;
let receiver: Receiver;
let webhook: Webhook;
let last: AttemptKey;

beforeAll(async () => {
  deployment = await deploy();
  receiver = await startReceiver((response) => response.writeHead(500).end());
  webhook = await deployment.addWebhook({ payload_url: receiver.url });
});
afterAll(async () => {
  await receiver.stop();
  await deployment.stop();
});
beforeEach(async () => {
  deployment.notices.length = 0;
  await emit(deployment);
  const [batch] = await batchesOf(deployment, webhook);
  const first = readMessage(batch?.Records[0]?.body ?? '');
  if (first === undefined) throw new Error('There is no message');
  last = { ...first, number: 10 };
});

/** Makes the last attempt without knowing what the log has: a twin was faster. */
function attemptBlindly(): Promise<boolean[]> {
  const deps = deliverDeps(deployment.engines.settings, deployment.world);
  const gather = async (keys: readonly AttemptKey[]) =>
    (await deps.facts.gather(keys)).map((facts) => ({ ...facts, recorded: undefined }));
  return attemptAll({ ...deps, facts: { gather } }, [last]);
}

it('a delivery that ends dead is told of', async () => {
  expect(await attemptBlindly()).toEqual([true]);
  expect(deployment.notices).toMatchObject([
    { type: 'delivery.dead', detail: { reason: 'attempts_exhausted', error: { class: 'status' } } },
  ]);
});

it.each([
  ['succeeded', []],
  ['dead', [{ type: 'delivery.dead' }]],
] as const)('where a twin was faster, the log decides: %s', async (status, notices) => {
  const attempt = failedAttempt({ ...last, status, nextAttemptAt: undefined });
  await deployment.attempts.record([{ attempt }]);
  expect(await attemptBlindly()).toEqual([true]);
  expect(deployment.notices).toMatchObject(notices);
  expect(deployment.notices).toHaveLength(notices.length);
});

it('one webhook that cannot be seen to holds up no other', async () => {
  const other = await deployment.addWebhook({ payload_url: `${receiver.url}/other` });
  deployment.clock.nowMs += 1_000;
  await emit(deployment);
  const deps = deliverDeps(deployment.engines.settings, deployment.world);
  const health: typeof deps.health = {
    save: (seen, change) =>
      seen.id === webhook.id ? Promise.reject(new Error('away')) : deps.health.save(seen, change),
  };
  const Records = await deployment.receive('deliveries');
  const keys = Records.flatMap(({ body }) => readMessage(body) ?? []);
  const isDone = await attemptAll({ ...deps, health }, keys);
  expect(keys.map(({ webhookId }, index) => [webhookId, isDone[index]]).sort()).toEqual([
    [webhook.id, false],
    [other.id, true],
  ]);
  expect((await asItIs(deployment, other)).health?.failing).toBeDefined();
});

it('what is held is done, whatever cannot be said of its webhook for those beside it', async () => {
  deployment.clock.nowMs += 1_000;
  await emit(deployment, 2);
  const deps = deliverDeps(deployment.engines.settings, deployment.world);
  const health: typeof deps.health = { save: () => Promise.reject(new Error('away')) };
  const pause = { sinceMs: deployment.clock.nowMs, untilMs: deployment.clock.nowMs + 60_000 };
  const facts: typeof deps.facts = {
    gather: async (keys) =>
      (await deps.facts.gather(keys)).map((one, index) =>
        index === 0 || one.webhook === undefined ? one : { ...one, webhook: { ...one.webhook, pause } },
      ),
  };
  const batches = await batchesOf(deployment, webhook);
  const keys = batches.flatMap(({ Records }) => Records.flatMap(({ body }) => readMessage(body) ?? []));
  expect(await attemptAll({ ...deps, health, facts }, keys)).toEqual([false, true]);
  const log = await Promise.all(
    keys.map(({ deliveryId }) => deployment.attempts.delivery(webhook.id, deliveryId, deployment.clock.nowMs)),
  );
  expect(log).toMatchObject([[{ status: 'retrying' }], [{ status: 'held', error: { class: 'paused' } }]]);
});

it.each([
  { ago: 'half an hour', minutes: 30, failures: 1 },
  { ago: 'two hours', minutes: 120, failures: undefined },
])('told once more of a failure of $ago ago, a webhook has so many: $failures', async ({ minutes, failures }) => {
  const of = await deployment.addWebhook({ payload_url: `${receiver.url}/${minutes}` });
  const attempt = failedAttempt({
    ...last,
    webhookId: of.id,
    startedAt: new Date(deployment.clock.nowMs - minutes * 60_000).toISOString(),
    durationMs: 0,
    status: 'retrying',
    request: { url: of.payloadUrl, headers: [] },
    response: { status: 500, headers: [], body: new Uint8Array(), truncated: false },
  });
  await deployment.attempts.record([{ attempt }]);
  const deps = deliverDeps(deployment.engines.settings, deployment.world);
  expect(await attemptAll(deps, [{ ...last, webhookId: of.id }])).toEqual([true]);
  expect((await asItIs(deployment, of)).health?.failing?.failures).toBe(failures);
});

it.each([
  { which: 'has', path: 'now', isActive: false },
  { which: 'has left', path: 'before', isActive: true },
])(
  'told once more of a 410 of the URL that it $which, a webhook stays active: $isActive',
  async ({ path, isActive }) => {
    const of = await deployment.addWebhook({ payload_url: `${receiver.url}/${path}/now` });
    const attempt = failedAttempt({
      ...last,
      webhookId: of.id,
      status: 'cancelled',
      nextAttemptAt: undefined,
      request: { url: `${receiver.url}/${path}/${path}`, headers: [] },
      response: { status: 410, headers: [], body: new Uint8Array(), truncated: false },
    });
    await deployment.attempts.record([{ attempt }]);
    const deps = deliverDeps(deployment.engines.settings, deployment.world);
    expect(await attemptAll(deps, [{ ...last, webhookId: of.id }])).toEqual([true]);
    expect((await asItIs(deployment, of)).active).toBe(isActive);
  },
);
