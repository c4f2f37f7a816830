// Most first events need this part of the bundle: it is read in advance.
import './transport/sdk-kms.ts';
import { type AttemptDeps, attemptAll } from './actions/attempt.ts';
import { readMessage } from './domain/delivery-message.ts';
import { lambdaWorld } from './runtime/bus-world.ts';
import { deliverDeps } from './runtime/deps.ts';
import { readEnv } from './runtime/env.ts';
import { inAdvance } from './runtime/in-advance.ts';
import { countInLog } from './runtime/metrics.ts';
import { sqsHandler } from './runtime/sqs-event.ts';

/** Behind the deliveries queue: makes each message's attempt. What is no message of ours goes back, and so to the DLQ. */
export function deliverHandler(deps: AttemptDeps) {
  return sqsHandler(async (messages) => {
    const keys = messages.map(({ body }) => readMessage(body));
    const known = keys.filter((key) => key !== undefined);
    const isDone = await attemptAll(deps, known);
    return keys.map((key) => key !== undefined && (isDone[known.indexOf(key)] ?? false));
  });
}

export const handler = await inAdvance(() => {
  const deps = { ...deliverDeps(readEnv('deliver'), lambdaWorld()), onTrouble: countInLog };
  return { handle: deliverHandler(deps), rehearse: () => deps.webhooks.get(0, 0) };
});
