import { randomUUID } from 'node:crypto';
import type { AttemptDeps } from '../../functions/actions/attempt.ts';
import { dispatch } from '../../functions/actions/dispatch.ts';
import type { AttemptKey } from '../../functions/domain/delivery.ts';
import { readMessage } from '../../functions/domain/delivery-message.ts';
import { deliverDeps, ingestDeps } from '../../functions/runtime/deps.ts';
import { busEvent, type Deployment, deploy } from './deployment.ts';
import { type Answer, startReceiver } from './receiver.ts';

/** A deployment with one webhook, whose attempts are made by what the test hands over, and by no queue. */
export type Attempting = Awaited<ReturnType<typeof startAttempting>>;

export async function startAttempting(answer: Answer) {
  const deployment = await deploy();
  const receiver = await startReceiver(answer);
  const { id } = await deployment.addWebhook({ payload_url: receiver.url, secret: 's3cret' });
  const failures: unknown[] = [];
  const deps: AttemptDeps = {
    ...deliverDeps(deployment.engines.settings, deployment.world),
    onFailure: (error) => failures.push(error),
  };
  return {
    deployment,
    receiver,
    deps,
    failures,
    firstAttempts: (count: number) => firstAttempts(deployment, count),
    /** What the log has of a delivery. */
    recorded: (deliveryId: string) => deployment.attempts.delivery(id, deliveryId, deployment.clock.nowMs),
    async stop() {
      await receiver.stop();
      await deployment.stop();
    },
  };
}

/** The first attempts of so many new events, whose messages are in nobody's queue. */
async function firstAttempts(deployment: Deployment, count: number): Promise<AttemptKey[]> {
  const bodies: string[] = [];
  const deliveries = {
    send: async (messages: readonly { readonly body: string }[]) => {
      bodies.push(...messages.map(({ body }) => body));
      return messages.map(() => true);
    },
  };
  const events = Array.from({ length: count }, () => ({
    messageId: randomUUID(),
    body: busEvent({ namespaceId: deployment.namespace.id, id: randomUUID() }),
  }));
  await dispatch({ ...ingestDeps(deployment.engines.settings, deployment.world), deliveries }, events);
  return bodies.map((body) => readMessage(body)).filter((key) => key !== undefined);
}
