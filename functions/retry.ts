import { type RetryDeps, sendDue } from './actions/retry.ts';
import { lambdaWorld, retryDeps } from './runtime/deps.ts';
import { readEnv } from './runtime/env.ts';
import { lazily } from './runtime/lazily.ts';

/** On a schedule, every minute: sends the attempts that are due. */
export function retryHandler(deps: RetryDeps) {
  return async (_event: unknown): Promise<{ readonly sent: number }> => ({ sent: await sendDue(deps) });
}

export const handler = lazily(() => retryHandler(retryDeps(readEnv('retry'), lambdaWorld())));
