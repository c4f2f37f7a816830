import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pauseWebhook } from '../../functions/actions/pause.ts';
import { redeliver, redeliverAll } from '../../functions/actions/redeliver.ts';
import { readMessage } from '../../functions/domain/delivery-message.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import type { WebDeps } from '../../functions/web/app.ts';
import { failedAttempt } from '../support/attempt.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { emit, work } from '../support/emit.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';

let deployment: Deployment;
let receiver: Receiver;
let deps: WebDeps;
beforeAll(async () => {
  deployment = await deploy();
  receiver = await startReceiver();
  deps = apiDeps(deployment.engines.settings, deployment.world);
});
afterAll(async () => {
  await receiver.stop();
  await deployment.stop();
});

/** A webhook with so many deliveries, and what redelivers some of them. */
async function webhookWith(count: number) {
  const webhook = await deployment.addWebhook({ payload_url: `${receiver.url}/${randomUUID()}` });
  const events = await emit(deployment, count);
  await work(deployment);
  const of = { namespace: deployment.namespace, webhookId: webhook.id };
  return {
    webhook,
    ids: events.map((event) => deliveryId(event, webhook.id)),
    redeliverAll: (deliveryIds: readonly string[]) => redeliverAll(deps, { ...of, deliveryIds }),
  };
}

it('makes deliveries again together, each once, and counts what the log does not have', async () => {
  const { ids, redeliverAll } = await webhookWith(3);
  const asked = await redeliverAll([...ids, ids[0] ?? '', randomUUID()]);
  expect(asked).toEqual({ asked: 3, unknown: 1, failed: 0 });
  const messages = (await deployment.receive('deliveries')).map(({ body }) => readMessage(body));
  expect(messages.map((message) => message?.deliveryId)).toEqual(ids);
  expect(messages.map((message) => [message?.number, message?.firstOfRun])).toEqual([
    [2, 2],
    [2, 2],
    [2, 2],
  ]);
  // Of an open circuit one probe is enough: the others would only make a sick receiver's load heavier.
  expect(messages.map((message) => message?.isProbe)).toEqual([true, undefined, undefined]);
});

it('is refused once the log has no room for another run of its attempts', async () => {
  const { ids, webhook, redeliverAll } = await webhookWith(1);
  const [id = ''] = ids;
  const which = { namespace: deployment.namespace, webhookId: webhook.id, deliveryId: id };
  const made = async (number: number) => {
    const of = { deliveryId: id, webhookId: webhook.id, namespaceId: webhook.namespaceId };
    await deployment.attempts.record([
      { attempt: failedAttempt({ ...of, number, firstOfRun: number, status: 'dead' }) },
    ]);
  };
  await made(9_989);
  await redeliver(deps, which);
  await made(9_990);
  await expect(redeliver(deps, which)).rejects.toThrow('The log has no room for more attempts');
  expect(await redeliverAll([id])).toEqual({ asked: 0, unknown: 1, failed: 0 });
});

it('is refused for a webhook that is paused, inactive or not there', async () => {
  const { webhook, ids, redeliverAll: redeliver } = await webhookWith(1);
  const until = new Date(deployment.clock.nowMs + 60_000).toISOString();
  await pauseWebhook(deps, { namespace: deployment.namespace, id: webhook.id }, { until });
  await expect(redeliver(ids)).rejects.toThrow('The webhook is paused. Resume it first');
  const inactive = await deployment.addWebhook({ payload_url: `${receiver.url}/${randomUUID()}`, active: false });
  const of = { namespace: deployment.namespace, deliveryIds: ids };
  await expect(redeliverAll(deps, { ...of, webhookId: inactive.id })).rejects.toThrow('The webhook is inactive');
  await expect(redeliverAll(deps, { ...of, webhookId: 999 })).rejects.toThrow('Not found');
});
