import { type ReleaseDeps, releaseHeld } from './actions/release.ts';
import { type RetryDeps, sendDue } from './actions/retry.ts';
import { retryDeps } from './runtime/deps.ts';
import { readEnv } from './runtime/env.ts';
import { inAdvance } from './runtime/in-advance.ts';
import { quietLambdaWorld } from './runtime/world.ts';

/** On a schedule, every minute: sends the attempts that are due, and releases what is held no longer. */
export function retryHandler(deps: RetryDeps & ReleaseDeps) {
  return async (_event: unknown): Promise<{ readonly sent: number; readonly released: number }> => {
    const [due, held] = await Promise.allSettled([sendDue(deps), releaseHeld(deps)]);
    if (due.status === 'rejected') throw due.reason;
    if (held.status === 'rejected') throw held.reason;
    return { sent: due.value, released: held.value };
  };
}

export const handler = await inAdvance(() => {
  const deps = retryDeps(readEnv('retry'), quietLambdaWorld());
  return { handle: retryHandler(deps), rehearse: () => deps.webhooks.get(0, 0) };
});
