import { expect, it } from 'vitest';
import { changeWebhook } from '../../functions/actions/webhooks.ts';
import { deliverHandler } from '../../functions/deliver.ts';
import { djinnSignature } from '../../functions/domain/signature.ts';
import { apiDeps, deliverDeps } from '../../functions/runtime/deps.ts';
import { openScene, type Scene, turn } from '../support/scene.ts';

/** Has KMS refuse every call; answers how to end that. */
function withoutKms({ world }: Scene): () => void {
  world.kms.middlewareStack.add(() => () => Promise.reject(new Error('KMS is away')), {
    step: 'initialize',
    name: 'away',
  });
  return () => world.kms.middlewareStack.remove('away');
}

/** `deliver` as a new process has it: no secret is opened yet. */
function newProcess(scene: Scene) {
  return deliverHandler(deliverDeps(scene.engines.settings, scene.world));
}

it('fault 18: a secret that is replaced while a retry waits: each attempt is signed with the one of its time', async () => {
  const scene = await openScene({ answer: (response, _, nth) => response.writeHead(nth === 1 ? 500 : 204).end() });
  await scene.emit();
  await turn(scene.deployment, 'events', scene.handlers.ingest);
  await turn(scene.deployment, 'deliveries', scene.handlers.deliver);
  const of = { namespace: scene.namespace, id: scene.webhooks[0]?.id ?? 0 };
  await changeWebhook(apiDeps(scene.engines.settings, scene.world), of, { secret: 'another s3cret' });
  await scene.settle();
  const signatures = scene.receiver.received.map(({ headers }) => headers['x-djinn-ci-signature']);
  const body = scene.receiver.received[0]?.body ?? Buffer.alloc(0);
  expect(signatures).toEqual([djinnSignature('s3cret', body), djinnSignature('another s3cret', body)]);
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 1 });
});

it('fault 18: a secret that cannot be opened is our failure: nothing is sent, nothing is spent, the message goes back', async () => {
  const scene = await openScene();
  const [event] = await scene.emit();
  await turn(scene.deployment, 'events', scene.handlers.ingest);
  const back = withoutKms(scene);
  for (let time = 1; time <= 9; time++) {
    expect(await turn(scene.deployment, 'deliveries', scene.handlers.deliver)).toBe(0);
  }
  expect(scene.receiver.received, 'unsigned it is not sent').toEqual([]);
  expect((await scene.conserve()).counts).toMatchObject({ queued: 1 });
  back();
  await scene.settle();
  expect(scene.receiver.received[0]?.headers['x-djinn-ci-signature']).toMatch(/^sha256=/);
  expect(await scene.delivery(event)).toMatchObject([{ number: 1, status: 'succeeded' }]);
  await scene.conserve();
});

it('fault 18: KMS that is away when a retry is due spends no attempt, even where the message is lost', async () => {
  const scene = await openScene({ answer: (response, _, nth) => response.writeHead(nth === 1 ? 500 : 204).end() });
  const [event] = await scene.emit();
  await turn(scene.deployment, 'events', scene.handlers.ingest);
  await turn(scene.deployment, 'deliveries', scene.handlers.deliver);
  const back = withoutKms(scene);
  await turn(scene.deployment, 'deliveries', async (batch) => {
    expect((await newProcess(scene)(batch)).batchItemFailures).toHaveLength(1);
    return { batchItemFailures: [] };
  });
  back();
  expect((await scene.conserve()).counts).toMatchObject({ retrying: 1 });
  await scene.settle();
  expect(await scene.delivery(event)).toMatchObject([{ number: 1 }, { number: 2, status: 'succeeded' }]);
  await scene.conserve();
});
