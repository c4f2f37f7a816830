import { expect, it } from 'vitest';
import { lateClient } from '../../functions/runtime/late-client.ts';

function counted() {
  const seen: unknown[] = [];
  const client = {
    send: async (command: string) => seen.push(command),
    destroy: () => void seen.push('destroyed'),
  };
  let times = 0;
  const late = lateClient(async () => {
    times += 1;
    return client;
  });
  return { late, seen, times: () => times };
}

it('a client is made with the first command, and once', async () => {
  const { late, seen, times } = counted();
  expect(times()).toBe(0);
  await Promise.all([late.send('one'), late.send('two')]);
  expect([times(), seen]).toEqual([1, ['one', 'two']]);
});

it('a client that was never asked is not made to be destroyed', async () => {
  const { late, seen, times } = counted();
  late.destroy();
  expect([times(), seen]).toEqual([0, []]);
  await late.send('one');
  late.destroy();
  await Promise.resolve();
  expect(seen).toEqual(['one', 'destroyed']);
});

it('a client that could not be made is made again with the next command', async () => {
  let times = 0;
  const late = lateClient(async () => {
    times += 1;
    if (times === 1) throw new Error('not yet');
    return { send: async () => 'sent', destroy: () => undefined };
  });
  await expect(late.send()).rejects.toThrow('not yet');
  expect(await late.send()).toBe('sent');
});
