/** How a store waits, and the chance in it: the world's own, so that a test may let time pass as it likes. */
export type Patience = { readonly sleep: (ms: number) => Promise<void>; readonly random: () => number };

const BASE_MS = 25;

/** Waits before repeating a call that a service put off: 25 ms, doubled with each try, of which up to half is chance. */
export async function sleepWithJitter({ sleep, random }: Patience, tried: number): Promise<void> {
  const fullMs = BASE_MS * 2 ** tried;
  await sleep(fullMs * (0.5 + random() / 2));
}
