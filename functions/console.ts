import { handle } from 'hono/aws-lambda';
import { consoleDeps } from './runtime/console-deps.ts';
import { readEnv } from './runtime/env.ts';
import { lazily } from './runtime/lazily.ts';
import { quietLambdaWorld } from './runtime/world.ts';
import { consoleApp } from './web/console/app.ts';

/** Behind the API Gateway: the pages of the web console, all of them under `/console`. */
export const handler = lazily(() => handle(consoleApp(consoleDeps(readEnv('console'), quietLambdaWorld()))));
