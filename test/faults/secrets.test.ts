import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { changeWebhook } from '../../functions/actions/webhooks.ts';
import { deliverHandler } from '../../functions/deliver.ts';
import { djinnSignature } from '../../functions/domain/signature.ts';
import { deliverDeps } from '../../functions/runtime/deps.ts';
import { apiDeps } from '../../functions/runtime/web-deps.ts';
import { openScene, type Scene, turn } from '../support/scene.ts';

/** Has KMS refuse every call; answers how to end that. */
function withoutKms({ world }: Scene): () => void {
  world.kms.middlewareStack.add(() => () => Promise.reject(new Error('KMS is away')), {
    step: 'initialize',
    name: 'away',
  });
  return () => world.kms.middlewareStack.remove('away');
}

const START_MS = Date.parse('2026-11-23T12:00:00Z');
const HOUR_MS = 60 * 60_000;

function rotate(scene: Scene, body: Readonly<Record<string, unknown>>) {
  const of = { namespace: scene.namespace, id: scene.webhooks[0]?.id ?? 0 };
  return changeWebhook(apiDeps(scene.engines.settings, scene.world), of, body);
}

/** Which secrets each POST is signed with, of those that are asked about, by the published library; and that by the one header of ours. */
function signersOf(scene: Scene, secrets: readonly string[]) {
  return scene.receiver.received.map(({ headers, body }) => {
    const at = new Date(Number(headers['webhook-timestamp']) * 1000);
    const given = String(headers['webhook-signature']).split(' ');
    const sign = (secret: string) => new Webhook(Buffer.from(secret), { format: 'raw' });
    const standard = secrets.filter((one) => given.includes(sign(one).sign(`${headers['webhook-id']}`, at, body)));
    expect(standard, 'no signature is of any other secret').toHaveLength(given.length);
    const own = secrets.filter((one) => headers['x-djinn-ci-signature'] === djinnSignature(one, body));
    return { standard, own };
  });
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

it('fault 18: a secret that was replaced signs beside the new one for a day, each attempt as of its time', async () => {
  const scene = await openScene({ answer: (response, _, nth) => response.writeHead(nth === 1 ? 500 : 204).end() });
  await scene.emit();
  await turn(scene.deployment, 'events', scene.handlers.ingest);
  await turn(scene.deployment, 'deliveries', scene.handlers.deliver);
  await rotate(scene, { secret: 'second' });
  await scene.settle();
  scene.clock.nowMs = START_MS + 24 * HOUR_MS;
  await scene.emit();
  await scene.settle();
  const after = { standard: ['second'], own: ['second'] };
  expect(signersOf(scene, ['s3cret', 'second'])).toEqual([
    { standard: ['s3cret'], own: ['s3cret'] },
    { standard: ['s3cret', 'second'], own: ['second'] },
    after,
    after,
  ]);
  await scene.conserve();
});

it('fault 18: of a secret that is replaced twice the latest before it signs too, and one that is removed takes it along', async () => {
  const scene = await openScene();
  const deliver = async () => {
    await scene.emit();
    await scene.settle();
  };
  await rotate(scene, { secret: 'second', secret_overlap_seconds: 604_800 });
  await rotate(scene, { secret: 'third' });
  await deliver();
  expect(signersOf(scene, ['s3cret', 'second', 'third'])).toEqual([{ standard: ['second', 'third'], own: ['third'] }]);
  await rotate(scene, { remove_secret: true });
  await deliver();
  expect(Object.keys(scene.receiver.received[1]?.headers ?? {}).filter((name) => /signature/.test(name))).toEqual([]);
  await rotate(scene, { secret: 'fourth' });
  await deliver();
  expect(scene.receiver.received[2]?.headers['webhook-signature']).toMatch(/^v1,\S+$/);
  await scene.conserve();
});

it('fault 18: a change of the secret that is repeated, or made twice at once, keeps the one before it', async () => {
  const scene = await openScene();
  await rotate(scene, { secret: 'second' });
  const { webhook } = await rotate(scene, { secret: 'second' });
  expect(webhook.previousSecret?.until).toBe(new Date(START_MS + 24 * HOUR_MS).toISOString());
  await scene.emit();
  await scene.settle();
  await Promise.all(['third', 'third', 'third'].map((secret) => rotate(scene, { secret })));
  await scene.emit();
  await scene.settle();
  const ended = await rotate(scene, { secret: 'third', secret_overlap_seconds: 0 });
  expect(ended.webhook.previousSecret).toBeUndefined();
  await scene.emit();
  await scene.settle();
  expect(signersOf(scene, ['s3cret', 'second', 'third']).map(({ standard }) => standard)).toEqual([
    ['s3cret', 'second'],
    ['second', 'third'],
    ['third'],
  ]);
});

it('fault 18: of two secrets that replace it at once, one signs and the other is the one before it', async () => {
  const scene = await openScene();
  await Promise.all(['second', 'third'].map((secret) => rotate(scene, { secret })));
  await scene.emit();
  await scene.settle();
  const [signers] = signersOf(scene, ['s3cret', 'second', 'third']);
  expect(signers?.standard).toEqual(['second', 'third']);
});

it('fault 18: where the secret that was replaced cannot be opened, nothing is sent by half', async () => {
  const scene = await openScene();
  await rotate(scene, { secret: 'second' });
  await scene.emit();
  await turn(scene.deployment, 'events', scene.handlers.ingest);
  scene.world.kms.middlewareStack.add(
    (next) => (args) => (++asked === 1 ? next(args) : Promise.reject(new Error('KMS is away'))),
    { step: 'initialize', name: 'away' },
  );
  let asked = 0;
  expect(await turn(scene.deployment, 'deliveries', newProcess(scene))).toBe(1);
  expect((await scene.conserve()).counts).toMatchObject({ held: 1 });
  expect([asked, scene.receiver.received]).toEqual([2, []]);
  scene.world.kms.middlewareStack.remove('away');
  await scene.settle();
  expect(signersOf(scene, ['s3cret', 'second'])).toEqual([{ standard: ['s3cret', 'second'], own: ['second'] }]);
  await scene.conserve();
});

it('fault 18: a secret that cannot be opened is our failure: nothing is sent, nothing is spent, and it is held for as long as it takes', async () => {
  const scene = await openScene();
  const [event] = await scene.emit();
  const back = withoutKms(scene);
  await scene.work();
  for (let hour = 1; hour <= 48; hour++) {
    scene.clock.nowMs += HOUR_MS;
    await scene.handlers.retry({});
    await scene.work();
  }
  expect(scene.receiver.received, 'unsigned it is not sent').toEqual([]);
  expect(await scene.delivery(event)).toMatchObject([
    { number: 1, status: 'held', startedAt: '2026-11-23T12:00:00.000Z', error: { class: 'unsigned' } },
  ]);
  expect((await scene.conserve()).counts).toMatchObject({ held: 1 });
  back();
  await scene.settle();
  expect(scene.receiver.received[0]?.headers['x-djinn-ci-signature']).toMatch(/^sha256=/);
  expect(await scene.delivery(event)).toMatchObject([{ number: 1, status: 'succeeded' }]);
  await scene.conserve();
});

it('fault 18: of what cannot be signed one finds out each minute whether it can be, however many are held; then all are sent', async () => {
  const scene = await openScene();
  const back = withoutKms(scene);
  await scene.emit(40);
  await scene.work();
  const minute = async (coming = 0) => {
    scene.clock.nowMs += 60_000;
    const { released } = await scene.handlers.retry({});
    if (coming > 0) await scene.emit(coming);
    await scene.work();
    return released;
  };
  const released = [];
  for (let nth = 0; nth < 10; nth++) released.push(await minute(nth % 2));
  expect(released).toEqual(Array.from({ length: 10 }, () => 1));
  expect((await scene.conserve()).counts).toMatchObject({ held: 45 });
  back();
  expect([await minute(), await minute()]).toEqual([1, 44]);
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 45 });
});

it('fault 18: a secret that is lost can be replaced by another one, which alone signs what was held', async () => {
  const scene = await openScene();
  const [webhook] = scene.webhooks;
  if (webhook === undefined) throw new Error('There is no webhook');
  const { vault, webhooks } = apiDeps(scene.engines.settings, scene.world);
  // As where the table comes from a backup, and its key does not: no ciphertext is of this webhook.
  const sealedSecret = await vault.seal('s3cret', { webhookId: webhook.id + 1, namespaceId: webhook.namespaceId });
  await webhooks.change(webhook, { sealedSecret });
  await scene.emit();
  await scene.work();
  expect((await scene.conserve()).counts).toMatchObject({ held: 1 });
  const { webhook: mended } = await rotate(scene, { secret: 'second' });
  expect(mended.previousSecret).toBeUndefined();
  await scene.settle();
  expect(signersOf(scene, ['s3cret', 'second'])).toEqual([{ standard: ['second'], own: ['second'] }]);
  await scene.conserve();
});

it('fault 18: while KMS is away no secret is replaced: the one that signs still is not to be forgotten', async () => {
  const scene = await openScene();
  const back = withoutKms(scene);
  await expect(rotate(scene, { secret: 'second' })).rejects.toThrow('KMS is away');
  back();
  await rotate(scene, { secret: 'second' });
  await scene.emit();
  await scene.settle();
  expect(signersOf(scene, ['s3cret', 'second'])).toEqual([{ standard: ['s3cret', 'second'], own: ['second'] }]);
});

it('fault 18: a secret that cannot be opened for three days is given up, in the open', async () => {
  const scene = await openScene();
  const [event] = await scene.emit();
  withoutKms(scene);
  await scene.work();
  for (const [hour, standing] of [
    [71, 'held'],
    [73, 'dead'],
  ] as const) {
    scene.clock.nowMs = START_MS + hour * HOUR_MS;
    await scene.handlers.retry({});
    await scene.work();
    expect((await scene.conserve()).counts).toMatchObject({ [standing]: 1 });
  }
  expect(await scene.delivery(event)).toMatchObject([{ number: 1, status: 'dead', error: { class: 'unsigned' } }]);
  expect(scene.notices.map(({ type }) => type)).toEqual(['delivery.dead']);
});

it('fault 18: KMS that is away when a retry is due spends no attempt', async () => {
  const scene = await openScene({ answer: (response, _, nth) => response.writeHead(nth === 1 ? 500 : 204).end() });
  const [event] = await scene.emit();
  await turn(scene.deployment, 'events', scene.handlers.ingest);
  await turn(scene.deployment, 'deliveries', scene.handlers.deliver);
  const back = withoutKms(scene);
  expect(await turn(scene.deployment, 'deliveries', newProcess(scene))).toBe(1);
  back();
  expect((await scene.conserve()).counts).toMatchObject({ held: 1 });
  await scene.settle();
  expect(await scene.delivery(event)).toMatchObject([{ number: 1 }, { number: 2, status: 'succeeded' }]);
  await scene.conserve();
});
