import { consoleDeps } from './runtime/console-deps.ts';
import { readEnv } from './runtime/env.ts';
import { inAdvance } from './runtime/in-advance.ts';
import { webHandler } from './runtime/web-handler.ts';
import { quietLambdaWorld } from './runtime/world.ts';
import { consoleApp } from './web/console/app.ts';

/** Behind the API Gateway: the pages of the web console, all of them under `/console`. */
export const handler = inAdvance(() => webHandler(consoleApp(consoleDeps(readEnv('console'), quietLambdaWorld()))));
