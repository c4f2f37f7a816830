import { lambdaWorld } from './runtime/bus-world.ts';
import { apiDeps } from './runtime/deps.ts';
import { readEnv } from './runtime/env.ts';
import { gatewayHandler } from './runtime/gateway-event.ts';
import { lazily } from './runtime/lazily.ts';
import { webApp } from './web/app.ts';

/** Behind the API Gateway: the REST API. */
export const handler = lazily(() => gatewayHandler(webApp(apiDeps(readEnv('api'), lambdaWorld()))));
