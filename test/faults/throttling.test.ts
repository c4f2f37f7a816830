import { randomBytes } from 'node:crypto';
import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { deliveryId } from '../../functions/domain/id.ts';
import { Crash, crashAt, intercept, throttleAt } from '../support/failing.ts';
import { deliveryOf } from '../support/receiver.ts';
import { loseRetries, messagesOf, openScene, turn } from '../support/scene.ts';

const THROTTLED = { Error: { Code: 'ThrottlingError', Message: 'slow down' } };

it('fault 5: DynamoDB refuses any one call, of whichever function: nothing is lost, and nothing ends dead', async () => {
  const scene = await openScene({ answer: (response, _, nth) => response.writeHead(nth === 1 ? 500 : 204).end() });
  const { ingest, deliver, retry } = scene.handlers;
  const turns = [
    () => turn(scene.deployment, 'events', ingest),
    () => turn(scene.deployment, 'deliveries', deliver),
    () => turn(scene.deployment, 'deliveries', loseRetries),
    () => retry({}),
  ];
  // All calls of the way of an event, first attempt and retry, whose message is lost: until there is no nth one.
  for (let nth = 1, isThrough = false; !isThrough; nth++) {
    await scene.emit();
    const throttle = throttleAt(scene.world, nth);
    for (const run of turns) {
      await run().catch(() => undefined);
      scene.clock.nowMs += 2 * 60_000;
    }
    isThrough = throttle.calls() < nth;
    throttle.undo();
    await scene.settle();
  }
  const { counts, matching } = await scene.conserve();
  expect(matching).toBeGreaterThan(6);
  expect(counts.succeeded).toBe(matching);
});

it('fault 5: a success that cannot be recorded goes back to the queue, and is recorded when it comes again', async () => {
  const scene = await openScene();
  const [event] = await scene.emit();
  await turn(scene.deployment, 'events', scene.handlers.ingest);
  const undo = intercept(scene.world.dynamodb, 'BatchExecuteStatement', async (input) => {
    const { Statements } = input as { readonly Statements: readonly object[] };
    return { output: { Responses: Statements.map(() => THROTTLED) } };
  });
  expect(await turn(scene.deployment, 'deliveries', scene.handlers.deliver)).toBe(0);
  undo();
  expect((await scene.conserve()).counts).toMatchObject({ queued: 1 });
  await scene.settle();
  expect(await scene.delivery(event)).toMatchObject([{ number: 1, status: 'succeeded' }]);
  expect(new Set(scene.receiver.received.map(deliveryOf)).size).toBe(1);
  await scene.conserve();
});

/** Has the deliveries queue not take some entries of a call, by their position; `calls` are the entries that each call had. */
function refuseEntries(
  scene: Awaited<ReturnType<typeof openScene>>,
  refuses: (call: number, entry: number) => boolean,
) {
  type Entries = { readonly Id: string }[];
  const calls: number[] = [];
  const undo = intercept(scene.world.sqs, 'SendMessageBatch', async (input, send) => {
    const { Entries } = input as { Entries: Entries };
    calls.push(Entries.length);
    const refused = Entries.filter((_, entry) => refuses(calls.length, entry));
    (input as { Entries: Entries }).Entries = Entries.filter((entry) => !refused.includes(entry));
    const { output } = refused.length === Entries.length ? { output: {} } : await send();
    return {
      output: { ...output, Failed: refused.map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false })) },
    };
  });
  return { calls, undo };
}

it('fault 6: of a batch that the queue takes in part, the rest alone is sent again', async () => {
  const scene = await openScene({ webhooks: 10 });
  await scene.emit();
  const { calls, undo } = refuseEntries(scene, (call, entry) => call === 1 && entry < 3);
  await turn(scene.deployment, 'events', scene.handlers.ingest);
  undo();
  expect(calls).toEqual([10, 3]);
  expect(await messagesOf(scene)).toHaveLength(10);
  await scene.settle();
  expect(scene.receiver.received).toHaveLength(10);
  await scene.conserve();
});

it('fault 6: what the queue never takes stays with its event, or with the table, and is sent later', async () => {
  const scene = await openScene({
    webhooks: 10,
    answer: (response, _, nth) => response.writeHead(nth === 1 ? 500 : 204).end(),
  });
  await scene.emit();
  const first = refuseEntries(scene, (_, entry) => entry < 3);
  expect(await turn(scene.deployment, 'events', scene.handlers.ingest)).toBe(0);
  first.undo();
  expect((await scene.conserve()).counts).toMatchObject({ queued: 10 });
  await turn(scene.deployment, 'events', scene.handlers.ingest);
  const second = refuseEntries(scene, () => true);
  while ((await turn(scene.deployment, 'deliveries', scene.handlers.deliver)) !== undefined);
  second.undo();
  expect((await scene.conserve()).counts).toMatchObject({ retrying: 10 });
  await scene.settle();
  expect(scene.receiver.received).toHaveLength(20);
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 10 });
});

it('fault 7: what DynamoDB leaves of a batch is written again, and a fan-out that was killed goes on', async () => {
  const scene = await openScene({ webhooks: 25 });
  // So large, and so little to compress, that it takes several items.
  const [event] = await scene.emit(1, JSON.stringify({ data: randomBytes(600_000).toString('base64') }));
  let left = 0;
  const undo = intercept(scene.world.dynamodb, 'BatchWriteItem', async (input, send) => {
    const { RequestItems } = input as { RequestItems: Record<string, object[]> };
    const requests = RequestItems[scene.table.name] ?? [];
    const unwritten = requests.splice(1);
    left += unwritten.length;
    await send();
    return { output: { UnprocessedItems: { [scene.table.name]: unwritten } } };
  });
  for (let nth = 1; nth <= 3; nth++) {
    await turn(scene.deployment, 'events', async (batch) => {
      const crash = crashAt(scene.world, nth + 2, 'after');
      await scene.handlers.ingest(batch).catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
      crash.revive();
      throw new Error('killed');
    });
  }
  expect(await turn(scene.deployment, 'events', scene.handlers.ingest)).toBe(1);
  undo();
  expect(left, 'parts were left').toBeGreaterThan(0);
  await scene.settle();
  expect(event && (await scene.events.payload({ namespaceId: scene.namespace.id, ...event }))?.length).toBeGreaterThan(
    800_000,
  );
  const ids = new Set(scene.webhooks.map(({ id }) => event && deliveryId(event, id)));
  expect(new Set(scene.receiver.received.map(deliveryOf))).toEqual(ids);
  for (const { id } of scene.webhooks) expect(await attemptsOf(scene, id)).toBe(1);
  await scene.conserve();
});

it('fault 7: attempts that a batch left out, 7 of 25, are recorded by the next try', async () => {
  const scene = await openScene({ webhooks: 25 });
  await scene.emit();
  let left = 7;
  const undo = intercept(scene.world.dynamodb, 'BatchExecuteStatement', async (input, send) => {
    const { Statements } = input as { Statements: object[] };
    const out = Math.min(left, Statements.length - 1);
    left -= out;
    Statements.splice(Statements.length - out);
    const { output } = await send();
    const { Responses } = output as { readonly Responses: readonly object[] };
    return { output: { Responses: [...Responses, ...Array<object>(out).fill(THROTTLED)] } };
  });
  await scene.settle();
  undo();
  expect(left).toBe(0);
  expect(scene.receiver.received).toHaveLength(25);
  for (const { id } of scene.webhooks) expect(await attemptsOf(scene, id)).toBe(1);
  await scene.conserve();
});

async function attemptsOf({ table }: Awaited<ReturnType<typeof openScene>>, webhookId: number): Promise<number> {
  let count = 0;
  const query = {
    TableName: table.name,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': `WEBHOOK#${webhookId}` },
  };
  for await (const { Items = [] } of paginateQuery({ client: table.db }, query)) count += Items.length;
  return count;
}
