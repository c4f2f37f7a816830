import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until a condition holds. Throws, with what was waited for, where it does not within `withinMs`. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 90_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Waited in vain until ${what}`);
    await sleep(20);
  }
}
