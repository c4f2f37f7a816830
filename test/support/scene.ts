import { randomUUID } from 'node:crypto';
import { ChangeMessageVisibilityCommand, DeleteMessageCommand } from '@aws-sdk/client-sqs';
import { expect, onTestFinished } from 'vitest';
import type { AuditReport } from '../../functions/domain/audit.ts';
import type { Delivery } from '../../functions/domain/delivery.ts';
import { readMessage } from '../../functions/domain/delivery-message.ts';
import { deliveryId } from '../../functions/domain/id.ts';
import type { Webhook } from '../../functions/domain/webhook.ts';
import type { SqsBatchResponse, SqsEvent } from '../../functions/runtime/sqs-event.ts';
import { expectConservation } from './conservation.ts';
import { busEvent, type Deployment, type Differences, deploy } from './deployment.ts';
import { type Answer, type Received, startReceiver } from './receiver.ts';

/** A deployment with webhooks at a receiver, for a fault to happen in. */
export type Scene = Awaited<ReturnType<typeof openScene>>;

export type Emitted = { readonly id: string; readonly createdAt: string };

type Handler = (event: SqsEvent) => Promise<SqsBatchResponse>;

type Setting = {
  readonly answer?: Answer;
  readonly webhooks?: number;
  /** Where the webhooks are, if not at the scene's own receiver; what arrives there is noted in `ledger`. */
  readonly url?: string;
  readonly ledger?: readonly Received[];
  readonly world?: Differences;
};

const ROUNDS_MAX = 100;

/**
 * Opens a scene; the test that does stops it. Messages come at once, however long they were to be delayed, and again as soon as
 * they are given back: only the clock, which the test moves, keeps anything waiting.
 */
export async function openScene({ answer, webhooks: count = 1, url, ledger = [], world }: Setting = {}) {
  const deployment = await deploy(world);
  const receiver = await startReceiver(answer);
  onTestFinished(async () => {
    await receiver.stop();
    await deployment.stop();
  });
  withoutDelays(deployment);
  const webhooks: Webhook[] = [];
  for (let nth = 1; nth <= count; nth++) {
    webhooks.push(await deployment.addWebhook({ payload_url: url ?? `${receiver.url}/${nth}`, secret: 's3cret' }));
  }
  const { clock, namespace, handlers } = deployment;
  const work = () => workOff(deployment);
  let accepted = 0;
  return {
    ...deployment,
    deployment,
    receiver,
    webhooks,
    work,
    /** Puts events into the events queue, whose time is the clock's. */
    async emit(events = 1, payload = '{"id":1}'): Promise<Emitted[]> {
      const createdAt = new Date(clock.nowMs).toISOString();
      const emitted = Array.from({ length: events }, () => ({ id: randomUUID(), createdAt }));
      await deployment.send(
        'events',
        emitted.map((event) => busEvent({ namespaceId: namespace.id, payload, ...event })),
      );
      accepted += events;
      return emitted;
    },
    /** Lets the clock run to whatever is due next, up to a time, until nothing moves any more. */
    async settle(untilMs = Number.MAX_SAFE_INTEGER): Promise<void> {
      for (let round = 0; round < ROUNDS_MAX; round++) {
        await work();
        const dueMs = await nextDueMs(deployment);
        if (dueMs === undefined || dueMs > untilMs) return;
        clock.nowMs = Math.max(clock.nowMs, dueMs);
        await handlers.retry({});
      }
      throw new Error('The deployment does not come to rest');
    },
    async delivery(event: Emitted | undefined, webhook = webhooks[0]): Promise<Delivery> {
      if (event === undefined || webhook === undefined) throw new Error('There is no such event or webhook');
      const found = await deployment.attempts.delivery(webhook.id, deliveryId(event, webhook.id), clock.nowMs);
      if (found === undefined) throw new Error('The log has no such delivery');
      return found;
    },
    /** Holds the scene to the conservation law: each accepted event has a delivery for each webhook, unless told otherwise. */
    async conserve(matching = accepted * count): Promise<AuditReport> {
      const receivers = [receiver, { received: ledger }];
      const report = await expectConservation(deployment, { namespaceId: namespace.id, receivers });
      expect([report.events, report.matching], 'accepted events and their deliveries').toEqual([accepted, matching]);
      return report;
    },
  };
}

/** One batch of a queue: what its handler reports, or all of it where it throws, comes again at once. Answers how many were done. */
export async function turn(deployment: Deployment, queue: string, handler: Handler): Promise<number | undefined> {
  const messages = await deployment.receive(queue);
  if (messages.length === 0) return undefined;
  const failed = await handler({ Records: messages }).then(
    ({ batchItemFailures }) => new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)),
    () => new Set(messages.map(({ messageId }) => messageId)),
  );
  const QueueUrl = deployment.engines.queueUrl(queue);
  for (const { messageId, receiptHandle: ReceiptHandle } of messages) {
    const again = new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
    if (failed.has(messageId)) await deployment.world.sqs.send(again);
    else await deployment.world.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }
  return messages.length - failed.size;
}

/** Works all queues off, dead letters included, until they are empty or nothing of them can be done. */
async function workOff(deployment: Deployment): Promise<void> {
  const { ingest, deliver, deadLetter } = deployment.handlers;
  while ((await turn(deployment, 'events', ingest)) !== undefined);
  while ((await turn(deployment, 'deliveries', deliver)) !== undefined);
  while (((await turn(deployment, 'deliveries-dead-letter', deadLetter)) ?? 0) > 0);
}

async function nextDueMs(deployment: Deployment): Promise<number | undefined> {
  const due: number[] = [];
  for await (const page of deployment.attempts.due(Number.MAX_SAFE_INTEGER)) {
    due.push(...page.map(({ dueAtMs }) => dueAtMs));
  }
  due.push(...(await deployment.holds.due(Number.MAX_SAFE_INTEGER)).map(({ dueAtMs }) => dueAtMs));
  return due.length === 0 ? undefined : Math.min(...due);
}

function withoutDelays({ world }: Deployment): void {
  world.sqs.middlewareStack.add(
    (next) => (call) => {
      const { Entries = [] } = call.input as { readonly Entries?: { DelaySeconds?: number }[] };
      for (const entry of Entries) delete entry.DelaySeconds;
      return next(call);
    },
    { step: 'initialize', name: 'withoutDelays' },
  );
}

/** The deliveries that have a message in the deliveries queue, in whatever state. */
export async function messagesOf({ inspect }: Pick<Deployment, 'inspect'>): Promise<string[]> {
  const { ready, inFlight, delayed } = await inspect('deliveries');
  return [...ready, ...inFlight, ...delayed].map((body) => readMessage(body)?.deliveryId ?? 'none');
}

/** A handler that loses the messages of retries, for which the table stands, and gives back those of first attempts. */
export const loseRetries: Handler = async ({ Records }) => {
  const first = Records.filter(({ body }) => readMessage(body)?.number === 1);
  return { batchItemFailures: first.map(({ messageId }) => ({ itemIdentifier: messageId })) };
};
