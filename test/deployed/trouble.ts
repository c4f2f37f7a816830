import assert from 'node:assert/strict';
import { CATALOGUE } from '../../functions/domain/catalogue.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import { tableOf } from '../../functions/runtime/world.ts';
import { attemptStore } from '../../functions/store/attempts.ts';
import { NAMESPACE } from './arrivals.ts';
import type { Deployed, Put } from './deployed.ts';
import { eventually } from './eventually.ts';
import { askForRedelivery, createWebhook, untilStanding, type Webhook } from './webhook.ts';

/**
 * A receiver that asks for so much time that its next attempt is the schedule's: what is due within a minute of the attempt before goes
 * through the queue alone.
 */
const ASKS_FOR_TIME = '503-62';
/** That time, two runs of a schedule that runs each minute, and what an emulator is late by. */
const SCHEDULE_MS = 210_000;

/** What was begun, and is seen to the end once the schedule has run. */
export type Begun = { readonly end: () => Promise<void> };

/** Has receivers fail; the first of the retries comes through the queue, the second one by the schedule. */
export async function failAndRetry(deployed: Deployed, namespaceId: number): Promise<Begun> {
  const { step, say, producer } = deployed;
  const make = (answers: readonly string[]) =>
    createWebhook(deployed, { namespace: NAMESPACE, answers, events: ['build.started'] });
  const [failsOnce, asksForTime] = [await make(['500', '204']), await make([ASKS_FOR_TIME, '204'])];
  const event = await producer.put({ namespaceId, type: 'build.started' });
  await step('A receiver fails once: the retry, after five seconds, through the queue', async () => {
    await untilStanding(failsOnce, event, { status: 'succeeded', attempts: 2 });
    await untilStanding(asksForTime, event, { status: 'retrying', attempts: 1 });
  });
  return {
    end: () =>
      step('A receiver that asked for a minute: the retry, by the schedule', async () => {
        await untilStanding(asksForTime, event, { status: 'succeeded', attempts: 2, withinMs: SCHEDULE_MS });
        const [first, second] = asksForTime.arrivalsOf(event);
        assert.ok(first && second);
        say(`It came ${Math.round((second.atMs - first.atMs) / 1000)} s after the first`);
      }),
  };
}

/** Makes a delivery again, over the API. */
export async function redeliver(deployed: Deployed, { namespaceId, webhook }: Of): Promise<void> {
  const { step, producer } = deployed;
  await step('Making a delivery again, over the API', async () => {
    const event = await producer.put({ namespaceId, type: 'images' });
    await untilStanding(webhook, event, { status: 'succeeded', attempts: 1 });
    await askForRedelivery(deployed, { webhook, event });
    await untilStanding(webhook, event, { status: 'succeeded', attempts: 2 });
  });
}

type Of = { readonly namespaceId: number; readonly webhook: Webhook };

/** A namespace that comes and goes by events of the CI's, while a delivery of its is waiting for its retry. */
export async function deleteNamespace(deployed: Deployed): Promise<Begun> {
  const { step, producer, user } = deployed;
  const [id, path] = [4711, 'passing'];
  const sample = CATALOGUE.namespaces.sample['namespace'] as object;
  const tell = (action: string) => {
    const payload = { action, namespace: { ...sample, id, root_id: id, path, name: path } };
    return producer.put({ namespaceId: id, type: 'namespaces', payload });
  };
  const known = (status: number) => () =>
    user.call(`/n/admin/${path}`, { status }).then(
      () => true,
      () => false,
    );
  const [webhook, event] = await step(
    'A namespace comes by an event of the CI, and a delivery of it fails',
    async () => {
      await tell('created');
      await eventually('the namespace is known', known(200));
      const made = await createWebhook(deployed, { namespace: `admin/${path}`, answers: [ASKS_FOR_TIME] });
      const put = await producer.put({ namespaceId: id, type: 'build.finished' });
      await untilStanding(made, put, { status: 'retrying', attempts: 1 });
      return [made, put] as const;
    },
  );
  const deletion = await step('It is deleted by an event, which its webhook is still told of', async () => {
    const put = await tell('deleted');
    await eventually('the namespace is gone', known(404));
    await eventually('its webhook is told', () => webhook.arrivalsOf(put).length === 1);
    await user.call(webhook.path, { status: 404 });
    return put;
  });
  return {
    end: () =>
      step('What was waiting in the deleted namespace is cancelled, and not sent', async () => {
        await eventually(
          'it is cancelled',
          async () => (await lastStatus(deployed, webhook, event)) === 'cancelled',
          SCHEDULE_MS,
        );
        const sent = [webhook.arrivalsOf(event).length, webhook.arrivalsOf(deletion).length];
        assert.deepEqual(sent, [1, 1], 'It was sent once more');
      }),
  };
}

/** Of a webhook that is gone, no user can see the log any more: read from the table. */
async function lastStatus({ aws, outputs }: Deployed, webhook: Webhook, event: Put): Promise<string | undefined> {
  const world = { dynamodb: aws.dynamodb, sleep: () => Promise.resolve(), random: Math.random };
  const attempts = attemptStore(tableOf(world, outputs.TableName));
  return (await attempts.delivery(webhook.id, deliveryId(event, webhook.id), Date.now()))?.at(-1)?.status;
}
