import { randomUUID } from 'node:crypto';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DispatchDeps, dispatch } from '../../functions/actions/dispatch.ts';
import { readMessage } from '../../functions/domain/delivery-message.ts';
import { EVENT_SENT_AGAIN_MAX_DAYS, QUEUE_MESSAGE_MAX_BYTES } from '../../functions/domain/limits.ts';
import { ingestDeps } from '../../functions/runtime/deps.ts';
import { busEvent, type Deployment, deploy } from '../support/deployment.ts';
import { intercept } from '../support/failing.ts';

let deployment: Deployment;
let deps: DispatchDeps;
/** The deliveries that the queue took, and which of those that it is given it takes. */
let taken: string[] = [];
let takes: (index: number) => boolean = () => true;

beforeAll(async () => {
  deployment = await deploy();
  for (const path of ['a', 'b', 'c']) await deployment.addWebhook({ payload_url: `http://127.0.0.1:9999/${path}` });
  const send: DispatchDeps['deliveries']['send'] = async (messages) => {
    const accepted = messages.map((_, index) => takes(index));
    taken.push(...messages.filter((_, index) => accepted[index]).map(({ body }) => body));
    return accepted;
  };
  deps = { ...ingestDeps(deployment.engines.settings, deployment.world), deliveries: { send } };
});
beforeEach(() => {
  taken = [];
  takes = () => true;
});
afterAll(() => deployment.stop());

function message(payload = '{"id":1}', id = randomUUID()) {
  return { messageId: randomUUID(), body: busEvent({ namespaceId: deployment.namespace.id, id, payload }) };
}

it('gives a message back whose deliveries the queue did not all take, says so, and then sends them all again', async () => {
  takes = (index) => index !== 1;
  const id = randomUUID();
  const [whole, cut] = [message(), message('{"id":1}', id)];
  const heard: string[] = [];
  const onHandedBack: DispatchDeps['onHandedBack'] = (events) => heard.push(...events.map((event) => event.id));
  expect(await dispatch({ ...deps, onHandedBack }, [cut, whole])).toEqual([false, true]);
  expect(heard).toEqual([id]);
  takes = () => true;
  expect(await dispatch(deps, [cut])).toEqual([true]);
  expect(new Set(taken.map((body) => readMessage(body)?.deliveryId)).size).toBe(6);
});

it('sends what the opening message could not, also when a copy of its event comes before it in the same batch', async () => {
  takes = () => false;
  const opener = message();
  const copy = { ...opener, messageId: randomUUID() };
  expect(await dispatch(deps, [opener])).toEqual([false]);
  takes = () => true;
  expect(await dispatch(deps, [copy])).toEqual([true]);
  expect(taken).toEqual([]);
  expect(await dispatch(deps, [copy, opener])).toEqual([true, true]);
  expect(taken).toHaveLength(3);
});

it('sends what the opening message could not, when that comes back from the dead letters under another id', async () => {
  takes = () => false;
  const opener = message();
  expect(await dispatch(deps, [opener])).toEqual([false]);
  takes = () => true;
  // It may have been its tenth receive: then it is a dead letter three minutes after that.
  deployment.clock.nowMs += 180_000;
  expect(await dispatch(deps, [{ ...opener, messageId: randomUUID() }])).toEqual([true]);
  expect(taken).toHaveLength(3);
});

it('sends what the opening message could not for weeks, as long as one may come back from the dead letters', async () => {
  takes = () => false;
  const opener = message();
  expect(await dispatch(deps, [opener])).toEqual([false]);
  takes = () => true;
  deployment.clock.nowMs += EVENT_SENT_AGAIN_MAX_DAYS * 24 * 3_600_000;
  expect(await dispatch(deps, [{ ...opener, messageId: randomUUID() }])).toEqual([true]);
  expect(taken).toHaveLength(3);
  deployment.clock.nowMs += 1;
  expect(await dispatch(deps, [{ ...opener, messageId: randomUUID() }, opener])).toEqual([true, true]);
  expect(taken).toHaveLength(3);
});

it('gives a message back whose event the table did not take, and sends nothing of it', async () => {
  const undo = intercept(deployment.world.dynamodb, 'BatchExecuteStatement', async (input) => {
    const { Statements } = input as { Statements: object[] };
    return { output: { Responses: Statements.map(() => ({ Error: { Code: 'ThrottlingError' } })) } };
  });
  const throttled = message();
  expect(await dispatch(deps, [throttled])).toEqual([false]);
  undo();
  expect(taken).toEqual([]);
  expect(await dispatch(deps, [throttled])).toEqual([true]);
  expect(taken).toHaveLength(3);
});

describe('a message that cannot be read', () => {
  const REASON = 'The message is not an EventBridge event in JSON';
  const REASON_BYTES = 'reason'.length + 'String'.length + REASON.length;
  const nonsense = { messageId: 'a', body: 'nonsense' };

  it('is given back where the dead-letter queue does not take it', async () => {
    const unreadable = { send: async (messages: readonly unknown[]) => messages.map(() => false) };
    expect(await dispatch({ ...deps, unreadable }, [nonsense, message()])).toEqual([false, true]);
    expect(taken).toHaveLength(3);
  });

  it('is given back where the dead-letter queue does not answer, of which we hear, and holds up no other', async () => {
    const unreadable = { send: () => Promise.reject(new Error('No answer')) };
    const heard: unknown[] = [];
    const broken = { ...deps, unreadable, onUnburied: (error: unknown) => heard.push(error) };
    expect(await dispatch(broken, [nonsense, message()])).toEqual([false, true]);
    expect(heard).toEqual([new Error('No answer')]);
    expect(taken).toHaveLength(3);
  });

  it.each([
    ['with the reason', 'where there is just room for that', REASON_BYTES],
    ['without the reason', 'where that would make it too large', REASON_BYTES - 1],
  ])('is kept %s %s', async (what, _where, room) => {
    const body = 'x'.repeat(QUEUE_MESSAGE_MAX_BYTES - room);
    expect(await dispatch(deps, [{ messageId: 'a', body }, message()])).toEqual([true, true]);
    const { world, engines } = deployment;
    const QueueUrl = engines.queueUrl('events-dead-letter');
    const { Messages = [] } = await world.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'] }),
    );
    expect(
      Messages.map(({ Body, MessageAttributes }) => [Body === body, MessageAttributes?.['reason']?.StringValue]),
    ).toEqual([[true, what === 'with the reason' ? REASON : undefined]]);
  });
});

describe('a message of several events', () => {
  const list = (...events: readonly object[]) => ({
    messageId: randomUUID(),
    body: JSON.stringify({ id: randomUUID(), 'detail-type': 'events', time: NOON, detail: { events } }),
  });
  const event = (more: object = {}) => ({
    type: 'build.finished',
    namespace_id: deployment.namespace.id,
    id: randomUUID(),
    payload: { id: 1 },
    ...more,
  });
  const deliveries = () => new Set(taken.map((body) => readMessage(body)?.deliveryId)).size;
  const NOON = '2026-11-23T12:00:00Z';

  it('is as many events', async () => {
    const [first, second] = [event(), event()];
    expect(await dispatch(deps, [list(first, second), message(), list(first)])).toEqual([true, true, true]);
    expect([taken.length, deliveries()]).toEqual([9, 9]);
  });

  it('comes again whole where one of them could not be sent, which does nothing new for the others', async () => {
    takes = (index) => index !== 4;
    const [cut, other] = [list(event(), event()), message()];
    expect(await dispatch(deps, [cut, other])).toEqual([false, true]);
    takes = () => true;
    expect(await dispatch(deps, [cut])).toEqual([true]);
    expect(deliveries()).toBe(9);
  });

  it('has one that cannot be read kept alone, with the reason, and is done once that is', async () => {
    const bad = event({ namespace_id: 'x' });
    const several = list(event(), bad, event());
    const kept: unknown[] = [];
    let isTaken = false;
    const send: DispatchDeps['unreadable']['send'] = async (messages) => {
      if (isTaken) kept.push(...messages);
      return messages.map(() => isTaken);
    };
    expect(await dispatch({ ...deps, unreadable: { send } }, [several])).toEqual([false]);
    isTaken = true;
    expect(await dispatch({ ...deps, unreadable: { send } }, [several])).toEqual([true]);
    expect(deliveries()).toBe(6);
    const alone = { ...JSON.parse(several.body), detail: { events: [bad] } };
    const attributes = { reason: 'namespace_id is neither a whole number nor null' };
    expect(kept).toEqual([{ body: JSON.stringify(alone), attributes }]);
  });

  it('has one that cannot be read kept once, however often the others are tried', async () => {
    const kept: unknown[] = [];
    const send: DispatchDeps['unreadable']['send'] = async (messages) => {
      kept.push(...messages);
      return messages.map(() => true);
    };
    const several = list(event(), {});
    takes = () => false;
    expect(await dispatch({ ...deps, unreadable: { send } }, [several])).toEqual([false]);
    expect(kept).toEqual([]);
    takes = () => true;
    expect(await dispatch({ ...deps, unreadable: { send } }, [several])).toEqual([true]);
    expect(kept).toHaveLength(1);
  });
});

it('keeps the first payload of an event, however large, when another comes under its id', async () => {
  const id = randomUUID();
  const [first, second] = [large(), large()];
  await dispatch(deps, [message(first, id)]);
  await dispatch(deps, [message(second, id)]);
  const key = { namespaceId: deployment.namespace.id, id, createdAt: '2026-11-23T11:59:59.000Z' };
  expect(Buffer.from((await deployment.events.payload(key)) ?? []).toString() === first).toBe(true);
});

/** A payload that takes several items of the table. */
function large(): string {
  const random = Array.from({ length: 20_000 }, () => randomUUID());
  return JSON.stringify({ random });
}
