import { Resolver } from 'node:dns/promises';

/** All addresses of a host, IPv4 first. Rejects where there are none, or when `signal` aborts. */
export type Resolve = (hostname: string, signal: AbortSignal) => Promise<readonly string[]>;

/** Of two tries, the second one waits twice as long: well within the deadline for the name (`RESOLVE_DEADLINE_MS`). */
const QUESTION = { timeout: 1_000, tries: 2 };

/**
 * Asks DNS for both families. By a resolver of its own and not by `dns.lookup`, which shares four threads with everything
 * else in the process and cannot be cancelled: one slow name server would stall every delivery.
 */
export const resolveByDns: Resolve = async (hostname, signal) => {
  const resolver = new Resolver(QUESTION);
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel);
  const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  signal.removeEventListener('abort', cancel);
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  const refusal = answers.find((answer) => answer.status === 'rejected');
  if (addresses.length === 0 && refusal !== undefined) throw refusal.reason;
  return addresses;
};
