import { setTimeout as sleep } from 'node:timers/promises';

const BASE_MS = 25;

/** Waits before repeating a call that a service put off: 25 ms, doubled with each try, of which up to half is chance. */
export async function sleepWithJitter(tried: number): Promise<void> {
  const fullMs = BASE_MS * 2 ** tried;
  await sleep(fullMs * (0.5 + Math.random() / 2));
}
