import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aboutDeliveries, aboutEvents } from '../../functions/actions/abouts.ts';
import { eventName } from '../../functions/domain/event.ts';
import { failedAttempt } from '../support/attempt.ts';
import { busEvent, type Deployment, deploy } from '../support/deployment.ts';
import { intercept } from '../support/failing.ts';

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy();
});
afterAll(() => deployment.stop());

const CREATED_AT = '2026-11-23T11:59:59.000Z';

/** Has events opened with these payloads; answers which they are. */
async function open(payloads: readonly string[]) {
  const namespaceId = deployment.namespace.id;
  const keys = payloads.map(() => ({ namespaceId, id: randomUUID(), createdAt: CREATED_AT }));
  const bodies = payloads.map((payload, index) => busEvent({ namespaceId, id: keys[index]?.id ?? '', payload }));
  for (const body of bodies) await deployment.send('events', [body]);
  await deployment.drain('events', deployment.handlers.ingest);
  return keys;
}

const build = (number: number, padding = '') => JSON.stringify({ number, status: 'failed', padding });
/** What compresses to no less than it is. */
const noise = (bytes: number) => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes / 2))).toString('hex');
const noisy = (bytes: number) => Array.from({ length: bytes / 65_536 }, () => noise(65_536)).join('');

/** Every BatchGet's keys and attributes, as they were asked for. */
function watch() {
  const asked: { keys: number; attributes: string[] }[] = [];
  const undo = intercept(deployment.world.dynamodb, 'BatchGetItem', (input, send) => {
    const { RequestItems } = input as {
      RequestItems: Record<string, { Keys: object[]; ExpressionAttributeNames?: Record<string, string> }>;
    };
    for (const { Keys, ExpressionAttributeNames = {} } of Object.values(RequestItems)) {
      asked.push({ keys: Keys.length, attributes: Object.values(ExpressionAttributeNames) });
    }
    return send();
  });
  return { asked, undo };
}

it('says of each event what it is about, and nothing of what is unknown, unsayable or too large', async () => {
  const keys = await open([build(1), '{"id":1}', build(2, 'x'.repeat(64 * 1024)), build(3, 'x'.repeat(60 * 1024))]);
  const gone = { namespaceId: deployment.namespace.id, id: randomUUID(), createdAt: CREATED_AT };
  const abouts = await aboutEvents(deployment, [...keys, gone]);
  const texts = [...keys, gone].map((key) => abouts.get(eventName(key))?.text);
  expect(texts).toEqual(['Build #1 · failed', undefined, undefined, 'Build #3 · failed', undefined]);
});

it('reads no payload that is large, and none that is stored in parts', async () => {
  const [small, large] = await open([build(4), build(5, noisy(655_360))]);
  if (small === undefined || large === undefined) throw new Error('There are no events');
  const { asked, undo } = watch();
  const abouts = await aboutEvents(deployment, [small, large]);
  expect([...abouts.keys()]).toEqual([eventName(small)]);
  expect(asked).toEqual([
    { keys: 2, attributes: ['pk', 'sk', 'payload_bytes'] },
    { keys: 1, attributes: ['pk', 'sk', 'type', 'encoding', 'payload'] },
  ]);
  asked.length = 0;
  const sized = [
    { ...small, payloadBytes: 100 },
    { ...large, payloadBytes: 655_400 },
  ];
  expect((await aboutEvents(deployment, sized)).size).toBe(1);
  expect(asked, 'whose size is known is not asked for').toEqual([
    { keys: 1, attributes: ['pk', 'sk', 'type', 'encoding', 'payload'] },
  ]);
  asked.length = 0;
  // Parts are a matter of the packed size: even where somebody says that it is small, they are not read.
  expect((await aboutEvents(deployment, [{ ...large, payloadBytes: 1 }])).size).toBe(0);
  expect(asked).toHaveLength(1);
  expect((await aboutEvents(deployment, [])).size).toBe(0);
  undo();
});

it('says the same of the deliveries of a page, and reads an event of several once', async () => {
  const keys = await open(Array.from({ length: 3 }, (_, index) => build(10 + index)));
  const deliveries = [...keys, ...keys].map(
    ({ id, createdAt, namespaceId }) =>
      [failedAttempt({ eventId: id, eventCreatedAt: createdAt, namespaceId }), failedAttempt({ number: 2 })] as const,
  );
  const { asked, undo } = watch();
  const abouts = await aboutDeliveries(deployment, deliveries);
  undo();
  expect(asked.map((one) => one.keys)).toEqual([3, 3]);
  expect(deliveries.map(([{ deliveryId }]) => abouts.get(deliveryId)?.text)).toEqual(
    [10, 11, 12, 10, 11, 12].map((number) => `Build #${number} · failed`),
  );
});

it('asks for a hundred at once, at most', async () => {
  const namespaceId = deployment.namespace.id;
  const many = Array.from({ length: 150 }, () => ({ namespaceId, id: randomUUID(), createdAt: CREATED_AT }));
  const { asked, undo } = watch();
  await aboutEvents(deployment, many);
  undo();
  expect(asked.map((one) => one.keys)).toEqual([100, 50]);
});
