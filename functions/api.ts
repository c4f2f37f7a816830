import { lambdaWorld } from './runtime/bus-world.ts';
import { readEnv } from './runtime/env.ts';
import { gatewayHandler } from './runtime/gateway.ts';
import { inAdvance } from './runtime/in-advance.ts';
import { apiDeps } from './runtime/web-deps.ts';
import { webApp } from './web/app.ts';

/** Behind the API Gateway: the REST API. */
export const handler = await inAdvance(() => {
  const deps = apiDeps(readEnv('api'), lambdaWorld());
  const app = webApp(deps);
  return {
    handle: gatewayHandler(app),
    rehearse: () => Promise.all([deps.tokens.find(''), app.request('/events')]),
  };
});
