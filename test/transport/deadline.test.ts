import { expect, test } from 'vitest';
import { deadline, orAborted } from '../../functions/transport/deadline.ts';

const LONG_MS = 60_000;
const tooLate = () => new Error('too late');
const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

test('aborts when its time has come, with its own reason', async () => {
  const { signal, clear } = deadline(1, tooLate);
  await expect(orAborted(new Promise(() => undefined), signal)).rejects.toThrow('too late');
  clear();
});

test('aborts with another signal, for the reason of that', () => {
  const other = new AbortController();
  const { signal, clear } = deadline(LONG_MS, tooLate, other.signal);
  expect(signal.aborted).toBe(false);
  other.abort(new Error('given up'));
  expect(signal.reason).toEqual(new Error('given up'));
  clear();
});

test('is over from the beginning where the other signal is', async () => {
  const { signal, clear } = deadline(LONG_MS, tooLate, AbortSignal.abort(new Error('given up')));
  expect(signal.aborted).toBe(true);
  await expect(orAborted(new Promise(() => undefined), signal)).rejects.toThrow('given up');
  clear();
});

test('leaves no timer and listens no more once it is cleared', () => {
  const before = timers();
  const other = new AbortController();
  const { signal, clear } = deadline(LONG_MS, tooLate, other.signal);
  expect(timers()).toBe(before + 1);
  clear();
  other.abort();
  expect(timers()).toBe(before);
  expect(signal.aborted).toBe(false);
});

test('is what the work comes to where that is in time', async () => {
  const { signal, clear } = deadline(LONG_MS, tooLate);
  expect(await orAborted(Promise.resolve('done'), signal)).toBe('done');
  await expect(orAborted(Promise.reject(new Error('failed')), signal)).rejects.toThrow('failed');
  clear();
});
