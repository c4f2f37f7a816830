import { readFileSync } from 'node:fs';
import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { indexNamespaces, listNamespaces } from '../../functions/actions/namespaces.ts';
import { readMessage, writeMessage } from '../../functions/domain/delivery-message.ts';
import { attemptItem, readAttempt } from '../../functions/store/attempt-item.ts';
import type { Item } from '../../functions/store/table.ts';
import { dialTcp } from '../../functions/transport/connector.ts';
import { arrived, expectConservation } from '../support/conservation.ts';
import { deliveryOf, startReceiver } from '../support/receiver.ts';
import { openScene } from '../support/scene.ts';

/**
 * A system as a release left it, byte for byte: all items of the table as DynamoDB has them, binary values in base64, and the bodies of
 * all messages. Never written again: a later release adds a file of its own, and is held to this one.
 */
type Recorded = {
  readonly clock: string;
  readonly namespaceId: number;
  readonly webhookId: number;
  readonly items: readonly Record<string, AttributeValue>[];
  readonly messages: Readonly<Record<'events' | 'deliveries', readonly string[]>>;
  /** The deliveries that had arrived at the receiver. */
  readonly ledger: readonly string[];
};

/** What each release left, and what it comes to: events that are in the table, deliveries where they stood, and what arrives. */
const LEFT = {
  'release-1': {
    events: 7,
    counts: { succeeded: 1, dead: 1, cancelled: 1, retrying: 2, queued: 2 },
    all: 8,
    arrives: 7,
  },
  // A webhook that is paused, and one whose circuit is open, with a probe and a redelivery on their way.
  'release-2': { events: 15, counts: { succeeded: 12, held: 18 }, all: 32, arrives: 20 },
};
const RELEASES = Object.keys(LEFT) as (keyof typeof LEFT)[];

/**
 * What went over the wire is one attribute by now, under a name that the first releases do not know: to them nothing was sent.
 */
const OVER_THE_WIRE = ['heads', 'connection', 'response_body', 'wire'];

function recorded(release: string): Recorded {
  const text = readFileSync(new URL(`fixtures/${release}.json`, import.meta.url), 'utf8');
  return JSON.parse(text, (name, value) => (name === 'B' ? Buffer.from(value, 'base64') : value));
}

/** Today's code over what a release left; its receiver is wherever the recorded webhook points. */
async function takenUp({ clock, items, messages }: Recorded) {
  const receiver = await startReceiver();
  const scene = await openScene({
    webhooks: 0,
    world: {
      resolve: async () => ['127.0.0.1'],
      dial: ({ address }, signal) => dialTcp({ address, port: Number(new URL(receiver.url).port) }, signal),
    },
  });
  scene.clock.nowMs = Date.parse(clock);
  for (const Item of items) await scene.world.dynamodb.send(new PutItemCommand({ TableName: scene.table.name, Item }));
  await scene.send('events', messages.events);
  await scene.send('deliveries', messages.deliveries);
  return { scene, receiver };
}

it.each(RELEASES)(
  'fault 24: what %s left in table and queues is taken up, and everything ends as it should',
  async (release) => {
    const left = recorded(release);
    const { scene, receiver } = await takenUp(left);
    const conserve = () =>
      expectConservation(scene.deployment, {
        namespaceId: left.namespaceId,
        receivers: [receiver, { received: left.ledger.map((id) => arrived(id)) }],
      });
    const { events, counts, all, arrives } = LEFT[release];
    expect(await conserve(), 'as it was left').toMatchObject({ events, counts });
    await scene.handlers.recover({});
    await scene.settle();
    // One event was still in its queue; what was dead was redelivered, what was cancelled recovered, and what was held released.
    expect(await conserve()).toMatchObject({ events: events + 1, matching: all, counts: { succeeded: all } });
    expect(new Set(receiver.received.map(deliveryOf)).size).toBe(arrives);
    if (release === 'release-1')
      expect(receiver.received.map(({ body }) => body.toString())).toContain('{"id": 9007199254740993}');
    expect((await scene.inspect('events-dead-letter')).ready).toEqual([]);
    await receiver.stop();
  },
);

it.each(RELEASES)(
  'fault 24: today writes what %s can read: the same messages, and attempts of the same attributes',
  async (release) => {
    const left = recorded(release);
    for (const body of left.messages.deliveries) {
      const key = readMessage(body);
      expect(key && JSON.parse(writeMessage(key))).toEqual(JSON.parse(body));
    }
    const { scene, receiver } = await takenUp(left);
    const { Items = [] } = await scene.table.db.send(new ScanCommand({ TableName: scene.table.name }));
    const attempts = Items.filter(({ sk }) => String(sk).startsWith('DELIVERY#')) as Item[];
    expect(attempts.length).toBeGreaterThan(10);
    for (const item of attempts) {
      const written = attemptItem(readAttempt(item), item['due_at'] as number | undefined);
      const attributes = Object.entries(written).filter(([, value]) => value !== undefined);
      const plain = attributes.filter(([name]) => !OVER_THE_WIRE.includes(name));
      const { expires_at: expiresAt, ...others } = Object.fromEntries(plain);
      expect(item).toMatchObject(others);
      // What is held is kept for longer than it was.
      expect(Number(expiresAt)).toBeGreaterThanOrEqual(Number(item['expires_at']));
      const names = Object.keys(item).filter((name) => !OVER_THE_WIRE.includes(name));
      expect(plain.map(([name]) => name).sort()).toEqual(names.sort());
      expect('wire' in written && written['wire'] !== undefined).toBe(item['heads'] !== undefined);
      expect(readAttempt(written)).toEqual(readAttempt(item));
    }
    await receiver.stop();
  },
);

it.each(RELEASES)('what %s left is listed to its owner and collaborators once it is indexed', async (release) => {
  const left = recorded(release);
  const { scene, receiver } = await takenUp(left);
  const { db, name: TableName } = scene.table;
  const pk = `NAMESPACE#${left.namespaceId}`;
  // The scene has made the same namespace, as today does; both releases wrote collaborators so.
  await db.send(new DeleteCommand({ TableName, Key: { pk: 'USER#admin', sk: 'NAMESPACE#0000000000000001' } }));
  const of = (username: string) => ({ pk, sk: `COLLABORATOR#${username}`, username });
  const items = [
    { ...of('friend'), created_at: left.clock },
    { ...of('former'), removed_at: left.clock, as_of: '1' },
  ];
  for (const Item of items) await db.send(new PutCommand({ TableName, Item }));
  const users = ['admin', 'friend', 'former'].map((username) => ({ id: 0, username, email: '', createdAt: '' }));
  const listed = async () => {
    const lists = await Promise.all(users.map((user) => listNamespaces(scene.accounts, { user })));
    return lists.map(({ rows }) => rows.map(({ namespace: { id, path }, isOwn }) => ({ id, path, isOwn })));
  };
  expect(await listed()).toEqual([[], [], []]);
  const row = { id: left.namespaceId, path: 'demo' };
  for (const _ of [1, 2]) {
    expect(await indexNamespaces(scene.accounts)).toEqual({ namespaces: 1, collaborators: 1 });
    expect(await listed()).toEqual([[{ ...row, isOwn: true }], [{ ...row, isOwn: false }], []]);
  }
  await receiver.stop();
});
