import { DeleteMessageBatchCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { ensureNamespace } from '../../functions/actions/accounts.ts';
import { createWebhook } from '../../functions/actions/webhooks.ts';
import { deadLetterHandler } from '../../functions/dead-letter.ts';
import { deliverHandler } from '../../functions/deliver.ts';
import { SCOPES } from '../../functions/domain/token.ts';
import type { Webhook } from '../../functions/domain/webhook.ts';
import { ingestHandler } from '../../functions/ingest.ts';
import { recoverHandler } from '../../functions/recover.ts';
import { retryHandler } from '../../functions/retry.ts';
import { deadLetterDeps, deliverDeps, ingestDeps, recoverDeps, retryDeps } from '../../functions/runtime/deps.ts';
import type { SqsBatchResponse, SqsEvent } from '../../functions/runtime/sqs-event.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { tableOf, type World } from '../../functions/runtime/world.ts';
import { attemptStore } from '../../functions/store/attempts.ts';
import { eventStore } from '../../functions/store/events.ts';
import { holdStore } from '../../functions/store/holds.ts';
import { webhookStore } from '../../functions/store/webhooks.ts';
import { queue } from '../../functions/transport/queue.ts';
import { accountDeps } from '../../infra/accounts.ts';
import type { BusNotice } from '../../infra/local/bus.ts';
import { type Engines, type LocalWorld, startEngines } from '../../infra/local/engines.ts';

/** The functions over real engines, each step taken when the test says so, by a clock that the test sets. */
export type Deployment = Awaited<ReturnType<typeof deploy>>;

/** What a test may change of the world. */
export type Differences = Partial<Pick<World, 'random' | 'resolve' | 'dial'>>;

type Handler = (event: SqsEvent) => Promise<SqsBatchResponse>;

const START = Date.parse('2026-11-23T12:00:00Z');

/** Starts engines in memory and composes the functions over them. The clock stands at 12:00 until the test moves it. */
export async function deploy(differences: Differences = {}) {
  const notices: BusNotice[] = [];
  const engines = await startEngines({ onNotice: (notice) => notices.push(notice) });
  const clock = { nowMs: START };
  const world: LocalWorld = { ...engines.world, now: () => clock.nowMs, random: () => 0, ...differences };
  const { settings } = engines;
  const table = tableOf(world, settings.TABLE_NAME);
  const accounts = accountDeps(world, settings.TABLE_NAME);
  const namespace = await ensureNamespace(accounts, { username: 'admin', path: 'demo' });
  const handlers = {
    ingest: ingestHandler(ingestDeps(settings, world)),
    deliver: deliverHandler(deliverDeps(settings, world)),
    retry: retryHandler(retryDeps(settings, world)),
    recover: recoverHandler(recoverDeps(settings, world)),
    deadLetter: deadLetterHandler(deadLetterDeps(settings, world)),
  };
  return {
    engines,
    world,
    clock,
    table,
    accounts,
    namespace,
    handlers,
    /** The service's own events that were put on the bus, in order. */
    notices,
    attempts: attemptStore(table),
    events: eventStore(table),
    webhooks: webhookStore(table),
    holds: holdStore(table),
    send: (queue: string, bodies: readonly string[]) => send(engines, queue, bodies),
    receive: (queue: string) => receive(engines, queue),
    inspect: engines.inspect,
    /** Works a queue off with a handler, batch by batch, until nothing is visible in it; what fails stays in flight. */
    drain: (queue: string, handler: Handler) => drain(engines, queue, handler),
    step: (queue: string, handler: Handler) => step(engines, queue, handler),
    addWebhook: (body: Readonly<Record<string, unknown>>, of = namespace): Promise<Webhook> =>
      createWebhook(apiDeps(settings, world), { caller: { user: of.owner, scopes: SCOPES }, namespace: of }, body).then(
        ({ webhook }) => webhook,
      ),
    stop: engines.stop,
  };
}

/** An event of EventBridge's, as the rule puts it into the events queue. `payload` is JSON text. */
export function busEvent(of: {
  readonly namespaceId: number | null;
  readonly id: string;
  readonly type?: string;
  readonly createdAt?: string;
  readonly payload?: string;
}): string {
  const { namespaceId, id, type = 'build.finished', createdAt = '2026-11-23T11:59:59Z', payload = '{"id":1}' } = of;
  const detail = `{"namespace_id":${namespaceId},"id":"${id}","created_at":"${createdAt}","payload":${payload}}`;
  return `{"version":"0","id":"${crypto.randomUUID()}","detail-type":"${type}","source":"djinn-ci","time":"2026-11-23T12:00:00Z","detail":${detail}}`;
}

async function send(engines: Engines, name: string, bodies: readonly string[]): Promise<void> {
  const sent = await queue(engines.world.sqs, engines.queueUrl(name)).send(bodies.map((body) => ({ body })));
  if (sent.includes(false)) throw new Error('The queue did not take a message');
}

async function receive(engines: Engines, queue: string) {
  const command = new ReceiveMessageCommand({
    QueueUrl: engines.queueUrl(queue),
    MaxNumberOfMessages: 10,
    MessageAttributeNames: ['All'],
  });
  const { Messages = [] } = await engines.world.sqs.send(command);
  return Messages.map((message) => ({
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    reason: message.MessageAttributes?.['reason']?.StringValue,
  }));
}

async function drain(engines: Engines, queue: string, handler: Handler): Promise<number> {
  let handled = 0;
  for (;;) {
    const received = await step(engines, queue, handler);
    if (received === 0) return handled;
    handled += received;
  }
}

/** Hands a handler one batch, and deletes what it did not report as failed; answers how many messages it was given. */
async function step(engines: Engines, queue: string, handler: Handler): Promise<number> {
  const messages = await receive(engines, queue);
  if (messages.length === 0) return 0;
  const { batchItemFailures } = await handler({ Records: messages });
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const done = messages.filter(({ messageId }) => !failed.has(messageId));
  const Entries = done.map(({ messageId, receiptHandle }) => ({ Id: messageId, ReceiptHandle: receiptHandle }));
  if (Entries.length > 0) {
    await engines.world.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: engines.queueUrl(queue), Entries }));
  }
  return messages.length;
}
