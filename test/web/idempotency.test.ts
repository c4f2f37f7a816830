import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { intercept } from '../support/failing.ts';
import { read } from './api.ts';
import { type Intake, openIntake } from './intake.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

let intake: Intake;

beforeAll(async () => {
  intake = await openIntake();
});
afterEach(async () => {
  expect(intake.api.bugs.splice(0)).toEqual([]);
  await intake.deliverAll();
});
afterAll(() => intake.stop());

/** A failure of the bus or the table is a 500 whose cause goes to the operator alone. */
async function expectOurFault(answer: Promise<Response>, cause: RegExp): Promise<void> {
  expect(await read(answer, 500)).toEqual({
    message: expect.stringMatching(/^Something went wrong on our side. Please try again/),
  });
  expect(intake.api.bugs.splice(0).map(({ message }) => message)).toEqual([expect.stringMatching(cause)]);
}

describe('an Idempotency-Key', () => {
  it('makes of a request and its repetitions one event, with one answer', async () => {
    const first = await read(intake.sendOnce('repeated'), 202);
    intake.api.clock.nowMs += 1_000;
    expect(await read(intake.sendOnce('repeated'), 202)).toEqual(first);
    expect((await intake.onBus()).map(({ detail }) => detail['id'])).toEqual([first['id'], first['id']]);
    expect(await intake.deliverAll()).toHaveLength(1);
    expect(await read(intake.sendOnce('repeated'), 202)).toEqual(first);
    expect(await intake.deliverAll()).toEqual([]);
  });

  it('is a user’s own', async () => {
    const first = await read(intake.sendOnce('own'), 202);
    const other = await read(intake.sendOnce('own', intake.eventBody(), intake.tokens.collaborator), 202);
    expect(other['id']).not.toBe(first['id']);
  });

  it('is refused with 422 for another body, which sends nothing', async () => {
    await read(intake.sendOnce('reused'), 202);
    await intake.deliverAll();
    expect(await read(intake.sendOnce('reused', intake.eventBody({ payload: {} })), 422)).toEqual({
      message: 'This Idempotency-Key came with another body before. Send a new event with a new key',
    });
    expect(await intake.onBus()).toEqual([]);
  });

  it('is good for a day', async () => {
    const first = await read(intake.sendOnce('day'), 202);
    intake.api.clock.nowMs += DAY_MS + 1_000;
    expect((await read(intake.sendOnce('day', intake.eventBody({ payload: {} })), 202))['id']).not.toBe(first['id']);
  });

  it('makes of many requests at once one event', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => read(intake.sendOnce('at-once'), 202)));
    expect(new Set(answers.map(({ id, created_at }) => `${id} ${created_at}`)).size).toBe(1);
    expect(await intake.deliverAll()).toHaveLength(1);
  });

  it('lets one of two bodies at once through', async () => {
    const bodies = [intake.eventBody({ payload: { n: 1 } }), intake.eventBody({ payload: { n: 2 } })];
    const answers = await Promise.all(bodies.map((body) => intake.sendOnce('two-bodies', body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 422]);
    expect(await intake.deliverAll()).toHaveLength(1);
  });
});

describe('what fails on our side', () => {
  const cut = async () => {
    throw new Error('The line is cut');
  };

  it('between the key and the bus is healed by the repetition: the same event, once', async () => {
    const undo = intercept(intake.api.world.eventbridge, 'PutEvents', cut);
    await expectOurFault(intake.sendOnce('crash').finally(undo), /The line is cut/);
    expect(await intake.onBus()).toEqual([]);
    const createdAt = new Date(intake.api.clock.nowMs).toISOString();
    intake.api.clock.nowMs += 60_000;
    expect(await read(intake.sendOnce('crash'), 202)).toMatchObject({ created_at: createdAt });
    expect(await intake.deliverAll()).toHaveLength(1);
  });

  it('after the bus, when the answer is lost, is healed by the repetition', async () => {
    const undo = intercept(intake.api.world.eventbridge, 'PutEvents', async (_, put) => {
      await put();
      throw new Error('The answer is lost');
    });
    await expectOurFault(intake.sendOnce('lost').finally(undo), /The answer is lost/);
    await read(intake.sendOnce('lost'), 202);
    expect(await intake.deliverAll()).toHaveLength(1);
  });

  it('where the bus refuses, in an answer of 200, is no success', async () => {
    const refusal = { FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure', ErrorMessage: 'No.' }] };
    const undo = intercept(intake.api.world.eventbridge, 'PutEvents', async () => ({ output: refusal }));
    await expectOurFault(intake.send(intake.eventBody()).finally(undo), /^InternalFailure: No\.$/);
    expect(await intake.onBus()).toEqual([]);
  });

  it('where the key cannot be kept sends nothing', async () => {
    const undo = intercept(intake.api.world.dynamodb, 'PutItem', cut);
    await expectOurFault(intake.sendOnce('unkept').finally(undo), /The line is cut/);
    expect(await intake.onBus()).toEqual([]);
  });
});
