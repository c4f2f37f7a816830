import { expect, it, vi } from 'vitest';
import { lazily } from '../../functions/runtime/lazily.ts';

it('makes nothing before the first event', () => {
  const make = vi.fn();
  lazily(make);
  expect(make).not.toHaveBeenCalled();
});

it('makes the handler once, and hands every event on to it', async () => {
  const make = vi.fn(() => async (left: number, right: string) => `${left}${right}`);
  const handler = lazily(make);
  // At once, as Lambda never does, but a local runner may.
  expect(await Promise.all([handler(1, 'a'), handler(2, 'b')])).toEqual(['1a', '2b']);
  expect(await handler(3, 'c')).toBe('3c');
  expect(make).toHaveBeenCalledTimes(1);
});

it('rejects where the making fails, and makes it anew with the next event', async () => {
  const make = vi
    .fn<() => () => Promise<string>>()
    .mockImplementationOnce(() => {
      throw new Error('no settings');
    })
    .mockImplementation(() => async () => 'made');
  const handler = lazily(make);
  await expect(handler()).rejects.toThrow('no settings');
  expect(await handler()).toBe('made');
  expect(await handler()).toBe('made');
  expect(make).toHaveBeenCalledTimes(2);
});

it('keeps a handler that fails', async () => {
  const make = vi.fn(() => async () => Promise.reject(new Error('this event')));
  const handler = lazily(make);
  await expect(handler()).rejects.toThrow('this event');
  await expect(handler()).rejects.toThrow('this event');
  expect(make).toHaveBeenCalledTimes(1);
});
