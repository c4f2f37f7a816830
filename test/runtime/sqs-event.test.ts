import { expect, it } from 'vitest';
import { type SqsEvent, type SqsRecord, sqsHandler } from '../../functions/runtime/sqs-event.ts';

function batch(...bodies: readonly string[]): SqsEvent {
  return { Records: bodies.map((body, index) => ({ messageId: `m${index}`, body })) };
}

it('hands the messages over in their order, each under its own id', async () => {
  const seen: SqsRecord[] = [];
  const handler = sqsHandler(async (messages) => {
    seen.push(...messages);
    return messages.map(() => true);
  });
  await handler(batch('a', 'b', 'a'));
  expect(seen.map(({ messageId, body }) => [messageId, body])).toEqual([
    ['m0', 'a'],
    ['m1', 'b'],
    ['m2', 'a'],
  ]);
});

it.each([
  ['all are done', [true, true, true], []],
  ['none is done', [false, false, false], ['m0', 'm1', 'm2']],
  ['one is not', [true, false, true], ['m1']],
  ['nothing is said of the last', [true, true], ['m2']],
])('gives back what is not done: %s', async (_what, done, failed) => {
  const handler = sqsHandler(async () => done);
  const batchItemFailures = failed.map((itemIdentifier) => ({ itemIdentifier }));
  expect(await handler(batch('same', 'same', 'same'))).toEqual({ batchItemFailures });
});

it('fails for the whole batch where the action fails, so that Lambda gives all of it back', async () => {
  const handler = sqsHandler(async () => Promise.reject(new Error('the table is away')));
  await expect(handler(batch('a', 'b'))).rejects.toThrow('the table is away');
});

it('bears an empty batch', async () => {
  expect(await sqsHandler(async () => [])(batch())).toEqual({ batchItemFailures: [] });
});
