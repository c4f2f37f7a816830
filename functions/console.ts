import { consoleDeps } from './runtime/console-deps.ts';
import { readEnv } from './runtime/env.ts';
import { gatewayHandler } from './runtime/gateway.ts';
import { inAdvance } from './runtime/in-advance.ts';
import { quietLambdaWorld } from './runtime/world.ts';
import { consoleApp } from './web/console/app.ts';

/** Behind the API Gateway: the pages of the web console, all of them under `/console`. */
export const handler = await inAdvance(() => {
  const deps = consoleDeps(readEnv('console'), quietLambdaWorld());
  const app = consoleApp(deps);
  return {
    handle: gatewayHandler(app),
    rehearse: () => Promise.all([deps.sessions.find(''), app.request('/console/sign-in')]),
  };
});
