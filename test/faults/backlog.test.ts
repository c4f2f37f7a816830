import { expect, it } from 'vitest';
import { startRecovery } from '../../functions/actions/recoveries.ts';
import { isRedelivery } from '../../functions/domain/delivery.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { QUEUES } from '../../infra/queues.ts';
import { deliveryOf } from '../support/receiver.ts';
import { messagesOf, openScene, turn } from '../support/scene.ts';

const HOUR = 3_600_000;

it('fault 24: messages that are received in vain, for want of a free function, are made all the same', async () => {
  const scene = await openScene();
  await scene.emit(10);
  const throttled = () => Promise.reject(new Error('Rate exceeded'));
  const times = (QUEUES.find(({ name }) => name === 'deliveries')?.deadLetter?.maxReceives ?? 0) - 1;
  for (const queue of ['events', 'deliveries']) {
    for (let time = 0; time < times; time++) await turn(scene.deployment, queue, throttled);
    if (queue === 'events') while ((await turn(scene.deployment, queue, scene.handlers.ingest)) !== undefined);
  }
  expect((await scene.conserve()).counts).toMatchObject({ queued: 10 });
  await scene.settle();
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 10 });
});

it('fault 25: two hundred minutes of the schedule with a receiver that never answers well: ten attempts, and no chain of messages', async () => {
  const scene = await openScene({ answer: (response) => response.writeHead(500).end() });
  const [event] = await scene.emit();
  await scene.work();
  for (let tick = 0; tick < 200; tick++) {
    scene.clock.nowMs += HOUR / 2;
    await scene.handlers.retry({});
    await scene.work();
  }
  expect((await scene.delivery(event)).map(({ status }) => status)).toEqual([...Array(9).fill('retrying'), 'dead']);
  expect(scene.receiver.received).toHaveLength(10);
  expect((await scene.conserve()).counts).toMatchObject({ dead: 1 });
});

it('fault 25: redelivered after that, by a recovery: under one id, until five days of nothing but failures', async () => {
  const scene = await openScene({ answer: (response) => response.writeHead(500).end() });
  const [event] = await scene.emit();
  await scene.settle();
  const of = { namespace: scene.namespace, webhookId: scene.webhooks[0]?.id ?? 0 };
  await startRecovery(apiDeps(scene.engines.settings, scene.world), of, { since: '2026-11-23T00:00:00Z' });
  await scene.settle();
  const delivery = await scene.delivery(event);
  expect(delivery.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  expect(delivery.filter(isRedelivery)).toHaveLength(10);
  expect(new Set(scene.receiver.received.map(deliveryOf)).size).toBe(1);
  expect(scene.receiver.received).toHaveLength(19);
  expect(delivery.at(-1)).toMatchObject({ status: 'cancelled', error: { class: 'webhook_inactive' } });
  expect((await scene.conserve()).counts).toMatchObject({ cancelled: 1 });
});

it('fault 25: the schedule that did not run for six hours: then everything is made once, the oldest of each shard first', async () => {
  let isUp = false;
  const order: string[] = [];
  const scene = await openScene({
    answer: (response, request) => {
      if (isUp) order.push(deliveryOf(request));
      response.writeHead(isUp ? 204 : 500).end();
    },
  });
  const emitted = [];
  // Both first attempts are over within the queue; what waits, waits for its third. So far apart they open no circuit.
  for (let nth = 0; nth < 12; nth++) {
    emitted.push(...(await scene.emit()));
    await scene.work();
    scene.clock.nowMs += 11 * 60_000;
  }
  isUp = true;
  scene.clock.nowMs += 6 * HOUR;
  expect((await scene.conserve()).counts).toMatchObject({ retrying: 12 });
  const due: string[] = [];
  for await (const page of scene.attempts.due(scene.clock.nowMs)) {
    expect(page.map(({ dueAtMs }) => dueAtMs)).toEqual(page.map(({ dueAtMs }) => dueAtMs).toSorted((a, b) => a - b));
    due.push(...page.map(({ deliveryId }) => deliveryId));
  }
  expect(due).toHaveLength(12);
  await scene.handlers.retry({});
  expect(await messagesOf(scene)).toEqual(due);
  await scene.handlers.retry({});
  await scene.work();
  expect(order.toSorted()).toEqual(due.toSorted());
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: emitted.length });
});

it('fault 25: a dead letter is kept longer than the message that it was may have waited', () => {
  const days = (queue: string) => (QUEUES.find(({ name }) => name === queue)?.retentionSeconds ?? 0) / 86_400;
  expect([days('events-dead-letter'), days('deliveries-dead-letter')]).toEqual([14, 14]);
  expect(Math.max(days('events'), days('deliveries'))).toBeLessThan(14);
});
