import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WEBHOOKS_PER_NAMESPACE_MAX } from '../../functions/domain/limits.ts';
import type { Webhook } from '../../functions/domain/webhook.ts';
import { type Deployment, deploy } from '../support/deployment.ts';
import { intercept } from '../support/failing.ts';

let deployment: Deployment;
let namespaceId = 100;
let ids = 0;

beforeAll(async () => {
  // Chance is what lets those who wait come apart.
  deployment = await deploy({ random: Math.random });
});
beforeEach(() => {
  namespaceId += 1;
});
afterAll(() => deployment.stop());

function webhook(differences: Partial<Webhook> = {}): Webhook {
  ids += 1;
  return {
    id: ids,
    namespaceId,
    authorId: 1,
    payloadUrl: `https://receiver.example/${ids}`,
    ssl: true,
    active: true,
    events: [],
    createdAt: '2026-11-23T12:00:00.000Z',
    ...differences,
  };
}

const counter = () => ({ TableName: deployment.table.name, Key: { pk: `NAMESPACE#${namespaceId}`, sk: 'WEBHOOKS' } });
const count = async () => (await deployment.table.db.send(new GetCommand(counter()))).Item?.['count'];
/** What a release without counts leaves behind. */
const forget = () => deployment.table.db.send(new DeleteCommand(counter()));
const addMany = (many: number) => Promise.all(Array.from({ length: many }, () => deployment.webhooks.add(webhook())));

describe('the number of webhooks of a namespace', () => {
  it('is 100 at most, even where many more come at once', async () => {
    const answers = await addMany(WEBHOOKS_PER_NAMESPACE_MAX + 20);
    expect(answers.filter((answer) => answer === 'added')).toHaveLength(WEBHOOKS_PER_NAMESPACE_MAX);
    expect(new Set(answers)).toEqual(new Set(['added', 'full']));
    expect(await deployment.webhooks.all(namespaceId)).toHaveLength(WEBHOOKS_PER_NAMESPACE_MAX);
    expect(await count()).toBe(WEBHOOKS_PER_NAMESPACE_MAX);
  });

  it('falls with each that is removed, once, however often that is asked for', async () => {
    await addMany(WEBHOOKS_PER_NAMESPACE_MAX);
    const [one, two] = await deployment.webhooks.all(namespaceId);
    if (one === undefined || two === undefined) throw new Error('no webhooks');
    const removed = await Promise.all([1, 2, 3].map(() => deployment.webhooks.remove(one)));
    expect(removed.filter(Boolean)).toHaveLength(1);
    expect(await deployment.webhooks.remove(one)).toBe(false);
    expect(await count()).toBe(WEBHOOKS_PER_NAMESPACE_MAX - 1);
    expect(await addMany(2)).toEqual(expect.arrayContaining(['added', 'full']));
    expect(await deployment.webhooks.remove(two)).toBe(true);
    expect(await addMany(1)).toEqual(['added']);
  });

  it('does not change where a webhook is refused, or is changed', async () => {
    const one = webhook();
    await deployment.webhooks.add(one);
    expect(await deployment.webhooks.add(webhook({ payloadUrl: one.payloadUrl }))).toBe('url_taken');
    await deployment.webhooks.change(one, { payloadUrl: 'https://receiver.example/elsewhere' });
    expect(await count()).toBe(1);
  });

  it('is counted anew where webhooks are older than the count', async () => {
    expect(await addMany(3)).toEqual(['added', 'added', 'added']);
    await forget();
    expect(await deployment.webhooks.add(webhook())).toBe('added');
    expect(await count()).toBe(4);
    await forget();
    const [one, two] = await deployment.webhooks.all(namespaceId);
    if (one === undefined || two === undefined) throw new Error('no webhooks');
    const added = addMany(2);
    const removed = Promise.all([deployment.webhooks.remove(one), deployment.webhooks.remove(two)]);
    expect([await added, await removed]).toEqual([
      ['added', 'added'],
      [true, true],
    ]);
    expect(await count()).toBe(4);
    expect(await deployment.webhooks.all(namespaceId)).toHaveLength(4);
  });
});

describe('thirty webhooks at once', () => {
  /** As DynamoDB on AWS does it, and the engine does not: of transactions on one item at once, one is carried out. */
  function conflicting(): () => void {
    let inFlight = 0;
    return intercept(deployment.world.dynamodb, 'TransactWriteItems', async (_, send) => {
      if (inFlight > 0) throw cancelled('TransactionConflict');
      inFlight += 1;
      try {
        return await send();
      } finally {
        inFlight -= 1;
      }
    });
  }

  it('are all added, one after the other', async () => {
    const undo = conflicting();
    const answers = await addMany(30);
    undo();
    expect(new Set(answers)).toEqual(new Set(['added']));
    expect(await count()).toBe(30);
  });

  it('are refused, to be tried again, where the crowd does not end', async () => {
    const undo = intercept(deployment.world.dynamodb, 'TransactWriteItems', async () => {
      throw cancelled('TransactionConflict');
    });
    const refusal = deployment.webhooks.add(webhook());
    await expect(refusal).rejects.toMatchObject({ name: 'RefusalError', code: 'conflict' });
    undo();
  });

  it.each(['ThrottlingError', 'ProvisionedThroughputExceeded'])(
    'are added once the table takes them again: %s',
    async (code) => {
      let refused = 0;
      const undo = intercept(deployment.world.dynamodb, 'TransactWriteItems', async (_, send) => {
        if (refused++ < 3) throw cancelled(code);
        return send();
      });
      expect(await deployment.webhooks.add(webhook())).toBe('added');
      undo();
      expect(refused).toBeGreaterThan(3);
    },
  );
});

function cancelled(code: string): Error {
  const CancellationReasons = [{ Code: 'None' }, { Code: 'None' }, { Code: code }];
  return new TransactionCanceledException({ message: 'Transaction cancelled', $metadata: {}, CancellationReasons });
}
