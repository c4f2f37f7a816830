/**
 * The `deliver` handler alone, in a process of its own, with full batches: five at once, as the pollers of a queue. The events are in
 * the table and their webhooks are known; the queue's part, and the engine's, is not in the count.
 */

import { ensureNamespace } from '../../../functions/actions/accounts.ts';
import { deliverHandler } from '../../../functions/deliver.ts';
import { deliverDeps } from '../../../functions/runtime/deps.ts';
import { BATCH_SIZE } from '../../../infra/queues.ts';
import { queueEvent } from '../../support/aws-events.ts';
import { busEvent, type Deployment, deploy } from '../../support/deployment.ts';
import { type Orders, payload, say, spent } from './child.ts';

const { url, count, atOnce }: Orders = JSON.parse(process.argv[2] ?? '');
const NAMESPACES = 10;
const WARM_UP = 3_000;

/** The messages of so many deliveries, of an event each. */
async function messages(deployment: Deployment, namespaceIds: readonly number[]): Promise<readonly string[]> {
  const total = WARM_UP + count;
  const events = Array.from({ length: total }, (_, nth) =>
    busEvent({
      namespaceId: namespaceIds[nth % namespaceIds.length] ?? null,
      id: crypto.randomUUID(),
      payload: payload(nth),
    }),
  );
  for (let from = 0; from < total; from += BATCH_SIZE) {
    await deployment.handlers.ingest(queueEvent(events.slice(from, from + BATCH_SIZE)));
  }
  return (await deployment.inspect('deliveries')).ready;
}

const deployment = await deploy();
const namespaceIds: number[] = [];
for (let nth = 0; nth < NAMESPACES; nth++) {
  const namespace = await ensureNamespace(deployment.accounts, { username: 'admin', path: `n${nth}` });
  await deployment.addWebhook({ payload_url: `${url}/${nth}`, secret: 's3cret' }, namespace);
  namespaceIds.push(namespace.id);
}
const all = await messages(deployment, namespaceIds);
const { engines, world } = deployment;
const deliver = deliverHandler(deliverDeps(engines.settings, { ...world, now: Date.now }));

async function deliverAll(from: number, to: number): Promise<void> {
  let next = from;
  const work = async () => {
    while (next < to) {
      const batch = all.slice(next, Math.min(to, next + BATCH_SIZE));
      next += batch.length;
      const { batchItemFailures } = await deliver(queueEvent(batch));
      if (batchItemFailures.length > 0) throw new Error('A delivery failed');
    }
  };
  await Promise.all(Array.from({ length: atOnce / BATCH_SIZE }, work));
}

await deliverAll(0, WARM_UP);
const before = spent();
await deliverAll(WARM_UP, WARM_UP + count);
say(before, count);
await deployment.stop();
