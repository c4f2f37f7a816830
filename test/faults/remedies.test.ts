import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { startRecovery } from '../../functions/actions/recoveries.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { attemptKey } from '../../functions/store/attempt-item.ts';
import { busEvent } from '../support/deployment.ts';
import { openScene, turn } from '../support/scene.ts';

const HOUR = 3_600_000;

it('a delivery that the audit calls missing is made by its event, sent again as it was; what was made is not made twice', async () => {
  const scene = await openScene({ webhooks: 2 });
  const [event] = await scene.emit();
  if (event === undefined) throw new Error('no event');
  await turn(scene.deployment, 'events', scene.handlers.ingest);
  // One of the two messages is lost.
  await turn(scene.deployment, 'deliveries', ({ Records }) => scene.handlers.deliver({ Records: Records.slice(1) }));
  scene.clock.nowMs += 6 * HOUR;
  await expect(scene.conserve()).rejects.toThrow(/nothing violates the law/);
  await scene.send('events', [busEvent({ namespaceId: scene.namespace.id, ...event })]);
  await scene.settle();
  expect(scene.receiver.received).toHaveLength(2);
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 2 });
});

it('a delivery that the audit calls stuck is made by a recovery of those that are retrying', async () => {
  const scene = await openScene({ answer: (response, _, nth) => response.writeHead(nth <= 2 ? 500 : 204).end() });
  const [event] = await scene.emit();
  await scene.work();
  const last = (await scene.delivery(event)).at(-1);
  await scene.table.db.send(
    new UpdateCommand({
      TableName: scene.table.name,
      Key: attemptKey(last ?? { webhookId: 0, deliveryId: '', number: 0 }),
      UpdateExpression: 'REMOVE due_shard, due_at',
    }),
  );
  await scene.settle();
  await expect(scene.conserve()).rejects.toThrow(/nothing violates the law/);
  scene.clock.nowMs += HOUR;
  const of = { namespace: scene.namespace, webhookId: scene.webhooks[0]?.id ?? 0 };
  const filter = { since: '2026-11-23T00:00:00Z', status: 'retrying' };
  await startRecovery(apiDeps(scene.engines.settings, scene.world), of, filter);
  await scene.settle();
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 1 });
});
