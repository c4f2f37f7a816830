/** How a store waits, and the chance in it: the world's own, so that a test may let time pass as it likes. */
export type Patience = { readonly sleep: (ms: number) => Promise<void>; readonly random: () => number };

const BASE_MS = 25;

/** Waits before repeating a call that a service put off: 25 ms, doubled with each try, of which up to half is chance. */
export async function sleepWithJitter({ sleep, random }: Patience, tried: number): Promise<void> {
  const fullMs = BASE_MS * 2 ** tried;
  await sleep(fullMs * (0.5 + random() / 2));
}

/** The errors, without the word "Exception", with which DynamoDB puts off what it is asked for. */
const LATER = new Set([
  'Throttling',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
  'InternalServerError',
  'TransactionConflict',
]);

/** Whether a service only puts off what it was asked for, by the name of its error. */
export function isForLater(name: string): boolean {
  return LATER.has(name.replace(/Exception$/, ''));
}
