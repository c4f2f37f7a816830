import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';

const SCRIPT = `
  import { untilSignal } from ${JSON.stringify(new URL('../../infra/signals.ts', import.meta.url).href)};
  const signal = untilSignal('SIGINT', 'SIGTERM');
  const life = setInterval(() => undefined, 1000);
  console.log('listening');
  await signal;
  console.log('stopping');
  setTimeout(() => clearInterval(life), 1500);
`;

/** A process that takes a second and a half to stop, and what became of it. */
async function listening(): Promise<{ readonly child: ChildProcess; readonly end: Promise<unknown> }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', SCRIPT], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const end = once(child, 'exit');
  await once(child.stdout, 'data');
  return { child, end };
}

it('a signal that comes at once again is the same one: the process finishes what it does', async () => {
  const { child, end } = await listening();
  for (const signal of ['SIGINT', 'SIGINT', 'SIGTERM'] as const) {
    child.kill(signal);
    await sleep(30);
  }
  expect(await end).toEqual([0, null]);
});

it.each(['SIGINT', 'SIGTERM'] as const)('one that comes later ends the process as it stands: %s', async (signal) => {
  const { child, end } = await listening();
  child.kill('SIGINT');
  await sleep(900);
  child.kill(signal);
  expect(await end).toEqual([null, signal]);
});
