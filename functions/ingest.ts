// Most first events need this part of the bundle: it is read in advance.
import './transport/sdk-sqs.ts';
import { type DispatchDeps, dispatch } from './actions/dispatch.ts';
import { ingestDeps } from './runtime/deps.ts';
import { readEnv } from './runtime/env.ts';
import { inAdvance } from './runtime/in-advance.ts';
import { sqsHandler } from './runtime/sqs-event.ts';
import { quietLambdaWorld } from './runtime/world.ts';

/** Behind the events queue: opens each event and sends its deliveries. */
export function ingestHandler(deps: DispatchDeps) {
  return sqsHandler((messages) => dispatch(deps, messages));
}

export const handler = await inAdvance(() => {
  const deps = ingestDeps(readEnv('ingest'), quietLambdaWorld());
  return { handle: ingestHandler(deps), rehearse: () => deps.webhooks.all(0) };
});
