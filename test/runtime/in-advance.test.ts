import { afterEach, describe, expect, it, vi } from 'vitest';
import { inAdvance, type Made } from '../../functions/runtime/in-advance.ts';
import { log } from '../../functions/runtime/log.ts';

const NO_SETTINGS = () => {
  throw new Error('no settings');
};
const NOTHING = async () => undefined;
const MADE = () => ({ handle: async () => 'made', rehearse: NOTHING });

afterEach(() => vi.restoreAllMocks());

/** A factory that does in turn what is given, and makes a handler from then on. */
function factory(...turns: (() => Made<[], string>)[]) {
  const make = vi.fn<() => Made<[], string>>(MADE);
  for (const turn of turns) make.mockImplementationOnce(turn);
  return make;
}

it('makes the handler before the first event, once, and hands every event on to it', async () => {
  const make = vi.fn(() => ({ handle: async (left: number, right: string) => `${left}${right}`, rehearse: NOTHING }));
  const handler = await inAdvance(make);
  expect(make).toHaveBeenCalledTimes(1);
  // At once, as Lambda never does, but a local runner may.
  expect(await Promise.all([handler(1, 'a'), handler(2, 'b')])).toEqual(['1a', '2b']);
  expect(await handler(3, 'c')).toBe('3c');
  expect(make).toHaveBeenCalledTimes(1);
});

it('may be imported where it cannot be made: the first event makes it anew', async () => {
  const make = factory(NO_SETTINGS);
  const handler = await inAdvance(make);
  expect([await handler(), await handler()]).toEqual(['made', 'made']);
  expect(make).toHaveBeenCalledTimes(2);
});

it('rejects an event with which the making fails, and makes it anew with the next', async () => {
  const handler = await inAdvance(factory(NO_SETTINGS, NO_SETTINGS));
  await expect(handler()).rejects.toThrow('no settings');
  expect(await handler()).toBe('made');
});

it('keeps a handler that fails', async () => {
  const make = vi.fn(() => ({ handle: async () => Promise.reject(new Error('this event')), rehearse: NOTHING }));
  const handler = await inAdvance(make);
  await expect(handler()).rejects.toThrow('this event');
  await expect(handler()).rejects.toThrow('this event');
  expect(make).toHaveBeenCalledTimes(1);
});

describe('a rehearsal', () => {
  it('is over before the handler takes events, and is not repeated', async () => {
    const order: string[] = [];
    const rehearse = async () => {
      await Promise.resolve();
      order.push('rehearsed');
    };
    const handle = async () => {
      order.push('event');
    };
    const handler = await inAdvance(() => ({ handle, rehearse }));
    await handler();
    await handler();
    expect(order).toEqual(['rehearsed', 'event', 'event']);
  });

  it('that fails is logged, and changes nothing for events', async () => {
    const warn = vi.spyOn(log, 'warn').mockImplementation(() => undefined);
    const error = new Error('The table is away');
    const handler = await inAdvance(() => ({ ...MADE(), rehearse: () => Promise.reject(error) }));
    expect(warn).toHaveBeenCalledExactlyOnceWith(expect.any(String), { error });
    expect(await handler()).toBe('made');
  });

  it('that takes long is left alone', async () => {
    const handler = await inAdvance(() => ({ ...MADE(), rehearse: () => new Promise(() => undefined) }), {
      rehearsalMs: 1,
    });
    expect(await handler()).toBe('made');
  });
});
