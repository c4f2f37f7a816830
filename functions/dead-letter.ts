import { type BuryDeps, buryAll } from './actions/bury.ts';
import { lambdaWorld } from './runtime/bus-world.ts';
import { deadLetterDeps } from './runtime/deps.ts';
import { readEnv } from './runtime/env.ts';
import { lazily } from './runtime/lazily.ts';
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

export const handler = lazily(() => deadLetterHandler(deadLetterDeps(readEnv('dead-letter'), lambdaWorld())));
