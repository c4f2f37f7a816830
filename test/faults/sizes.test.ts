import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { boundedDetail } from '../../functions/domain/event-input.ts';
import { EVENT_DETAIL_MAX_BYTES, REPLY_KEPT_MAX_BYTES } from '../../functions/domain/limits.ts';
import { expectConservation } from '../support/conservation.ts';
import { openScene, turn } from '../support/scene.ts';

const KB = 1024;

/** JSON of so many bytes, of which about half are those of characters that take three. */
function multibyte(bytes: number): string {
  const frame = Buffer.byteLength(JSON.stringify({ text: '' }));
  const characters = Math.floor((bytes - frame) / 6);
  return JSON.stringify({ text: '€'.repeat(characters) + 'a'.repeat(bytes - frame - characters * 3) });
}

/** JSON of about so many bytes that no compression makes smaller. */
function incompressible(bytes: number): string {
  return JSON.stringify({ data: randomBytes(Math.floor(bytes * 0.74)).toString('base64') });
}

it.each([
  ['256 KB less a byte', multibyte(256 * KB - 1)],
  ['256 KB', multibyte(256 * KB)],
  ['256 KB and a byte', multibyte(256 * KB + 1)],
  ['400 KB, more than an item may have', incompressible(400 * KB)],
  ['just under 1 MB', multibyte(1000 * KB)],
  ['just under 1 MB that does not compress', incompressible(1000 * KB)],
])('fault 21: a payload of %s arrives byte for byte, and no message of a delivery carries it', async (_, payload) => {
  const scene = await openScene();
  await scene.emit(1, payload);
  await turn(scene.deployment, 'events', scene.handlers.ingest);
  expect(Math.max(...(await scene.inspect('deliveries')).ready.map((body) => body.length))).toBeLessThan(KB);
  await scene.settle();
  expect(scene.receiver.received.map(({ body }) => body.toString() === payload)).toEqual([true]);
  expect((await scene.conserve()).counts).toMatchObject({ succeeded: 1 });
});

it.each([-1, 0, 1])(
  'fault 21: an event of the limit and %i bytes, counted as bytes, is taken whole or not at all',
  async (over) => {
    const scene = await openScene();
    const [id, createdAt] = ['0f0e8d5c-9c6d-4b7b-8a55-3f5b3f0d6a11', '2026-11-23T12:00:00.000Z'];
    const event = { id, createdAt, namespaceId: scene.namespace.id, type: 'cron' } as const;
    const frame = Buffer.byteLength(boundedDetail({ ...event, payload: '' }));
    const sized = { ...event, payload: multibyte(EVENT_DETAIL_MAX_BYTES - frame + over) };
    if (over > 0) {
      expect(() => boundedDetail(sized)).toThrow(/at most 1023 KB/);
      await scene.conserve(0);
      return;
    }
    await scene.send('events', [
      `{"version":"0","detail-type":"cron","source":"djinn-ci","detail":${boundedDetail(sized)}}`,
    ]);
    await scene.settle();
    const { counts } = await expectConservation(scene.deployment, {
      namespaceId: scene.namespace.id,
      receivers: [scene.receiver],
    });
    expect(counts).toMatchObject({ succeeded: 1 });
    expect(scene.receiver.received[0]?.body.toString() === sized.payload).toBe(true);
  },
);

it('fault 21: a large reply is kept in part, beside a large payload, in an item that DynamoDB takes', async () => {
  const reply = randomBytes(1_000_000);
  const scene = await openScene({
    answer: (response) => response.writeHead(500, { 'x-large': 'h'.repeat(8 * KB) }).end(reply),
  });
  const [event] = await scene.emit(1, incompressible(900 * KB));
  await scene.settle();
  const delivery = await scene.delivery(event);
  expect(delivery).toHaveLength(10);
  for (const { response } of delivery)
    expect([response?.body.length, response?.truncated]).toEqual([REPLY_KEPT_MAX_BYTES, true]);
  expect((await scene.conserve()).counts).toMatchObject({ dead: 1 });
});
