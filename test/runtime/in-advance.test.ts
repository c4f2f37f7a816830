import { expect, it, vi } from 'vitest';
import { inAdvance } from '../../functions/runtime/in-advance.ts';

const NO_SETTINGS = () => {
  throw new Error('no settings');
};

it('makes the handler before the first event, once, and hands every event on to it', async () => {
  const make = vi.fn(() => async (left: number, right: string) => `${left}${right}`);
  const handler = inAdvance(make);
  expect(make).toHaveBeenCalledTimes(1);
  // At once, as Lambda never does, but a local runner may.
  expect(await Promise.all([handler(1, 'a'), handler(2, 'b')])).toEqual(['1a', '2b']);
  expect(await handler(3, 'c')).toBe('3c');
  expect(make).toHaveBeenCalledTimes(1);
});

it('may be imported where it cannot be made: the first event makes it anew', async () => {
  const make = vi
    .fn<() => () => Promise<string>>()
    .mockImplementationOnce(NO_SETTINGS)
    .mockImplementation(() => async () => 'made');
  const handler = inAdvance(make);
  expect(await handler()).toBe('made');
  expect(await handler()).toBe('made');
  expect(make).toHaveBeenCalledTimes(2);
});

it('rejects each event while the making fails', async () => {
  const make = vi
    .fn<() => () => Promise<string>>()
    .mockImplementationOnce(NO_SETTINGS)
    .mockImplementationOnce(NO_SETTINGS)
    .mockImplementation(() => async () => 'made');
  const handler = inAdvance(make);
  await expect(handler()).rejects.toThrow('no settings');
  expect(await handler()).toBe('made');
});

it('keeps a handler that fails', async () => {
  const make = vi.fn(() => async () => Promise.reject(new Error('this event')));
  const handler = inAdvance(make);
  await expect(handler()).rejects.toThrow('this event');
  await expect(handler()).rejects.toThrow('this event');
  expect(make).toHaveBeenCalledTimes(1);
});
