import { type RecoverDeps, recoverDue } from './actions/recover.ts';
import { recoverDeps } from './runtime/deps.ts';
import { readEnv } from './runtime/env.ts';
import { inAdvance } from './runtime/in-advance.ts';
import { quietLambdaWorld } from './runtime/world.ts';

/** On a schedule, every minute: goes on with the recoveries that run. */
export function recoverHandler(deps: RecoverDeps) {
  return async (_event: unknown): Promise<{ readonly redelivered: number }> => ({
    redelivered: await recoverDue(deps),
  });
}

export const handler = await inAdvance(() => {
  const deps = recoverDeps(readEnv('recover'), quietLambdaWorld());
  return { handle: recoverHandler(deps), rehearse: () => deps.webhooks.get(0, 0) };
});
