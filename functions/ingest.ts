import { type DispatchDeps, dispatch } from './actions/dispatch.ts';
import { ingestDeps } from './runtime/deps.ts';
import { readEnv } from './runtime/env.ts';
import { lazily } from './runtime/lazily.ts';
import { sqsHandler } from './runtime/sqs-event.ts';
import { quietLambdaWorld } from './runtime/world.ts';

/** Behind the events queue: opens each event and sends its deliveries. */
export function ingestHandler(deps: DispatchDeps) {
  return sqsHandler((messages) => dispatch(deps, messages));
}

export const handler = lazily(() => ingestHandler(ingestDeps(readEnv('ingest'), quietLambdaWorld())));
