// Most first events need this part of the bundle: it is read in advance.
import './transport/sdk-eventbridge.ts';
import { type BuryDeps, buryAll } from './actions/bury.ts';
import { lambdaWorld } from './runtime/bus-world.ts';
import { deadLetterDeps } from './runtime/deps.ts';
import { readEnv } from './runtime/env.ts';
import { inAdvance } from './runtime/in-advance.ts';
import { sqsHandler } from './runtime/sqs-event.ts';

/** Behind the deliveries queue's dead-letter queue: closes what could not be handled. */
export function deadLetterHandler(deps: BuryDeps) {
  return sqsHandler((messages) =>
    buryAll(
      deps,
      messages.map(({ body }) => body),
    ),
  );
}

export const handler = await inAdvance(() => {
  const deps = deadLetterDeps(readEnv('dead-letter'), lambdaWorld());
  return {
    handle: deadLetterHandler(deps),
    rehearse: () => deps.attempts.attempt({ webhookId: 0, deliveryId: '', number: 0 }, deps.now()),
  };
});
